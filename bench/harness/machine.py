# SPDX-License-Identifier: MIT
"""The machine, and whether it was quiet while we measured."""

import os
import platform

# Warn beyond these shares of a core's time.
STEAL = 0.02       # the host ran somebody else on our core
FOREIGN = 0.05     # another process ran on our core
ELSEWHERE = 0.15   # other cores were busy: they share caches and memory


def last_core():
    return max(os.sched_getaffinity(0))


def first_match(path, key):
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith(key):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return "unknown"


def number_in(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "unknown"


def first_core():
    return min(os.sched_getaffinity(0))


def describe(core, server_core):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": first_match("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "pinned_to_core": core,
        "server_on_core": server_core,
        "vm.max_map_count": number_in("/proc/sys/vm/max_map_count"),
        "vm.overcommit_memory": number_in("/proc/sys/vm/overcommit_memory"),
    }


def core_times():
    """{core: (busy, stolen)} in seconds since boot."""
    hertz = os.sysconf("SC_CLK_TCK")
    times = {}
    with open("/proc/stat", encoding="ascii") as lines:
        for line in lines:
            word, *numbers = line.split()
            if word.startswith("cpu") and word != "cpu":
                n = [int(x) / hertz for x in numbers]
                # user nice system idle iowait irq softirq steal
                times[int(word[3:])] = (n[0] + n[1] + n[2] + n[5] + n[6],
                                        n[7])
    return times


class Watch:
    """On which cores programs run, and who else used the machine meanwhile."""

    def __init__(self, core, server_core, load):
        self.core = core  # of programs that measure themselves, and the load
        self.server_core = server_core
        self.load = load  # the program that loads servers
        self.seconds = 0
        self.stolen = 0
        self.foreign = 0
        self.elsewhere = 0

    def start(self):
        return core_times()

    def stop(self, before, seconds, cpu_seconds, cores):
        """Programs of ours ran for that long on these cores and used that
        much CPU."""
        after = core_times()
        busy = {core: after[core][0] - before[core][0] for core in before}
        stolen = {core: after[core][1] - before[core][1] for core in before}
        others = [core for core in before if core not in cores]
        self.seconds += seconds
        self.stolen += sum(stolen.values())
        self.foreign += sum(busy[core] for core in cores) - cpu_seconds
        if others:
            self.elsewhere += sum(busy[c] for c in others) / len(others)

    def report(self):
        """Shares of the time measured, and what is to be said about them."""
        seconds = self.seconds or 1
        shares = {
            "stolen": max(0, self.stolen / seconds),
            "foreign": max(0, self.foreign / seconds),
            "elsewhere": max(0, self.elsewhere / seconds),
        }
        warnings = []
        if shares["stolen"] > STEAL:
            warnings.append(f"the host took {shares['stolen']:.0%} of the "
                            "machine's time for others")
        if shares["foreign"] > FOREIGN:
            warnings.append(f"other programs ran for {shares['foreign']:.0%} "
                            "of the time on our cores")
        if shares["elsewhere"] > ELSEWHERE:
            warnings.append("the other cores were busy for "
                            f"{shares['elsewhere']:.0%} of the time")
        return {"shares": shares, "warnings": warnings}
