# SPDX-License-Identifier: MIT
"""Who takes part: how each is built, run, and which version it is."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

PEERS = ("floor", "go", "tokio", "asyncio", "uvloop")


class Missing(Exception):
    """A contender can't take part; says why."""


@dataclasses.dataclass
class Contender:
    """command(program) is how its program of that name is started, or None if
    it has none. lacks says which cases it can't or won't run, and why."""

    name: str
    title: str
    version: str
    command: object
    column: bool = True  # of the table; otherwise a note under it
    lacks: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)


def build(root, simul_dir, peers_dir, without, quick):
    """Build all; returns the contenders and a list of lines that say who is
    left out and why."""
    found, left_out = [], []
    makers = {
        "simul": lambda: simul(root, simul_dir),
        "floor": lambda: floors(root, peers_dir),
        "go": lambda: go(root, peers_dir),
        "tokio": lambda: tokio(root, peers_dir),
        "asyncio": lambda: asyncio(root, quick),
        "uvloop": lambda: uvloop(root, quick),
    }
    for name in without:
        if name not in PEERS:
            raise ValueError(f"no peer is called {name}")
    peers_dir.mkdir(parents=True, exist_ok=True)
    for name, make in makers.items():
        if name in without:
            left_out.append(f"{name}: as asked, with --without")
            continue
        print(f"building {name} ...", file=sys.stderr)
        try:
            found += make()
        except Missing as reason:
            left_out.append(f"{name}: {reason}")
    return found, left_out


def output(*command, **more):
    """What a command prints; Missing if it isn't there or fails."""
    if not shutil.which(command[0]):
        raise Missing(f"{command[0]} is not installed")
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, check=False, **more)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{pathlib.Path(command[0]).name} failed: "
                      + (lines[-1] if lines else "no message"))
    return done.stdout.strip()


def simul(root, build_dir):
    def command(program):
        path = build_dir / "bench" / f"simul_{program}"
        return [path] if path.exists() else None

    if not command("switch"):
        where = os.path.relpath(build_dir, root)
        raise Missing(f"{where}/bench has no programs; see bench/README.md")
    return [Contender("simul", "Simul", simul_version(root, build_dir),
                      command)]


def simul_version(root, build_dir):
    info = build_dir / "meson-info"
    version = "unknown version"
    try:
        project = json.loads((info / "intro-projectinfo.json").read_text())
        version = project["version"]
        options = json.loads((info / "intro-buildoptions.json").read_text())
        values = {option["name"]: option["value"] for option in options}
        version += f", {values['buildtype']} build"
        if values["buildtype"] != "release":
            version += " (NOT A RELEASE BUILD)"
    except (OSError, ValueError, KeyError):
        pass
    try:
        version += ", " + output("git", "-C", root, "describe", "--always",
                                 "--dirty")
    except Missing:
        pass
    return version


def floors(root, peers_dir):
    sources = root / "bench" / "floors"
    version = output("gcc", "--version").splitlines()[0]
    for source in sorted(sources.glob("*.c")):
        output("gcc", "-O2", "-std=gnu11", "-o",
               peers_dir / f"floor_{source.stem}", source)

    def command(program):
        path = peers_dir / f"floor_{program}"
        return [path] if path.exists() else None

    return [
        Contender("floor", "floor", version + ", -O2", command),
        Contender("heap", "4-ary heap in place of the floor's wheel", version,
                  lambda program: command(program) if program == "timer"
                  else None, column=False),
    ]


def go(root, peers_dir):
    program_path = peers_dir.resolve() / "go_peer"
    version = output("go", "version").replace("go version ", "")
    output("go", "build", "-o", program_path, ".",
           cwd=root / "bench" / "peers" / "go")
    return [Contender(
        "go", "Go", version + ", GOMAXPROCS=1",
        lambda program: [program_path, program],
        lacks={"timer-at": "a timer of Go's always looks at the clock"},
        env={"GOMAXPROCS": "1"})]


def tokio(root, peers_dir):
    source = root / "bench" / "peers" / "rust"
    target = peers_dir.resolve() / "rust"
    compiler = output("rustc", "--version")
    output("cargo", "build", "--release", "--locked", "--quiet",
           cwd=source, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
    lock = (source / "Cargo.lock").read_text(encoding="utf-8")
    version = re.search(r'name = "tokio"\nversion = "(.*?)"', lock).group(1)
    return [Contender(
        "tokio", "Tokio", f"{version}, {compiler}, current_thread",
        lambda program: [target / "release" / "tokio_peer", program])]


def slow_in_python(quick):
    """What would take minutes a round; with --quick, what takes seconds."""
    names = ["random-1M", "growth-1M"]
    if quick:
        names = ["timer-at", "timer-clock", "random-100k", "growth-100k"]
    return {name: "takes too long" for name in names}


def asyncio(root, quick):
    peer = root / "bench" / "peers" / "python" / "asyncio_peer.py"
    version = sys.version.split()[0]
    return [Contender(
        "asyncio", "asyncio", f"Python {version}",
        lambda program: [sys.executable, peer, program],
        lacks=slow_in_python(quick))]


def uvloop(root, quick):
    peer = root / "bench" / "peers" / "python" / "asyncio_peer.py"
    try:
        version = output(sys.executable, "-c",
                         "import uvloop; print(uvloop.__version__)")
    except Missing:
        raise Missing("not installed in this Python") from None
    return [Contender(
        "uvloop", "uvloop", f"{version}, Python {sys.version.split()[0]}",
        lambda program: [sys.executable, peer, program],
        lacks=slow_in_python(quick), env={"SIMUL_BENCH_UVLOOP": "1"})]
