#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Simul's servers of bench/ under its load: short, for the sake of the
answers, not of the figures."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from dataclasses import replace

from harness import (calls, clients, datagrams, idle, process, secure, servers,
                     serving)
from harness.contender import Contender, Missing, programs

LOAD, ECHO, HTTP, CLIENT, UDP, TLS = sys.argv[1:7]
SIMUL = Contender("simul", "Simul", "", programs(echo=ECHO, http=HTTP,
                                                 client=CLIENT, udp=UDP,
                                                 tls=TLS or None))
CASES = servers.CASES + datagrams.CASES + secure.CASES + idle.CASES
SHORT = (("warm-up", 0),)


class Watch:
    """In place of harness.machine.Watch: wherever there is a core."""

    core = server_core = min(__import__("os").sched_getaffinity(0))
    load = LOAD

    def start(self):
        return None

    def stop(self, *_):
        pass


class Servers(unittest.TestCase):
    def measure(self, name, requests=5000, **more):
        case = next(case for case in CASES if case.name == name)
        case = replace(case, load=tuple(
            {**dict(case.load), **dict(SHORT),
             "requests": requests, **more}.items()))
        return serving.run(SIMUL, case, Watch())

    def test_echo_is_measured(self):
        figures = self.measure("echo-1k-50")
        for row in servers.rows():
            if row is not servers.CALLS:
                self.assertIn(row.measure, figures)
        self.assertGreater(figures["cpu"][1], 0)

    def test_pipelined_echo_is_measured(self):
        self.assertGreater(self.measure("echo-64-pipelined")["rate"][1], 0)

    def test_echo_of_long_messages_is_measured(self):
        self.assertGreater(self.measure("echo-100k-50", 500)["rate"][1], 0)

    def test_datagrams_are_measured(self):
        self.assertGreater(self.measure("udp-1", 500)["cpu"][1], 0)
        self.assertGreater(self.measure("udp-50")["cpu"][1], 0)

    def test_datagrams_are_measured_many_at_a_time(self):
        self.assertGreater(self.measure("udp-flood")["cpu"][1], 0)

    def test_http_is_measured(self):
        self.assertGreater(self.measure("http-50")["rate"][1], 0)

    def test_pipelined_http_is_measured(self):
        self.assertGreater(self.measure("http-pipelined")["rate"][1], 0)

    def test_a_client_is_measured(self):
        figures = serving.run_client(SIMUL, clients.CASES[0], Watch(), SIMUL)
        self.assertGreater(figures["rate"][1], 0)

    @unittest.skipUnless(TLS, "a build without OpenSSL")
    def test_tls_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            secure.make_certificate(pathlib.Path(folder))
            self.assertGreater(self.measure("tls-1k-50", 1000)["cpu"][1], 0)
            for name in ("tls-handshakes", "tls-resumed"):
                self.assertGreater(self.measure(name, 100)["cpu"][1], 0)

    def test_idle_connections_are_weighed(self):
        weighed = self.measure("idle-10k", connections=200, idle=0.1)
        self.assertEqual(list(weighed), ["per_connection"])
        self.assertGreater(weighed["per_connection"][1], 0)

    def test_system_calls_are_counted(self):
        try:
            calls.can_count()
        except Missing as reason:
            self.skipTest(str(reason))
        case = next(case for case in servers.CASES if case.name == "echo-1")
        on_epoll = replace(SIMUL, env={"SIMUL_BACKEND": "epoll"})
        left_out = []
        counted = calls.count(case, [on_epoll], Watch(), left_out)
        self.assertEqual(left_out, [])
        # A receive, a send, a wait; perhaps a look at the clock's descriptor.
        value = counted[("echo-1", "calls")]["simul"]["values"][0]
        self.assertTrue(2 < value < 5, value)

    def test_no_process_is_left(self):
        self.measure("http-50")
        self.assertFalse(process.live)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
