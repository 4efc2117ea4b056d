# SPDX-License-Identifier: MIT
"""Runs the contenders, interleaved, one at a time."""

import sys

from . import process, serving, solo
from .failed import Failed

# Seconds that one contender may take for all rounds of a case. Those that take
# longer, because a round of theirs lasts so long, get fewer rounds.
BUDGET = 15

# Rounds that are run even if there is no time for them.
LEAST = 3


def run_case(case, contenders, watch, rounds, left_out, until=None):
    """A warm-up round of a case, which does not count (servers are warmed up
    in each round, those with a million tasks run for long enough, and who asks
    for one round is in a hurry), and then that many rounds. Within a round the
    contenders run one after the other, so that what disturbs the machine for a
    while disturbs all of them; each round starts with the next one, so that
    nobody always comes after the same. Past the time `until`, LEAST rounds are
    enough.

    Returns {(case, measure): {contender: {"unit", "values"}}}; adds lines to
    left_out that say who did not take part, and why."""
    samples, used = {}, {}
    rounds = min(rounds, case.rounds or rounds)
    taking_part = [c for c in contenders if takes_part(c, case, left_out)]
    against = server_of(case, contenders, left_out)
    if case.against and not against:
        return samples
    warm = case.huge or case.load or rounds == 1
    for i in range(0 if warm else -1, rounds):
        if i >= LEAST and until and process.now() > until:
            left_out.append(f"{case.name}: rounds after number {i}, for "
                            "want of time")
            break
        progress(case, i, rounds)
        turn = i % len(taking_part) if taking_part else 0
        for contender in taking_part[turn:] + taking_part[:turn]:
            if used.get(contender.name, 0) > BUDGET:
                continue
            start = process.now()
            try:
                lines = run_once(contender, case, watch, against)
            except Failed as reason:
                left_out.append(f"{contender.name} in {case.name}: {reason}")
                taking_part.remove(contender)
                drop(samples, case, contender)
                continue
            used[contender.name] = (used.get(contender.name, 0)
                                    + process.now() - start)
            if i >= 0:
                keep(samples, case, contender, lines)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return samples


def run_once(contender, case, watch, against):
    if case.load:
        return serving.run(contender, case, watch)
    if against:
        return serving.run_client(contender, case, watch, against)
    return solo.run(contender, case, watch)


def server_of(case, contenders, left_out):
    """The contender that serves clients in this case, or None."""
    if not case.against:
        return None
    name, program = case.against
    for contender in contenders:
        if contender.name == name and contender.command(program):
            return contender
    left_out.append(f"{case.name}: there is no {name} to serve it")
    return None


def takes_part(contender, case, left_out):
    """Is this case for this contender? Where it could be but isn't, say so."""
    if case.only and contender.name not in case.only:
        return False
    if contender.command(case.program) is None:
        return False
    if case.name in contender.lacks:
        left_out.append(f"{contender.name} in {case.name}: "
                        + contender.lacks[case.name])
        return False
    return True


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
