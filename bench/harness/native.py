# SPDX-License-Identifier: MIT
"""Contenders in C: Simul, the floors, libraries, and servers of the system."""

import dataclasses
import getpass
import json
import os
import shutil

from .contender import Contender, Missing, debian_version, output, programs

GCC = ("gcc", "-O2", "-std=gnu11", "-o")


def compiler():
    return output("gcc", "--version").splitlines()[0]


# ---- Simul

# Where it matters which of the two Simul runs on.
ON_EPOLL = ("echo", "http", "client", "tls", "udp", "files", "bytes", "lines",
            "walk", "loops")


def simul(root, build_dir):
    def command(program):
        path = build_dir / "bench" / f"simul_{program}"
        return [path] if path.exists() else None

    if not command("switch"):
        where = os.path.relpath(build_dir, root)
        raise Missing(f"{where}/bench has no programs; see bench/README.md")
    version = simul_version(root, build_dir)
    return [
        Contender("simul", "Simul", version, command),
        Contender("simul-epoll", "Simul on epoll", version,
                  lambda program: command(program)
                  if program in ON_EPOLL else None,
                  column=False, env={"SIMUL_BACKEND": "epoll"}),
        Contender("simul-awake", "Simul, awake for 50 us", version,
                  lambda program: command(program)
                  if program == "echo" else None,
                  column=False, env={"SIMUL_SPIN": "50e-6"}),
    ]


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


# ---- By hand

# What a floor is linked with, by a word in its name.
LIBRARIES = {"uring": ["-luring"],
             "tls": ["-lssl", "-lcrypto", "-pthread"]}

# How the names of programs begin: there is more than one way to ask the kernel.
WAYS = (("uring_multi_", "uring-multi", "raw io_uring, multishot"),
        ("uring_", "uring", "raw io_uring"), ("epoll_", "epoll", "raw epoll"),
        ("threads_", "threads", "blocking threads"))


def taken_out(built, prefix):
    """Those programs whose names begin so, without the prefix."""
    return {name.removeprefix(prefix): built.pop(name)
            for name in list(built) if name.startswith(prefix)}


def floors(root, peers_dir):
    """Those of tasks are one contender; servers and files have several."""
    version = compiler()
    built = {}
    left_out = None
    for source in sorted((root / "bench" / "floors").glob("*.c")):
        path = peers_dir / f"floor_{source.stem}"
        try:
            output(*GCC, path, source,
                   *next((flags for word, flags in LIBRARIES.items()
                          if word in source.stem), []))
            built[source.stem] = path
        except Missing as reason:
            left_out = reason
    if "switch" not in built:
        raise left_out
    others = [Contender(name, title, version + ", -O2",
                        programs(**taken_out(built, prefix)), column=False)
              for prefix, name, title in WAYS]
    return [
        Contender("floor", "floor", version + ", -O2", programs(**built)),
        Contender("heap", "4-ary heap in place of the floor's wheel", version,
                  programs(timer=built["timer"]), column=False),
        *reversed(others),
    ]


# ---- Libraries in C

def library(root, peers_dir, name, title, package, *flags):
    version = debian_version(package)
    built = {}
    for source in (root / "bench" / "peers" / "c").glob(f"{name}_*.c"):
        path = peers_dir / source.stem
        output(*GCC, path, source, *flags)
        built[source.stem.split("_", 1)[1]] = path
    return [Contender(name, title, version, programs(**built))]


def libuv(root, peers_dir):
    return library(root, peers_dir, "libuv", "libuv", "libuv1-dev", "-luv")


def libevent(root, peers_dir):
    return library(root, peers_dir, "libevent", "libevent", "libevent-dev",
                   "-levent")


def libcurl(root, peers_dir):
    return library(root, peers_dir, "libcurl", "libcurl",
                   "libcurl4-openssl-dev", "-lcurl")


def gnu(root, peers_dir):
    """Programs that start those of GNU."""
    version = (f"coreutils {debian_version('coreutils')}, findutils "
               + debian_version("findutils"))
    made, = library(root, peers_dir, "gnu", "GNU", "coreutils")
    return [dataclasses.replace(made, version=version, column=False)]


def libdill(root, peers_dir):
    del root, peers_dir
    raise Missing("Debian has no package of it")


# ---- Servers of the system

def fill_in(template, path, values):
    text = template.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    path.write_text(text, encoding="utf-8")


def configured(root, peers_dir, name, options):
    """serve(program, port) for a server that reads a configuration file."""
    directory = peers_dir.resolve() / name
    template = root / "bench" / "peers" / name / f"{name}.conf"
    (directory / "site").mkdir(parents=True, exist_ok=True)
    (directory / "site" / "index.html").write_text("Hello, World!",
                                                   encoding="ascii")

    def serve(program, port):
        del program
        conf = directory / f"{name}.conf"
        fill_in(template, conf, {"PORT": port, "DIR": directory,
                                 "USER": getpass.getuser()})
        return [executable(name), *options(directory), "-c", conf]
    return serve


def executable(name):
    """Where a server is: often not in a user's PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "")
                        + ":/usr/sbin:/usr/local/sbin")
    if not path:
        raise Missing(f"{name} is not installed")
    return path


def nginx(root, peers_dir):
    version = debian_version("nginx-light")
    serve = configured(root, peers_dir, "nginx", lambda d: ["-p", d])
    return [Contender("nginx", "nginx", version,
                      programs(http=executable("nginx")), column=False,
                      serve=serve)]


def h2o(root, peers_dir):
    version = debian_version("h2o")
    serve = configured(root, peers_dir, "h2o", lambda d: [])
    return [Contender("h2o", "h2o", version,
                      programs(http=executable("h2o")), column=False,
                      serve=serve)]
