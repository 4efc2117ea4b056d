# SPDX-License-Identifier: MIT
"""What the checks have in common: which files there are, and how to report."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ["include", "src", "tools", "tests", "examples", "bench", "fuzz"]
C = (".c", ".h", ".S")


def files(*suffixes, under=CODE):
    """Our files with these suffixes, in order."""
    return sorted(
        path
        for folder in under
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes and path.is_file())


def short(path):
    return str(path.relative_to(ROOT))


def functions(path):
    """Name, line and body of each function. Formatted as our code is, a
    function's braces, and nobody else's, are alone in the first column."""
    lines = path.read_text().splitlines()
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line == "}" and start is not None:
            yield name_above(lines, start), start + 1, lines[start + 1:i]
            start = None


def name_above(lines, brace):
    """The name of the function whose body begins at this line."""
    for line in reversed(lines[:brace]):
        found = re.match(r"(?:\w[\w\s*]*?)?\b(\w+)\(", line)
        if found:
            return found[1]
    return "?"


class Check:
    def __init__(self, name):
        self.name = name
        self.problems = 0

    def wrong(self, path, line, what):
        self.problems += 1
        print(f"{short(path)}:{line}: {what}")

    def close(self):
        if self.problems:
            print(f"lint: {self.name} FAILED ({self.problems})")
            sys.exit(1)
        print(f"lint: {self.name} ok")
