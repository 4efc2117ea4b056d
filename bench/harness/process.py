# SPDX-License-Identifier: MIT
"""Processes of ours: pinned, limited in time, and gone when we are."""

import ctypes
import os
import resource
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
PATIENCE = 2  # seconds to end in, once asked to

live = set()


def allow_descriptors():
    """As many open files as the system lets us have: ten thousand connections
    take as many, on either side."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(hard, 20_000)
    for limits in ((wanted, wanted), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            return limits[0]
        except (ValueError, OSError):
            continue
    return soft


def start(command, cores, env, **more):
    """Start a program as the leader of a group of its own, on these cores."""
    def prepare():
        os.sched_setaffinity(0, cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    process = subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.DEVNULL,
        env=os.environ | env, start_new_session=True, preexec_fn=prepare,
        **more)
    live.add(process)
    return process


def signal_group(process, number):
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def end(process):
    """End a program and all that it has started."""
    signal_group(process, signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    signal_group(process, signal.SIGKILL)
    process.wait()
    live.discard(process)


def end_all():
    for process in list(live):
        signal_group(process, signal.SIGKILL)
        process.wait()
        live.discard(process)


def finish(process, limit):
    """Wait for a program of which everything is read; returns what it wrote.
    One that takes longer than limit is ended, and fails."""
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        end(process)
        raise TimeoutError(f"not done in {limit} s") from None
    signal_group(process, signal.SIGKILL)
    live.discard(process)
    return out, err


def cpu_of_children():
    """CPU seconds of all children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def now():
    return time.monotonic()
