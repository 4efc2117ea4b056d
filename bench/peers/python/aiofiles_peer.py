# SPDX-License-Identifier: MIT
"""Measures aiofiles as bench/ measures Simul's files: the same programs by the
same names, with the same arguments and the same lines of output, but fewer
files and lines, as each call is one in a thread."""

import asyncio
import itertools
import sys
import time

import aiofiles

IN_FLIGHT = 64
PIECE = 1 << 20


def report(measure, value, unit, n):
    print(f"measure={measure} value={value:.4g} unit={unit} n={n}", flush=True)


def report_each(measure, start, n):
    report(measure, (time.perf_counter() - start) / n * 1e9, "ns", n)


def report_gib(measure, start, mib):
    """The time in which so many MiB came or went, as that for a GiB."""
    seconds = time.perf_counter() - start
    report(measure, seconds * 1024 / mib * 1e3, "ms", mib)


# 64 tasks open, read and close the files 0 to N - 1 of a directory.

async def use_files(directory, names):
    for i in names:
        async with aiofiles.open(f"{directory}/{i}", "rb") as f:
            assert len(await f.read()) == 4096


async def measure_files(directory, n):
    names = iter(range(n))
    start = time.perf_counter()
    await asyncio.gather(*(use_files(directory, names)
                           for _ in range(IN_FLIGHT)))
    report_each("files", start, n)


# The file "bytes" is written over and read in pieces of 1 MiB.

async def measure_bytes(directory, mib):
    piece = b"x" * PIECE
    async with aiofiles.open(f"{directory}/bytes", "rb+", buffering=0) as f:
        start = time.perf_counter()
        for _ in range(mib):
            await f.write(piece)
        report_gib("bytes_write", start, mib)
        await f.seek(0)
        start = time.perf_counter()
        for _ in range(mib):
            assert len(await f.read(PIECE)) == PIECE
        report_gib("bytes_read", start, mib)


# Lines of 20 to 60 bytes are written over those that the file "lines" has, and
# read again.

async def measure_lines(directory, n):
    lines = [b"x" * (19 + i) + b"\n" for i in range(41)]
    async with aiofiles.open(f"{directory}/lines", "rb+") as f:
        start = time.perf_counter()
        for line in itertools.islice(itertools.cycle(lines), n):
            await f.write(line)
        await f.flush()
        report_each("lines_write", start, n)
        await f.seek(0)
        left = n
        start = time.perf_counter()
        async for _ in f:
            left -= 1
            if left == 0:
                break
        report_each("lines_read", start, n)
        assert left == 0


PROGRAMS = {
    "files": (measure_files, 2000),
    "bytes": (measure_bytes, 1024),
    "lines": (measure_lines, 20_000),
}


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in PROGRAMS:
        sys.exit(f"usage: PROGRAM {'|'.join(PROGRAMS)} DIRECTORY [N]")
    program, n = PROGRAMS[sys.argv[1]]
    asyncio.run(program(sys.argv[2], int([*sys.argv, n][3])))


main()
