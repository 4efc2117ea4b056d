# SPDX-License-Identifier: MIT
"""Measures of TLS, and the certificate that all servers show.

The load decides what is spoken, and looks whether it is: TLS 1.3 with
TLS_AES_128_GCM_SHA256 and X25519, and a key of ECDSA on P-256. Tickets are given
out as each server does it by itself: OpenSSL two, Go one, rustls two."""

import os

from .case import Case, Goal
from .contender import output
from .servers import rows

AHEAD = Goal(1, ("epoll", "threads", "go", "tokio", "asyncio", "uvloop"),
             "the best of the others")
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
FOR = ("-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1")


def make_certificate(folder):
    """A file with a certificate that signs itself, and its key, which
    SIMUL_BENCH_PEM names from now on. Raises Missing."""
    pem = folder.resolve() / "bench.pem"
    if not pem.exists():
        key, certificate = pem.with_suffix(".key"), pem.with_suffix(".crt")
        output("openssl", "req", "-x509", *KEY, "-keyout", key, "-out",
               certificate, "-days", "3650", *FOR)
        pem.write_text(certificate.read_text() + key.read_text())
    os.environ["SIMUL_BENCH_PEM"] = str(pem)


def handshakes(name, title, quick=True, **load):
    load = {"connections": 8, "tls": True} | load
    kept = ("cpu", "rate", "p50", "p99", "calls", "busy", "load_cpu")
    return Case(name, "tls", [], [row for row in rows(AHEAD)
                                  if row.measure in kept],
                title=title, asked="handshakes", quick=quick,
                load=tuple(load.items()))


CASES = [
    Case("tls-1k-50", "tls", [], rows(AHEAD), asked="echo",
         title="TLS echo, 1 KiB, 50 connections",
         load=(("connections", 50), ("tls", True))),
    handshakes("tls-handshakes", "TLS handshakes: connect, a byte there and "
               "back, close; 8 at once"),
    handshakes("tls-resumed", "the same, sessions resumed",
               quick=False, resume=True),
]
