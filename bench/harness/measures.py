# SPDX-License-Identifier: MIT
"""What is measured, what the goals are, and whether they were met.

A case is one program with its arguments, the same for all contenders; the
lines that it prints become rows of the table. To add a measure, write the
program for Simul and for its peers and add a case here.
"""

import dataclasses
import statistics


class UnknownName(Exception):
    """A name on the command line that no case has."""


@dataclasses.dataclass
class Goal:
    """At most so much; or, with of, so many times that contender's figure."""

    limit: float
    of: str = ""

    def limit_for(self, results):
        """The goal as a figure, or None if what it refers to is missing."""
        if not self.of:
            return self.limit
        other = results.get(self.of)
        return self.limit * other["median"] if other else None

    def __str__(self):
        return f"<= {self.limit:g}" + (f" x {self.of}" if self.of else "")


@dataclasses.dataclass
class Row:
    """One line of the table: the programs print it as measure."""

    measure: str
    title: str
    goal: Goal | None = None


@dataclasses.dataclass
class Case:
    """One program to run with these arguments. args_of replaces them for some
    contenders; only, if not empty, names those that take part."""

    name: str
    program: str
    args: list
    rows: list
    args_of: dict = dataclasses.field(default_factory=dict)
    only: tuple = ()
    series: tuple = ()  # (name of the plot, number of tasks)
    huge: bool = False  # not with --quick
    quick_args: tuple = ()  # more arguments with --quick


def count(n):
    """1000 -> 1k."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if n >= size:
            return f"{n // size}{letter}"
    return str(n)


def random_case(n):
    goal = Goal(1.3, of="floor") if n >= 100_000 else None
    return Case(f"random-{count(n)}", "random", [n],
                [Row("random", f"resume in random order, {count(n)} tasks",
                     goal)],
                series=("random", n), huge=n >= 1_000_000,
                quick_args=(300_000,))


def growth_case(n):
    return Case(f"growth-{count(n)}", "growth", [n],
                [Row("growth", f"a task's whole life, {count(n)} at a time")],
                series=("growth", n), huge=n >= 1_000_000)


def sleepers_case(name, n, seconds, stack, goals):
    what = f"{count(n)} sleepers" + (f", {stack // 1024} KiB stacks"
                                     if stack else "")
    args = [n, seconds] + ([stack] if stack else [])
    return Case(name, "sleepers", args, [
        Row("sleepers", f"{what}: time over the sleep", goals.get("time")),
        Row("memory", f"{what}: memory", goals.get("memory")),
        Row("rss", "  of which pages (VmRSS)"),
        Row("page_tables", "  of which page tables (VmPTE)"),
    ], only=("simul", "floor") if stack else (), huge=n >= 1_000_000)


CASES = [
    Case("switch", "switch", [],
         [Row("switch", "switch between two tasks, one way", Goal(8))]),
    Case("create-await", "create", ["await"],
         [Row("create_await", "create a task and await it", Goal(26))]),
    Case("create-gather", "create", ["gather"],
         [Row("create_gather", "create 1000 and gather them, per task")]),
    Case("queue-unlimited", "queue", ["unlimited"],
         [Row("queue", "queue hand-over, one way", Goal(30))]),
    Case("queue-one", "queue", ["one"],
         [Row("queue", "queue hand-over, capacity 1", Goal(30))]),
    Case("timer-at", "timer", ["at"],
         [Row("timer", "timer set and cancelled, 1M pending", Goal(10))],
         args_of={"floor": ["wheel"], "heap": ["heap"]}),
    Case("timer-clock", "timer", ["clock"],
         [Row("timer", "timer set and cancelled, by the clock")],
         only=("simul", "go", "tokio", "asyncio", "uvloop")),
    *[random_case(n) for n in (1_000, 10_000, 100_000, 1_000_000)],
    *[growth_case(10**k) for k in range(7)],
    sleepers_case("sleepers-1M", 1_000_000, 10, 0,
                  {"time": Goal(4), "memory": Goal(4700)}),
    sleepers_case("sleepers-1M-64k", 1_000_000, 10, 65536,
                  {"time": Goal(4), "memory": Goal(4300)}),
    # In place of the two above with --quick.
    sleepers_case("sleepers-100k", 100_000, 1, 0, {}),
]

QUICK_ONLY = ("sleepers-100k",)

# The growth goal: cost per item flat within this factor, to the cache's limit.
# 10k tasks touch some 700 bytes each: more than the second level holds, less
# than the third. Beyond that it is the memory that is measured.
FLAT_WITHIN = 1.5
FLAT_UP_TO = 10_000


def meant_by(name):
    """The cases of this name, or else those whose names begin with it."""
    cases = ([case for case in CASES if case.name == name]
             or [case for case in CASES if case.name.startswith(name)])
    if not cases:
        raise UnknownName(f"no measure is called {name}")
    return cases


def choose(names, quick):
    """The cases that these words of the command line mean; all, if none."""
    meant = [case for name in names for case in meant_by(name)]
    chosen = [case for case in CASES if case in meant or not names]
    if quick:
        return [dataclasses.replace(case, args=[*case.args, *case.quick_args])
                for case in chosen if not case.huge]
    return [case for case in chosen
            if case.name not in QUICK_ONLY or case.name in names]


def left_out_by_quick(names, quick):
    if not quick:
        return []
    return [f"{case.name}: not with --quick" for case in choose(names, False)
            if case.huge]


def summary(values):
    return {"median": statistics.median(values), "low": min(values),
            "high": max(values), "samples": values}


def judge(cases, samples):
    """Rows of results: medians, ranges, ratios, and goals met or missed.
    samples is {(case name, measure): {contender: {"unit", "values"}}}."""
    rows = []
    for case in cases:
        for row in case.rows:
            taken = samples.get((case.name, row.measure), {})
            if taken:
                rows.append(judge_row(case, row, taken))
    return rows


def judge_row(case, row, taken):
    results = {name: summary(sample["values"])
               for name, sample in taken.items()}
    ours = results.get("simul")
    for result in results.values():
        if ours and result is not ours and result["median"]:
            result["ratio"] = ours["median"] / result["median"]
    judged = {
        "case": case.name,
        "measure": row.measure,
        "title": row.title,
        "unit": next(iter(taken.values()))["unit"],
        "series": list(case.series),
        "results": results,
        "goal": str(row.goal) if row.goal else "",
        "over": None,
    }
    limit = row.goal.limit_for(results) if row.goal else None
    if ours and limit:
        judged["over"] = ours["median"] / limit - 1
    return judged


def judge_flatness(cases, samples):
    """For each contender, highest over lowest cost per task up to FLAT_UP_TO
    tasks; empty unless the whole row of them was measured."""
    wanted = [case for case in cases
              if case.program == "growth" and case.series[1] <= FLAT_UP_TO]
    medians = {}
    for case in wanted:
        for name, sample in samples.get((case.name, "growth"), {}).items():
            medians.setdefault(name, []).append(
                statistics.median(sample["values"]))
    return {"goal": FLAT_WITHIN, "up_to": count(FLAT_UP_TO), "spread": {
        name: max(values) / min(values) for name, values in medians.items()
        if len(values) == len(wanted) == 5}}
