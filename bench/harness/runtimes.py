# SPDX-License-Identifier: MIT
"""Contenders in other languages."""

import os
import re
import sys

from .contender import Contender, Missing, output, programs

TASKS = ("switch", "create", "queue", "timer", "random", "growth", "sleepers")
FILES = ("files", "bytes", "lines", "walk")


def by_name(path, names):
    """One program that is told which of these it shall be."""
    return lambda program: [path, program] if program in names else None


# ---- Go

def go(root, peers_dir):
    path = peers_dir.resolve() / "go_peer"
    version = output("go", "version").replace("go version ", "")
    output("go", "build", "-o", path, ".",
           cwd=root / "bench" / "peers" / "go")
    return [Contender(
        "go", "Go", version + ", GOMAXPROCS=1",
        by_name(path, (*TASKS, *FILES, "loops", "echo", "http", "client", "tls",
                       "udp")),
        lacks={"timer-at": "a timer of Go's always looks at the clock"},
        env={"GOMAXPROCS": "1"})]


# ---- Rust

def crate(root, peers_dir, folder, crates):
    """Build a package of ours; returns the program and the versions of the
    crates that it measures."""
    source = root / "bench" / "peers" / folder
    target = peers_dir.resolve() / folder
    compiler = output("rustc", "--version")
    output("cargo", "build", "--release", "--locked", "--quiet",
           cwd=source, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
    lock = (source / "Cargo.lock").read_text(encoding="utf-8")
    versions = [re.search(rf'name = "{name}"\nversion = "(.*?)"', lock)[1]
                for name in crates]
    return target / "release", compiler, versions


def tokio(root, peers_dir):
    target, compiler, versions = crate(root, peers_dir, "rust",
                                       ["tokio", "hyper", "reqwest", "rustls"])
    path = target / "tokio_peer"
    about = f"{compiler}, current_thread"
    secure = f", rustls {versions[3]}"
    return [
        Contender("tokio", "Tokio", f"{versions[0]}, {about}{secure}",
                  by_name(path, (*TASKS, *FILES, "loops", "echo", "tls",
                                 "udp"))),
        Contender("hyper", "hyper on Tokio",
                  f"{versions[1]} on Tokio {versions[0]}, {about}",
                  by_name(path, ("http",)), column=False),
        Contender("reqwest", "reqwest on Tokio",
                  f"{versions[2]} on Tokio {versions[0]}, {about}",
                  by_name(path, ("client",)), column=False),
    ]


def monoio(root, peers_dir):
    target, compiler, versions = crate(root, peers_dir, "monoio", ["monoio"])
    return [Contender("monoio", "monoio", f"{versions[0]}, {compiler}, "
                      "io_uring", by_name(target / "monoio_peer", ("echo",)),
                      column=False)]


# ---- Python: its own environment, so that nothing of the user's is touched

def environment(peers_dir, packages):
    """A Python that has these packages, and their versions."""
    path = peers_dir.resolve() / "venv"
    python = path / "bin" / "python"
    if not python.exists():
        output(sys.executable, "-m", "venv", path)
    versions = [installed(python, package) for package in packages]
    if None in versions:
        output(python, "-m", "pip", "install", "--quiet", *packages)
        versions = [installed(python, package) for package in packages]
    return python, versions


def installed(python, package):
    try:
        return output(python, "-c", "from importlib.metadata import version; "
                      f"print(version({package!r}))")
    except Missing:
        return None


def python_version():
    return "Python " + sys.version.split()[0]


def slow_in_python(quick):
    """What would take minutes a round; with --quick, what takes seconds."""
    names = ["random-1M", "growth-1M"]
    if quick:
        names = ["timer-at", "timer-clock", "random-100k", "growth-100k"]
    return {name: "takes too long" for name in names}


def python_peers(root, python, name, version, quick, env):
    """asyncio on one of its loops: tasks and streams, and protocols."""
    folder = root / "bench" / "peers" / "python"
    tasks = {program: [python, folder / "asyncio_peer.py", program]
             for program in (*TASKS, "spawn", "offload", "walk", "loops")}
    echo = folder / "echo_peer.py"
    return [
        Contender(name, name, version,
                  programs(**tasks, echo=[python, echo, "streams"],
                           tls=[python, echo, "tls"],
                           udp=[python, folder / "udp_peer.py"]),
                  lacks=slow_in_python(quick), env=env),
        Contender(name + "-protocol", name + ", protocol", version,
                  programs(echo=[python, echo, "protocol"]), column=False,
                  env=env),
    ]


def asyncio(root, peers_dir, quick):
    del peers_dir
    return python_peers(root, sys.executable, "asyncio", python_version(),
                        quick, {})


def uvloop(root, peers_dir, quick):
    python, versions = environment(peers_dir, ["uvloop"])
    return python_peers(root, python, "uvloop",
                        f"{versions[0]}, {python_version()}", quick,
                        {"SIMUL_BENCH_UVLOOP": "1"})


def aiohttp(root, peers_dir):
    python, versions = environment(peers_dir, ["aiohttp", "uvloop"])
    folder = root / "bench" / "peers" / "python"
    peer = programs(http=[python, folder / "http_peer.py"],
                    client=[python, folder / "client_peer.py"])
    version = f"{versions[0]}, {python_version()}"
    return [
        Contender("aiohttp", "aiohttp", version, peer, column=False),
        Contender("aiohttp-uvloop", "aiohttp on uvloop",
                  f"{version}, uvloop {versions[1]}", peer, column=False,
                  env={"SIMUL_BENCH_UVLOOP": "1"}),
    ]


def aiofiles(root, peers_dir):
    python, versions = environment(peers_dir, ["aiofiles"])
    path = root / "bench" / "peers" / "python" / "aiofiles_peer.py"
    files = {program: [python, path, program]
             for program in ("files", "bytes", "lines")}
    return [Contender("aiofiles", "aiofiles",
                      f"{versions[0]}, {python_version()}", programs(**files),
                      column=False)]


# ---- Node

def node(root, peers_dir):
    del peers_dir
    folder = root / "bench" / "peers" / "node"
    tasks = {program: ["node", folder / "tasks.js", program]
             for program in ("switch", "create", "timer", "growth",
                             "sleepers")}
    return [Contender(
        "node", "Node", output("node", "--version").lstrip("v"),
        programs(**tasks, echo=["node", folder / "echo.js"],
                 http=["node", folder / "http.js"],
                 client=["node", folder / "client.js"],
                 udp=["node", folder / "udp.js"]),
        lacks={"timer-at": "a timer of Node's is given a number of ms"})]
