# SPDX-License-Identifier: MIT
"""Runs the programs, interleaved, pinned to one core, one at a time."""

import os
import subprocess
import sys
import threading
import time

LIMIT = 300  # seconds that one run of a program may take


class Failed(Exception):
    """A program did not print figures; says why."""


def run(cases, contenders, watch, rounds):
    """A warm-up round of each case, which does not count (those with a million
    tasks run for long enough without), and then that many rounds. Within a round the contenders run one after the other, so that what
    disturbs the machine for a while disturbs all of them; each round starts
    with the next one, so that nobody always comes after the same.

    Returns {(case, measure): {contender: {"unit", "values"}}} and a list of
    lines that say who did not take part in what, and why."""
    samples, failures = {}, []
    for case in cases:
        taking_part = [c for c in contenders
                       if takes_part(c, case, failures)]
        for i in range(0 if case.huge else -1, rounds):
            progress(case, i, rounds)
            turn = i % len(taking_part) if taking_part else 0
            for contender in taking_part[turn:] + taking_part[:turn]:
                try:
                    lines = run_once(contender, case, watch)
                except Failed as reason:
                    failures.append(f"{contender.name} in {case.name}: "
                                    f"{reason}")
                    taking_part.remove(contender)
                    drop(samples, case, contender)
                    continue
                if i >= 0:
                    keep(samples, case, contender, lines)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return samples, failures


def takes_part(contender, case, failures):
    """Is this case for this contender? Where it could be but isn't, say so."""
    if case.only and contender.name not in case.only:
        return False
    if case.name in contender.lacks:
        failures.append(f"{contender.name} in {case.name}: "
                        + contender.lacks[case.name])
        return False
    return contender.command(case.program) is not None


def progress(case, i, rounds):
    """Where we are: in place on a terminal, else a line for each case."""
    where = "warm-up" if i < 0 else f"round {i + 1} of {rounds}"
    if sys.stderr.isatty():
        print(f"\r\033[K{case.name}: {where}", end="", file=sys.stderr,
              flush=True)
    elif i == rounds - 1:
        print(f"{case.name}: {where}", file=sys.stderr, flush=True)


def keep(samples, case, contender, lines):
    for row in case.rows:
        if row.measure in lines:
            unit, value = lines[row.measure]
            sample = samples.setdefault((case.name, row.measure), {})
            mine = sample.setdefault(contender.name,
                                     {"unit": unit, "values": []})
            mine["values"].append(value)


def drop(samples, case, contender):
    for row in case.rows:
        samples.get((case.name, row.measure), {}).pop(contender.name, None)


def run_once(contender, case, watch):
    """Run one program; returns {measure: (unit, value)}."""
    args = case.args_of.get(contender.name, case.args)
    command = contender.command(case.program) + args
    before, start = watch.start(), time.monotonic()
    try:
        process = subprocess.Popen(
            [str(word) for word in command], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=os.environ | contender.env,
            preexec_fn=lambda: os.sched_setaffinity(0, {watch.core}))
    except OSError as error:
        raise Failed(str(error)) from None
    timer = threading.Timer(LIMIT, process.kill)
    timer.start()
    used = os.times()
    out, err = process.communicate()
    timer.cancel()
    now = os.times()
    cpu = (now.children_user + now.children_system
           - used.children_user - used.children_system)
    watch.stop(before, time.monotonic() - start, cpu)
    if process.returncode != 0:
        words = err.strip().splitlines()[-1:] or ["no message"]
        raise Failed(f"ended with {process.returncode}: {words[0]}")
    lines = dict(parse(line) for line in out.splitlines()
                 if line.startswith("measure="))
    if case.rows[0].measure not in lines:
        raise Failed("printed no figure")
    return lines


def parse(line):
    fields = dict(field.split("=", 1) for field in line.split())
    return fields["measure"], (fields["unit"], float(fields["value"]))
