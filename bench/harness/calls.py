# SPDX-License-Identifier: MIT
"""System calls of a server for each request, counted by perf at the kernel's own
tracepoint: that costs the server next to nothing, where strace would stop it at
each call, and while it is stopped more comes in, which it then does in one go.

The server is loaded for a short and for a longer time, and the difference is
counted: what connecting takes cancels out."""

import os
import pathlib
import re

from . import process, serving, solo
from .contender import output
from .failed import Failed

EVENT = "raw_syscalls:sys_enter"
SHORT, LONG = 0.1, 0.3  # seconds
LIMIT = 30


def can_count():
    """Raises Missing if this system won't let us."""
    output("perf", "stat", "-e", EVENT, "true")


def is_for(case):
    """Closed loops only: there the number of requests says how long it took."""
    load = dict(case.load)
    return bool(load) and "rate" not in load and not case.huge \
        and any(row.measure == "calls" for row in case.rows)


def members(group):
    """The processes of a group."""
    return [path.name for path in pathlib.Path("/proc").glob("[0-9]*")
            if group_of(int(path.name)) == group]


def group_of(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def loaded(case, port, server, watch, seconds):
    """(calls, requests) of so many seconds of load."""
    command = serving.load_command(case, port, server, watch.load)
    command += ["--warm-up", 0, "--seconds", seconds]
    perf = ["perf", "stat", "-x", ",", "-e", EVENT, "-p",
            ",".join(members(server)), "--"]
    program = process.start([*perf, *command], {watch.core}, {}, text=True,
                            stdout=-1, stderr=-1)
    out, err = process.finish(program, LIMIT)
    counted = re.search(rf"^(\d+),.*{EVENT}", err, re.MULTILINE)
    requests = re.search(r"measure=rate .* n=(\d+)", out)
    if program.returncode != 0 or not counted or not requests:
        raise Failed(" ".join(err.split()) or "no count")
    return int(counted[1]), int(requests[1])


def count_one(contender, case, watch):
    port = serving.free_port()
    args = case.args_of.get(contender.name, case.args)
    with serving.served(contender, case.program, port, watch, args) as server:
        # Whoever comes first waits until it listens, and has its workers.
        command = serving.load_command(case, port, server.pid, watch.load)
        solo.run_program([*command, "--warm-up", 0, "--requests", 10], {},
                         {watch.core}, LIMIT)
        first = loaded(case, port, server.pid, watch, SHORT)
        second = loaded(case, port, server.pid, watch, LONG)
    if second[1] <= first[1]:
        raise Failed("more requests in less time")
    return max(second[0] - first[0], 0) / (second[1] - first[1])


def count(case, contenders, watch, left_out):
    """Samples as rounds.run_case has them."""
    taken = {}
    for contender in contenders:
        if (case.only and contender.name not in case.only) \
                or contender.command(case.program) is None \
                or case.name in contender.lacks:
            continue
        try:
            value = count_one(contender, case, watch)
        except (Failed, OSError, TimeoutError) as reason:
            left_out.append(f"calls of {contender.name} in {case.name}: "
                            f"{reason}")
            continue
        taken[contender.name] = {"unit": "calls", "values": [value]}
    return {(case.name, "calls"): taken} if taken else {}
