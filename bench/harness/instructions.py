# SPDX-License-Identifier: MIT
"""Instructions for each operation, counted by callgrind: the same in every
run, where a time can't settle it.

A program is run twice, the second time with twice as many operations: the
difference is theirs alone. Only programs in C are counted, and Simul on epoll,
as valgrind knows little of io_uring."""

import os
import re
import subprocess

from .contender import Missing, output

COUNTED = ("simul", "floor", "libuv")
LIMIT = 300


def collected(command, env):
    """The instructions that a program takes, or None."""
    said = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         *[str(word) for word in command]], env=env, capture_output=True,
        text=True, timeout=LIMIT, check=False)
    found = re.search(r"Collected : (\d+)", said.stderr)
    return int(found[1]) if found and said.returncode == 0 else None


def count(case, contenders):
    """{contender: instructions for one operation}, as far as they can be."""
    try:
        output("valgrind", "--version")
    except Missing:
        return {}
    *words, n = case.counted.split()
    counts = {}
    for contender in contenders:
        command = contender.command(case.program)
        if contender.name not in COUNTED or not command \
                or case.name in contender.lacks \
                or (case.only and contender.name not in case.only):
            continue
        env = os.environ | contender.env | {"SIMUL_BACKEND": "epoll"}
        args = case.args_of.get(contender.name, words)
        once, twice = (collected([*command, *args, m], env)
                       for m in (int(n), 2 * int(n)))
        if once and twice:
            counts[contender.name] = (twice - once) / int(n) / operations(case)
    return counts


def operations(case):
    """Of each of the n that a program is told to do; a tenth of n more runs
    before the clock does."""
    return 1.1 * (2 if case.program in ("switch", "queue") else 1)
