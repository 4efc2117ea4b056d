# SPDX-License-Identifier: MIT
"""Measures of tasks: programs that time themselves, on one core."""

from .case import Case, Goal, Row, count


def random_case(n):
    goal = Goal(1.3, of=("floor",)) if n >= 100_000 else None
    return Case(f"random-{count(n)}", "random", [n],
                [Row("random", f"resume in random order, {count(n)} tasks",
                     goal)],
                series=("random", n), huge=n >= 1_000_000,
                quick=n in (1_000, 100_000), quick_args=(300_000,))


def growth_case(n):
    return Case(f"growth-{count(n)}", "growth", [n],
                [Row("growth", f"a task's whole life, {count(n)} at a time")],
                series=("growth", n), huge=n >= 1_000_000,
                quick=n in (1, 1_000, 100_000))


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
         [Row("switch", "switch between two tasks, one way", Goal(8))],
         counted="200000"),
    Case("create-await", "create", ["await"],
         [Row("create_await", "create a task and await it", Goal(26))],
         counted="await 50000"),
    Case("create-gather", "create", ["gather"],
         [Row("create_gather", "create 1000 and gather them, per task")],
         counted="gather 50000"),
    Case("queue-unlimited", "queue", ["unlimited"],
         [Row("queue", "queue hand-over, one way", Goal(30))],
         counted="unlimited 50000"),
    Case("queue-one", "queue", ["one"],
         [Row("queue", "queue hand-over, capacity 1", Goal(30))],
         counted="one 50000"),
    Case("timer-at", "timer", ["at"],
         [Row("timer", "timer set and cancelled, 1M pending", Goal(10))],
         args_of={"floor": ["wheel"], "heap": ["heap"]},
         counted="at 200000"),
    Case("timer-clock", "timer", ["clock"],
         [Row("timer", "timer set and cancelled, by the clock")],
         only=("simul", "go", "tokio", "node", "asyncio", "uvloop"),
         counted="clock 200000"),
    *[random_case(n) for n in (1_000, 10_000, 100_000, 1_000_000)],
    *[growth_case(10**k) for k in range(7)],
    sleepers_case("sleepers-1M", 1_000_000, 6, 0,
                  {"time": Goal(4), "memory": Goal(4700)}),
    sleepers_case("sleepers-1M-64k", 1_000_000, 6, 65536,
                  {"time": Goal(4), "memory": Goal(4300)}),
    # In place of the two above with --quick.
    sleepers_case("sleepers-100k", 100_000, 1, 0, {}),
]

# asyncio takes longer than that to create a million.
for case in CASES:
    if case.name == "sleepers-1M":
        case.args_of = {name: [1_000_000, 20]
                        for name in ("asyncio", "uvloop")}

QUICK_ONLY = ("sleepers-100k",)
