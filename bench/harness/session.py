# SPDX-License-Identifier: MIT
"""A run of everything: what is measured, what is kept of an earlier run, and
what is written down on the way."""

import contextlib
import dataclasses
import json
import os
import pathlib

from . import (calls, contenders, ground, instructions, machine, measures,
               process, rounds)

# With --quick a server is loaded for so long: warm-up and what counts, in
# seconds; else for as long as FULL says.
QUICK = (("warm-up", 0.1), ("seconds", 0.2))
FULL = (("warm-up", 0.15), ("seconds", 0.5))

# A full run shall take no longer; what a case may take is its share of what is
# left of that, twice over as some take longer than others.
MINUTES = 40
GENEROUS = 2

# With --quick, those that others stand for sit out.
QUICK_WITHOUT = ("heap", "uring", "asyncio-protocol", "uvloop",
                 "aiohttp-uvloop", "monoio", "libevent")


def read(name):
    return json.loads(pathlib.Path(name).read_text(encoding="utf-8"))


def save(name, results):
    """Replace the file in one step: an interrupted run leaves a whole one."""
    path = pathlib.Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)


def earlier(args):
    """What --json has already and shall be kept, or None."""
    keep = args.json and (args.resume or args.names)
    if not keep or not os.path.exists(args.json):
        return None
    results = read(args.json)
    if results["quick"] != args.quick:
        raise ValueError(f"{args.json} is "
                         + ("" if results["quick"] else "not ")
                         + "of a quick run: --json another file")
    return results


def loaded(case, quick):
    """The case, with how long it loads a server, unless it says so itself."""
    if not case.load:
        return case
    times = dict(QUICK if quick else FULL)
    return dataclasses.replace(case, load=tuple(
        (times | dict(case.load)).items()))


@contextlib.contextmanager
def on_ground(case, where):
    """The case with what it needs on the disk."""
    if not case.ground:
        yield case
        return
    with ground.made(case.ground, where) as folder:
        yield dataclasses.replace(
            case, args=[folder, *case.args],
            args_of={name: [folder, *args]
                     for name, args in case.args_of.items()})


class Session:
    def __init__(self, args, root, old):
        self.start = process.now()
        server_core = (args.server_core if args.server_core is not None
                       else machine.first_core())
        core = args.core if args.core is not None else machine.last_core()
        simul = root / args.build
        self.args = args
        self.peers = root / args.peers
        self.rounds = args.rounds or (1 if args.quick else 5)
        self.cores = (core, server_core)
        self.watch = machine.Watch(core, server_core,
                                   simul / "bench" / "load")
        self.contenders, self.left_out = contenders.build(
            root, simul, self.peers, args.without, args.quick)
        self.left_out += measures.left_out_by_quick(args.names, args.quick)
        if args.quick:
            self.leave_out_for_quick()
        self.old = old
        self.samples = measures.samples_of(old) if old else {}
        self.counts = dict(old["instructions"]) if old else {}
        self.took = dict(old["took"]) if old else {}

    def leave_out_for_quick(self):
        self.left_out.append(", ".join(QUICK_WITHOUT) + ": not with --quick")
        self.contenders = [c for c in self.contenders
                           if c.name not in QUICK_WITHOUT]

    def has(self, case):
        return any(name == case.name for name, _ in self.samples)

    def until(self, cases_left):
        """When a case should be done if so many are left with it."""
        now = process.now()
        left = max(self.start + MINUTES * 60 - now, 0)
        return now + GENEROUS * left / cases_left

    def measure(self, case, cases_left):
        for key in [key for key in self.samples if key[0] == case.name
                    and (key[1] != "calls" or self.args.calls)]:
            del self.samples[key]
        start = process.now()
        with on_ground(loaded(case, self.args.quick), self.peers) as ready:
            self.samples |= rounds.run_case(ready, self.contenders,
                                            self.watch, self.rounds,
                                            self.left_out,
                                            self.until(cases_left))
        if self.args.calls and calls.is_for(case):
            self.samples |= calls.count(case, self.contenders, self.watch,
                                        self.left_out)
        self.took[case.name] = round(process.now() - start, 1)
        if self.args.instructions and case.counted:
            self.counts[case.name] = instructions.count(case, self.contenders)

    def old_of(self, key):
        return self.old[key] if self.old else []

    def results(self):
        known = {c["name"]: c for c in self.old_of("contenders")}
        known |= {c.name: {"name": c.name, "title": c.title,
                           "version": c.version, "column": c.column}
                  for c in self.contenders}
        left_out = self.left_out + [line for line in self.old_of("left_out")
                                    if line not in self.left_out]
        noise = self.watch.report()
        for line in (self.old["noise"]["warnings"] if self.old else []):
            if line not in noise["warnings"]:
                noise["warnings"].append(line)
        return {
            "machine": machine.describe(*self.cores),
            "quick": self.args.quick,
            "rounds": self.rounds,
            "seconds": (process.now() - self.start
                        + (self.old["seconds"] if self.old else 0)),
            "contenders": list(known.values()),
            "left_out": left_out,
            "noise": noise,
            "rows": measures.judge(self.samples),
            "flatness": measures.judge_flatness(self.samples, "growth",
                                                "growth", 5),
            "flat_connections": measures.judge_flatness(
                self.samples, "connections", "cpu", 5),
            "instructions": self.counts,
            "took": self.took,
        }


def measure(args, root):
    """Run everything; returns the results as --json writes them."""
    cases = measures.choose(args.names, args.quick)
    process.allow_descriptors()
    if args.calls:
        calls.can_count()
    session = Session(args, root, earlier(args))
    if args.resume:
        cases = [case for case in cases if not session.has(case)]
    for i, case in enumerate(cases):
        session.measure(case, len(cases) - i)
        if args.json:
            save(args.json, session.results())
    return session.results()
