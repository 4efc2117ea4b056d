# SPDX-License-Identifier: MIT
"""An HTTP client with aiohttp: client_peer.py PORT.

64 tasks that GET the same page through one session. With SIMUL_BENCH_UVLOOP=1
on uvloop's loop.
"""

import asyncio
import os
import sys
import time

import aiohttp

CLIENTS, WARM_UP, SECONDS = 64, 0.2, 0.6


def report(measure, value, unit, n):
    print(f"measure={measure} value={value:.4g} unit={unit} n={n}", flush=True)


def memory():
    """Pages and page tables, in MB (10^6 bytes)."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines
                   if line.startswith(("VmRSS:", "VmPTE:")))


async def get_all(session, url, count):
    while not count["over"]:
        async with session.get(url) as response:
            text = await response.text()
            if response.status != 200 or text != "Hello, World!":
                sys.exit("that is not what was asked for")
        count["done"] += 1


async def main():
    url = f"http://127.0.0.1:{sys.argv[1]}/"
    count = {"done": 0, "over": False}
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(get_all(session, url, count))
                 for _ in range(CLIENTS)]
        await asyncio.sleep(WARM_UP)
        before, cpu, start = count["done"], time.process_time(), time.time()
        await asyncio.sleep(SECONDS)
        n = count["done"] - before
        report("cpu", (time.process_time() - cpu) / n * 1e6, "us", n)
        report("rate", n / (time.time() - start), "/s", n)
        report("memory", memory(), "MB", n)
        count["over"] = True
        await asyncio.gather(*tasks)


if os.environ.get("SIMUL_BENCH_UVLOOP"):
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
