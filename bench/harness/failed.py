# SPDX-License-Identifier: MIT
"""A program that did not do what it should, and what programs print."""


class Failed(Exception):
    """A program did not print figures; says why."""


def last_words(text):
    """The last line that a program has written about its failure."""
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"


def figures(text):
    """{measure: (unit, value)} of what a program has printed."""
    return dict(parse(line) for line in text.splitlines()
                if line.startswith("measure="))


def parse(line):
    fields = dict(field.split("=", 1) for field in line.split())
    return fields["measure"], (fields["unit"], float(fields["value"]))
