# SPDX-License-Identifier: MIT
"""Measures of connections that have been used once and have nothing to do: what
each adds to the server's memory, in pages and page tables. What the kernel keeps
for a socket is the same for all, and not in it."""

from .case import Case, Goal, Row
from .servers import GROWING

KIB = 1.024

# What include/simul/stream.h says of connections that mostly idle.
PEEK = {"simul": ["peek"], "simul-epoll": ["peek"]}


def idle(name, program, title, connections, goal=None, **more):
    load = {"connections": connections, "idle": 0.5} | more.pop("load", {})
    return Case(name, program, [], [
        Row("per_connection", "memory of a connection", goal)],
        title=title, asked="echo", args_of=PEEK, load=tuple(load.items()),
        huge=True, rounds=1, **more)


CASES = [
    idle("idle-10k", "echo", "10,000 idle connections", 10_000,
         Goal(round(6 * KIB, 2)),
         only=(*GROWING, "monoio", "node", "asyncio")),
    # A handshake each: fewer will do.
    idle("idle-tls-2k", "tls", "2,000 idle connections by TLS", 2_000,
         only=("simul", "simul-epoll", "epoll", "go", "tokio", "asyncio"),
         load={"tls": True}),
]
