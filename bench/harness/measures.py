# SPDX-License-Identifier: MIT
"""Which measures there are, and what their figures come to."""

import dataclasses
import statistics

from . import (clients, datagrams, files, idle, outside, secure, servers,
               tasks)
from .case import count

SERVERS = servers.CASES + datagrams.CASES + secure.CASES + idle.CASES
CASES = (tasks.CASES + files.CASES + outside.CASES + SERVERS
         + clients.CASES)

# The growth goal: cost per item flat within this factor, to the cache's limit.
# 10k tasks touch some 700 bytes each: more than the second level holds, less
# than the third. Beyond that it is the memory that is measured.
FLAT_WITHIN = 1.5
FLAT_UP_TO = 10_000


class UnknownName(Exception):
    """A name on the command line that no case has."""


def meant_by(name):
    """The cases of this name, or else those whose names begin with it, or all
    of tasks, files, servers, clients, or what is done outside."""
    groups = {"tasks": tasks.CASES, "files": files.CASES,
              "outside": outside.CASES, "servers": SERVERS,
              "clients": clients.CASES}
    cases = groups.get(name) or (
        [case for case in CASES if case.name == name]
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
                for case in chosen
                if not case.huge and (case.quick or names)]
    return [case for case in chosen
            if case.name not in tasks.QUICK_ONLY or case.name in names]


def left_out_by_quick(names, quick):
    if not quick:
        return []
    taken = {case.name for case in choose(names, True)}
    missing = [case.name for case in choose(names, False)
               if case.name not in taken]
    return [f"{', '.join(missing)}: not with --quick"] if missing else []


def summary(values):
    return {"median": statistics.median(values), "low": min(values),
            "high": max(values), "samples": values}


def judge(samples):
    """Rows of results: medians, ranges, ratios, and goals met or missed.
    samples is {(case name, measure): {contender: {"unit", "values"}}}."""
    rows = []
    for case in CASES:
        for row in case.rows:
            taken = samples.get((case.name, row.measure), {})
            if taken:
                rows.append(judge_row(case, row, taken))
    return rows


def judge_row(case, row, taken):
    results = {name: summary(sample["values"])
               for name, sample in taken.items()}
    ours = results.get("simul")
    most = max(len(result["samples"]) for result in results.values())
    for result in results.values():
        result["fewer"] = len(result["samples"]) < most
        if ours and result is not ours and result["median"]:
            result["ratio"] = ours["median"] / result["median"]
    judged = {
        "case": case.name,
        "group": case.group or ("servers" if case.title else "tasks"),
        "program": case.program,
        "about": case.title,
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


def samples_of(results):
    """What judge was given for these results."""
    return {(row["case"], row["measure"]): {
        name: {"unit": row["unit"], "values": result["samples"]}
        for name, result in row["results"].items()}
        for row in results["rows"]}


def judge_flatness(samples, program, measure, points):
    """For each contender, highest over lowest cost per item up to FLAT_UP_TO
    items; empty unless the whole row of them was measured."""
    wanted = [case for case in CASES
              if case.series[:1] == (program,)
              and case.series[1] <= FLAT_UP_TO]
    medians = {}
    for case in wanted:
        for name, sample in samples.get((case.name, measure), {}).items():
            medians.setdefault(name, []).append(
                statistics.median(sample["values"]))
    return {"goal": FLAT_WITHIN, "up_to": count(FLAT_UP_TO), "spread": {
        name: max(values) / min(values) for name, values in medians.items()
        if len(values) == len(wanted) == points}}
