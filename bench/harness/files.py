# SPDX-License-Identifier: MIT
"""Measures of files and directories that are in the cache: programs that time
themselves, on one core, with all the threads that they have."""

from .case import Case, Goal, Row

# Each call is one in a thread, which takes a thousand times as long.
AIOFILES = {"aiofiles": [2000]}
PEERS = ("gnu", "libuv", "go", "tokio", "asyncio", "aiofiles")
BEST = {"of": PEERS, "named": "the best of the others"}


def case(name, rows, **more):
    return Case(name, name, [], rows, group="outside", **more)


CASES = [
    case("files",
         [Row("files", "open, read and close a file of 4 KiB, 64 at a time",
              Goal(1.15, of=("uring",), named="raw io_uring"))],
         ground="files", args_of=AIOFILES),
    case("bytes",
         [Row("bytes_read", "read 1 GiB, 1 MiB at a time",
              Goal(1.05, of=("floor",))),
          Row("bytes_write", "write 1 GiB, 1 MiB at a time",
              Goal(1.05, of=("floor",)))],
         ground="bytes", quick_args=(256,)),
    case("lines",
         [Row("lines_read", "read a line", Goal(1, of=("floor",))),
          Row("lines_write", "write a line", Goal(1, of=("floor",)))],
         ground="lines", args_of={"aiofiles": [20_000]},
         quick_args=(500_000,)),
    case("walk",
         [Row("walk", "walk over 100,000 entries, per entry",
              Goal(1, **BEST))],
         ground="tree", only=("simul", "simul-epoll", "floor", *PEERS)),
]
