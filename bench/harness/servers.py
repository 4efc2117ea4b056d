# SPDX-License-Identifier: MIT
"""Measures of servers: the server on one core, the load on another.

What is compared is the CPU time that the server's processes have used for each
request. A case's load is what bench/load is asked to do, by the names of its
options."""

from .case import Case, Goal, Row, count

RAW = ("epoll", "uring", "uring-multi")

# Where connections grow in number the shape is the subject, and few contenders
# show it; of one connection, and at a fixed rate, those on asyncio's streams
# and protocols need not all be seen.
GROWING = ("simul", "simul-epoll", "epoll", "uring", "uring-multi", "libuv",
           "go", "tokio", "uvloop-protocol")
SEVERAL = GROWING + ("node", "monoio", "asyncio")

# A tenth of what a raw server can do, and half of what Python can.
OPEN_RATE = 8_000


# Only with --calls.
CALLS = Row("calls", "system calls per request")


def raw(limit):
    return Goal(limit, RAW, "the best raw one")


def rows(goal=None, latency_goal=None, several=True):
    """With several connections, what each of them takes can be told."""
    return [
        Row("cpu", "CPU per request", goal),
        Row("rate", "requests/s"),
        Row("p50", "median", latency_goal),
        Row("p99", "99 %"),
        Row("p999", "99.9 %"),
        Row("memory", "memory"),
        *([Row("per_connection", "memory of a connection")] if several
          else []),
        CALLS,
        Row("busy", "the core was busy"),
        Row("load_cpu", "the load's own CPU"),
    ]


def echo(name, title, goal=None, latency_goal=None, **more):
    load = more.pop("load")
    return Case(name, "echo", more.pop("args", []),
                rows(goal, latency_goal, load["connections"] >= 50),
                title=title, load=tuple(load.items()), **more)


def http(name, title, goal=None, **more):
    load = {"connections": 50, "body": "Hello, World!"} | more.pop("load")
    return Case(name, "http", [], rows(goal), title=title,
                load=tuple(load.items()), **more)


def connections(n):
    return echo(f"connections-{count(n)}",
                f"echo, 1 KiB, {count(n)} connections",
                load={"connections": n}, only=GROWING, quick=False,
                series=("connections", n))


CASES = [
    echo("echo-1k-50", "echo, 1 KiB, 50 connections", raw(1.05),
         load={"connections": 50}),
    echo("echo-1k-500", "echo, 1 KiB, 500 connections", raw(1.05),
         load={"connections": 500}),
    echo("echo-64-pipelined", "echo, 64 B, 50 connections, 16 in flight",
         Goal(1.2, ("uring", "uring-multi"), "raw io_uring"),
         load={"connections": 50, "size": 64, "in-flight": 16}),
    echo("echo-100k-50", "echo, 100 KiB, 50 connections", raw(1.05),
         args=[65536], load={"connections": 50, "size": 102_400}),
    echo("echo-1", "echo, 1 KiB, one connection: round trip",
         latency_goal=raw(1.05), load={"connections": 1},
         only=SEVERAL + ("simul-awake",),
         series=("connections", 1)),
    echo("echo-1-awake", "the same, and the client never sleeps",
         latency_goal=raw(1.05), load={"connections": 1, "spin": True},
         only=GROWING + ("simul-awake",), quick=False),
    connections(10),
    connections(100),
    connections(1_000),
    echo("echo-10k", "echo, 1 KiB, 10,000 connections",
         # A round of answers alone takes a tenth of a second.
         load={"connections": 10_000, "warm-up": 0.4, "seconds": 1.5},
         series=("connections", 10_000),
         only=SEVERAL, huge=True),
    echo("echo-open", f"echo, 1 KiB, 50 connections, {OPEN_RATE:,} a second",
         load={"connections": 50, "rate": OPEN_RATE}, only=SEVERAL),
    http("http-50", "HTTP GET, 50 connections",
         Goal(1, ("nginx",)), load={}),
    http("http-pipelined", "HTTP GET, 50 connections, 16 in flight",
         Goal(2, ("epoll",), "raw epoll"), load={"in-flight": 16}),
    http("http-open", f"HTTP GET, 50 connections, {OPEN_RATE:,} a second",
         load={"rate": OPEN_RATE}),
]
