# SPDX-License-Identifier: MIT
"""Measures of datagrams: a server that sends each back, its CPU time for one.

One socket serves all clients, so many datagrams wait at a time."""

from .case import Case, Row
from .servers import CALLS, raw

ALONE = ("simul", "simul-epoll", "epoll", "libuv", "go", "tokio", "node",
         "asyncio")


def udp(name, title, clients, in_flight=1, **more):
    return Case(name, "udp", load=(
        ("connections", clients), ("size", 64), ("in-flight", in_flight)),
        title="UDP, 64 B, " + title, rows=[
            Row("cpu", "CPU per datagram", raw(1.1)),
            Row("rate", "datagrams/s"),
            Row("p50", "median"),
            Row("p99", "99 %"),
            Row("p999", "99.9 %"),
            Row("memory", "memory"),
            CALLS,
            Row("busy", "the core was busy"),
            Row("lost", "lost"),
            Row("load_cpu", "the load's own CPU"),
        ], **({"args": []} | more))


CASES = [
    udp("udp-1", "one client, one datagram on its way", 1, only=ALONE,
        quick=False),
    udp("udp-50", "50 clients, a datagram on its way from each", 50, quick=False),
    udp("udp-flood", "8 clients, 16 on their way from each; many to a call "
        "where that can be done", 8, 16, args=["many"]),
]
