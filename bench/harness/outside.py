# SPDX-License-Identifier: MIT
"""Measures of what a loop has done outside: by processes, by threads and by
other loops. All of it on one core, as the other programs that time themselves,
but for two loops on a core each."""

from .case import Case, Goal, Row

ASYNCIO = ("asyncio", "uvloop")

CASES = [
    Case("spawn", "spawn", ["alone"],
         [Row("spawn", "start a program and wait for it",
              Goal(1.1, of=("floor",)))],
         only=("simul", "floor", *ASYNCIO), quick_args=(500,)),
    Case("spawn-1g", "spawn", ["alone", 1000, 1024],
         [Row("spawn", "the same from a process of 1 GiB",
              Goal(1.1, of=("floor",)))],
         only=("simul", "floor"), quick=False),
    Case("spawn-16", "spawn", ["together"],
         [Row("spawn_16", "16 at a time, per program")],
         only=("simul", *ASYNCIO), quick=False),
    Case("offload", "offload", ["alone"],
         [Row("offload", "a call in a thread, and back")],
         only=("simul", *ASYNCIO), quick_args=(10_000,)),
    Case("offload-64", "offload", ["together"],
         [Row("offload_64", "64 at a time, per call")],
         only=("simul", *ASYNCIO), quick=False),
    Case("to-loop", "offload", ["loop"],
         [Row("to_loop", "a call in another loop, and back")],
         only=("simul",), quick=False),
    Case("to-loop-64", "offload", ["loop-together"],
         [Row("to_loop_64", "64 at a time, per call")],
         only=("simul",), quick=False),
    Case("loops", "loops", [],
         [Row("loops", "to another loop and back, one core",
              Goal(1, of=("epoll",), named="raw epoll"))],
         quick_args=(3000,)),
    Case("loops-2", "loops", [],
         [Row("loops", "to another loop and back, a core each",
              Goal(1, of=("epoll",), named="raw epoll"))],
         both=True, quick=False),
]

for case in CASES:
    case.group = "outside"
