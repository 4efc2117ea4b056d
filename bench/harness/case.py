# SPDX-License-Identifier: MIT
"""What a measure is made of."""

import dataclasses


@dataclasses.dataclass
class Goal:
    """At most so much; or, with of, so many times the best of those
    contenders' figures."""

    limit: float
    of: tuple = ()
    named: str = ""  # what they are called together

    def limit_for(self, results):
        """The goal as a figure, or None if what it refers to is missing."""
        if not self.of:
            return self.limit
        others = [results[name]["median"] for name in self.of
                  if name in results]
        return self.limit * min(others) if others else None

    def __str__(self):
        if not self.of:
            return f"<= {self.limit:g}"
        named = self.named or self.of[0]
        return f"<= {named}" if self.limit == 1 else \
            f"<= {self.limit:g} x {named}"


@dataclasses.dataclass
class Row:
    """One figure: the programs print it as measure."""

    measure: str
    title: str
    goal: Goal | None = None


@dataclasses.dataclass
class Case:
    """One program to run with these arguments. args_of replaces them for some
    contenders; only, if not empty, names those that take part. With load, the
    program is a server: load is what is asked of it, and args come after the
    port. With against, it is a
    client: against names the contender and the program that serve it, whose
    port is the last argument. With ground, its first argument is a directory:
    see ground.py."""

    name: str
    program: str
    args: list
    rows: list
    title: str = ""
    args_of: dict = dataclasses.field(default_factory=dict)
    only: tuple = ()
    series: tuple = ()  # (name of the plot, number of tasks)
    huge: bool = False  # not with --quick
    quick: bool = True  # with --quick
    quick_args: tuple = ()  # more arguments with --quick
    load: tuple = ()
    asked: str = ""  # what the load asks for, if not what the program is called
    rounds: int = 0  # no more of them: for what is the same each time
    against: tuple = ()
    group: str = ""  # the table that it belongs to; "": see measures.py
    ground: str = ""
    both: bool = False  # it runs on both cores
    counted: str = ""  # how --instructions runs it: see instructions.py


def count(n):
    """1000 -> 1k."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if n >= size:
            return f"{n // size}{letter}"
    return str(n)
