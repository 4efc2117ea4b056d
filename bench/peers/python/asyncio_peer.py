# SPDX-License-Identifier: MIT
"""Measures asyncio as bench/ measures Simul.

The same programs by the same names, with the same arguments and the same lines
of output, but fewer repetitions. With SIMUL_BENCH_UVLOOP=1 on uvloop's loop.
"""

import asyncio
import os
import random
import sys
import threading
import time
from concurrent.futures import Future

USAGE = "usage: PROGRAM switch|create|queue|timer|random|growth|sleepers|spawn|offload|walk|loops [ARGUMENT...]"


def word(i):
    return sys.argv[i + 1] if len(sys.argv) > i + 1 else ""


def number(i, fallback):
    n = int(word(i) or fallback)
    if n < 1:
        sys.exit(f"{n} is not a positive number")
    return n


def report(measure, value, unit, n):
    print(f"measure={measure} value={value:.4g} unit={unit} n={n}", flush=True)


def report_each(measure, start, operations, n):
    seconds = time.perf_counter() - start
    report(measure, seconds / operations * 1e9, "ns", n)


# Two tasks that let each other run.

async def take_turns(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def measure_switch():
    n = number(1, 200_000)
    await asyncio.gather(take_turns(n // 10), take_turns(n // 10))
    start = time.perf_counter()
    await asyncio.gather(take_turns(n), take_turns(n))
    report_each("switch", start, 2 * n, n)


# Create a task and await it; create 1000 and gather them.

BATCH = 1000


async def child():
    return 1


async def create_and_await(n):
    for _ in range(n):
        await asyncio.create_task(child())


async def create_and_gather(batches):
    for _ in range(batches):
        await asyncio.gather(*[asyncio.create_task(child())
                               for _ in range(BATCH)])


async def measure_create():
    n = number(2, 100_000)
    if word(1) == "await":
        await create_and_await(n // 10)
        start = time.perf_counter()
        await create_and_await(n)
        report_each("create_await", start, n, n)
    elif word(1) == "gather":
        batches = n // BATCH
        await create_and_gather(batches // 10 + 1)
        start = time.perf_counter()
        await create_and_gather(batches)
        report_each("create_gather", start, batches * BATCH, BATCH)
    else:
        sys.exit("usage: create await|gather [N]")


# Two tasks pass an item to and fro.

async def echo(there, back):
    while True:
        await back.put(await there.get())


async def there_and_back(there, back, n):
    for _ in range(n):
        await there.put(n)
        await back.get()


async def measure_queue():
    n = number(2, 100_000)
    capacity = {"one": 1, "unlimited": 0}.get(word(1))
    if capacity is None:
        sys.exit("usage: queue one|unlimited [N]")
    there, back = asyncio.Queue(capacity), asyncio.Queue(capacity)
    task = asyncio.create_task(echo(there, back))
    await there_and_back(there, back, n // 10)
    start = time.perf_counter()
    await there_and_back(there, back, n)
    report_each("queue", start, 2 * n, n)
    task.cancel()


# Set and cancel 64 timers while a million others are pending. Bare timers of
# the loop: asyncio.timeout() costs more. The loop gets a turn after each 64, in
# which it may clean up what was cancelled.

PENDING = 1_000_000
TIMER_BATCH = 64


def never():
    pass


async def set_and_cancel(set_timer, when, batches):
    for _ in range(batches):
        timers = [set_timer(when, never) for _ in range(TIMER_BATCH)]
        for timer in reversed(timers):
            timer.cancel()
        await asyncio.sleep(0)


async def measure_timer():
    loop = asyncio.get_running_loop()
    now = loop.time()
    set_timer, when = {"at": (loop.call_at, now + 1030),
                       "clock": (loop.call_later, 1030)}.get(word(1), (0, 0))
    if not when:
        sys.exit("usage: timer at|clock [N]")
    batches = number(2, 200_000) // TIMER_BATCH
    numbers = random.Random(1)
    held = [loop.call_at(now + 1000 + numbers.uniform(0, 60), never)
            for _ in range(PENDING)]
    await set_and_cancel(set_timer, when, batches // 10)
    start = time.perf_counter()
    await set_and_cancel(set_timer, when, batches)
    report_each("timer", start, batches * TIMER_BATCH, batches * TIMER_BATCH)
    del held


# N tasks take turns in an order that has nothing to do with where they lie in
# memory: each waits for an event, and these are set in random order.

async def take_turns_after(event):
    await event.wait()
    while True:
        await asyncio.sleep(0)


async def measure_random():
    tasks = number(1, 100_000)
    rounds = number(2, 200_000) // tasks + 1
    events = [asyncio.Event() for _ in range(tasks)]
    circle = [asyncio.create_task(take_turns_after(e)) for e in events]
    await asyncio.sleep(0)
    random.Random(1).shuffle(events)
    for event in events:
        event.set()
    await take_turns(3)
    start = time.perf_counter()
    await take_turns(rounds)
    report_each("random", start, rounds * tasks, tasks)
    os._exit(0)  # cancelling them all is not the subject


# N tasks at a time are created, let each other run once, end, and are gathered.

async def life():
    await asyncio.sleep(0)


async def live_together(tasks):
    await asyncio.gather(*[asyncio.create_task(life()) for _ in range(tasks)])


async def measure_growth():
    tasks = number(1, 1000)
    batches = number(2, 50_000) // tasks + 1
    await live_together(min(tasks, 10_000))
    start = time.perf_counter()
    for _ in range(batches):
        await live_together(tasks)
    report_each("growth", start, batches * tasks, tasks)


# N tasks that all sleep at the same time.

def memory(key):
    """A line of /proc/self/status in MB (10^6 bytes)."""
    with open("/proc/self/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0


def report_memory(n):
    rss, page_tables = memory("VmRSS"), memory("VmPTE")
    report("memory", rss + page_tables, "MB", n)
    report("rss", rss, "MB", n)
    report("page_tables", page_tables, "MB", n)


asleep = 0


async def sleeper(seconds, tasks):
    global asleep
    asleep += 1
    if asleep == tasks:
        report_memory(tasks)
    await asyncio.sleep(seconds)
    asleep -= 1


async def measure_sleepers():
    tasks, seconds = number(1, 1_000_000), number(2, 10)
    start = time.perf_counter()
    await asyncio.gather(*[asyncio.create_task(sleeper(seconds, tasks))
                           for _ in range(tasks)])
    report("sleepers", time.perf_counter() - start - seconds, "s", tasks)
    os._exit(0)


# Programs that end at once; a call in a thread. One after the other, or many
# at a time.

async def spawn():
    process = await asyncio.create_subprocess_exec("/bin/true")
    await process.wait()


async def offload():
    await asyncio.to_thread(int)


async def repeat(act, n):
    for _ in range(n):
        await act()


async def measure_outside(measure, act, n, at_once):
    if word(1) == "together":
        start = time.perf_counter()
        await asyncio.gather(*(repeat(act, n // at_once)
                               for _ in range(at_once)))
        report_each(f"{measure}_{at_once}", start, n // at_once * at_once, n)
    else:
        await repeat(act, n // 10)
        start = time.perf_counter()
        await repeat(act, n)
        report_each(measure, start, n, n)


async def measure_spawn():
    await measure_outside("spawn", spawn, number(2, 1000), 16)


async def measure_offload():
    await measure_outside("offload", offload, number(2, 20_000), 64)


# Over all that is below a directory, in a thread.

def walk(directory):
    return 1 + sum(len(directories) + len(files)
                   for _, directories, files in os.walk(directory))


async def measure_walk():
    directory, n = word(1), number(2, 3)
    await asyncio.to_thread(walk, directory)
    start = time.perf_counter()
    for _ in range(n):
        entries = await asyncio.to_thread(walk, directory)
    report_each("walk", start, n * entries, n * entries)


# A value goes to and fro between two loops, each in its own thread.

async def answer(there, back, hello):
    inbox = asyncio.Queue()
    hello.set_result((asyncio.get_running_loop(), inbox))
    while (item := await inbox.get()) is not None:
        there.call_soon_threadsafe(back.put_nowait, item)


async def measure_loops():
    n = number(1, 10_000)
    here, inbox, hello = asyncio.get_running_loop(), asyncio.Queue(), Future()
    thread = threading.Thread(target=run, args=(answer(here, inbox, hello),))
    thread.start()
    there, back = await asyncio.wrap_future(hello)
    for i in range(n // 10 + n):
        if i == n // 10:
            start = time.perf_counter()
        there.call_soon_threadsafe(back.put_nowait, i)
        await inbox.get()
    report_each("loops", start, n, n)
    there.call_soon_threadsafe(back.put_nowait, None)
    await asyncio.to_thread(thread.join)


PROGRAMS = {
    "switch": measure_switch,
    "create": measure_create,
    "queue": measure_queue,
    "timer": measure_timer,
    "random": measure_random,
    "growth": measure_growth,
    "sleepers": measure_sleepers,
    "spawn": measure_spawn,
    "offload": measure_offload,
    "walk": measure_walk,
    "loops": measure_loops,
}


def run(program):
    if os.environ.get("SIMUL_BENCH_UVLOOP"):
        import uvloop
        uvloop.run(program)
    else:
        asyncio.run(program)


def main():
    program = PROGRAMS.get(word(0))
    if program is None:
        sys.exit(USAGE)
    run(program())


main()
