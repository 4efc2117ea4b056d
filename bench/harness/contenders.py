# SPDX-License-Identifier: MIT
"""Who takes part, in the order in which they are shown."""

import sys

from . import native, runtimes, secure
from .contender import Missing

PEERS = ("floor", "libuv", "libevent", "libcurl", "libdill", "go", "tokio",
         "monoio", "node", "asyncio", "uvloop", "aiofiles", "aiohttp",
         "nginx", "h2o", "gnu")


def build(root, simul_dir, peers_dir, without, quick):
    """Build all; returns the contenders and a list of lines that say who is
    left out and why."""
    found, left_out = [], []
    where = (root, peers_dir)
    makers = {
        "simul": lambda: native.simul(root, simul_dir),
        "floor": lambda: native.floors(*where),
        "libuv": lambda: native.libuv(*where),
        "libevent": lambda: native.libevent(*where),
        "libcurl": lambda: native.libcurl(*where),
        "libdill": lambda: native.libdill(*where),
        "go": lambda: runtimes.go(*where),
        "tokio": lambda: runtimes.tokio(*where),
        "monoio": lambda: runtimes.monoio(*where),
        "node": lambda: runtimes.node(*where),
        "asyncio": lambda: runtimes.asyncio(*where, quick),
        "uvloop": lambda: runtimes.uvloop(*where, quick),
        "aiofiles": lambda: runtimes.aiofiles(*where),
        "aiohttp": lambda: runtimes.aiohttp(*where),
        "nginx": lambda: native.nginx(*where),
        "h2o": lambda: native.h2o(*where),
        "gnu": lambda: native.gnu(*where),
    }
    for name in without:
        if name not in PEERS:
            raise ValueError(f"no peer is called {name}")
    peers_dir.mkdir(parents=True, exist_ok=True)
    try:
        secure.make_certificate(peers_dir)
    except Missing as reason:
        left_out.append(f"TLS: {reason}")
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
