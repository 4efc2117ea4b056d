#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The load generator: it counts right answers, refuses wrong ones, and times
them from when they were due."""

import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from harness import secure

LOAD = sys.argv[1]
HAS_TLS = bool(sys.argv[6])


def load(port, *words, protocol="echo"):
    return subprocess.run(
        [LOAD, protocol, str(port), *words], text=True, capture_output=True,
        timeout=30, check=False)


def measured(done):
    """{measure: value} of what it has printed."""
    lines = [dict(word.split("=") for word in line.split())
             for line in done.stdout.splitlines()]
    return {line["measure"]: float(line["value"]) for line in lines}


class Server:
    """Answers what each connection sends with answer(bytes), from a thread."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection],
                             daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                while data := connection.recv(65536):
                    connection.sendall(self.answer(data))
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Datagrams:
    """Answers each datagram with answer(bytes), or not at all if that is
    None, from a thread."""

    def __init__(self, answer):
        self.answer = answer
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            data, peer = self.socket.recvfrom(2048)
            if not data:
                return
            # One byte only asks whether anybody is there.
            said = self.answer(data) if len(data) > 1 else data
            if said is not None:
                self.socket.sendto(said, peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", ("127.0.0.1", self.port))


class Secure(Server):
    """The same by TLS; counts handshakes and those that resumed a session."""

    def __init__(self, answer, **more):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(os.environ["SIMUL_BENCH_PEM"])
        for name, value in more.items():
            setattr(self.context, name, value)
        self.handshakes = self.resumed = 0
        super().__init__(answer)

    def serve(self, connection):
        try:
            secured = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            connection.close()
            return
        self.handshakes += 1
        self.resumed += secured.session_reused
        super().serve(secured)


def http_answer(body, status="200 OK", fields=""):
    head = f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


class Load(unittest.TestCase):
    def test_right_answers_are_counted(self):
        with Server(lambda data: data) as server:
            done = load(server.port, "--connections", "3", "--warm-up", "0",
                        "--requests", "100")
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = measured(done)
        self.assertGreater(figures["rate"], 0)
        self.assertLessEqual(figures["p50"], figures["p99"])

    def test_a_wrong_byte_is_noticed(self):
        def flip(data):
            return data[:-1] + bytes([data[-1] ^ 1])
        with Server(flip) as server:
            done = load(server.port, "--requests", "100")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not what was asked for", done.stderr)

    def test_the_bytes_of_another_connection_are_noticed(self):
        first = []

        def confuse(data):
            first.append(data)
            return first[0][:len(data)].ljust(len(data))
        with Server(confuse) as server:
            done = load(server.port, "--connections", "2", "--requests", "9")
        self.assertEqual(done.returncode, 1)

    def test_a_connection_that_ends_is_noticed(self):
        with Server(lambda data: 1 / 0 if len(data) > 999999 else b"")as server:
            server.serve = lambda connection: connection.close()
            done = load(server.port, "--requests", "100")
        self.assertEqual(done.returncode, 1)

    def test_http_answers_may_come_in_pieces(self):
        class Piecemeal(Server):
            def serve(self, connection):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY,
                                      1)
                try:
                    while connection.recv(65536):
                        for byte in http_answer("hello"):
                            connection.send(bytes([byte]))
                except OSError:
                    pass
        with Piecemeal(None) as server:
            done = load(server.port, "--warm-up", "0", "--requests", "5",
                        "--body", "hello", protocol="http")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_http_answers_that_are_wrong_are_noticed(self):
        for wrong in (http_answer("hallo"), http_answer("hello", "404 No"),
                      http_answer("hello!"), b"HTTP/1.1 200 OK\r\n\r\nhello"):
            with Server(lambda data: wrong) as server:
                done = load(server.port, "--requests", "5", "--body", "hello",
                            protocol="http")
            self.assertEqual(done.returncode, 1, wrong)

    def test_an_answer_that_nobody_asked_for_is_noticed(self):
        with Server(lambda data: 2 * http_answer("hello")) as server:
            done = load(server.port, "--requests", "5", protocol="http")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody has asked", done.stderr)

    def test_an_open_loop_shows_a_halt_in_all_that_it_has_delayed(self):
        """The server halts once, for 0.3 s of 0.5: what was due meanwhile
        has waited, on average, for half of that. One that halts only what is
        under way would show it in one answer of each connection."""
        halted = []

        def halt(data):
            if len(halted) == 10:
                time.sleep(0.3)
            halted.append(1)
            return data
        with Server(halt) as server:
            done = load(server.port, "--rate", "400", "--warm-up", "0",
                        "--seconds", "0.5", "--size", "64")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(measured(done)["p50"], 10_000)

    def test_an_open_loop_says_so_if_the_server_is_too_slow(self):
        def crawl(data):
            time.sleep(0.5)
            return data
        with Server(crawl) as server:
            done = load(server.port, "--rate", "20000", "--seconds", "0.2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't keep up", done.stderr)

    def test_datagrams_that_come_back_are_counted(self):
        with Datagrams(lambda data: data) as server:
            done = load(server.port, "--connections", "3", "--in-flight", "4",
                        "--size", "64", "--warm-up", "0", "--requests", "500",
                        protocol="udp")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(measured(done)["lost"], 0)

    def test_a_datagram_that_is_lost_is_counted_and_replaced(self):
        seen = []

        def lose_one(data):
            seen.append(data)
            return None if len(seen) == 50 else data
        with Datagrams(lose_one) as server:
            done = load(server.port, "--warm-up", "0", "--requests", "200",
                        "--size", "64", protocol="udp")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertAlmostEqual(measured(done)["lost"], 0.5, places=2)

    def test_a_datagram_that_is_wrong_is_noticed(self):
        for wrong in (lambda data: data[:-1] + bytes([data[-1] ^ 1]),
                      lambda data: data[:-1],
                      lambda data: bytes(7) + b"\1" + data[8:]):
            with Datagrams(wrong) as server:
                done = load(server.port, "--size", "64", protocol="udp")
            self.assertEqual(done.returncode, 1)
            self.assertIn("not what was sent", done.stderr)

    def test_arguments_that_make_no_sense_are_refused(self):
        for words in (["--size", "0"], ["--connections", "x"], ["--what"]):
            self.assertEqual(load(1, *words).returncode, 2, words)
        self.assertEqual(load(1, protocol="gopher").returncode, 2)


@unittest.skipUnless(HAS_TLS, "a build without OpenSSL")
class LoadByTLS(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        secure.make_certificate(pathlib.Path(cls.folder.name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_right_answers_are_counted(self):
        with Secure(lambda data: data) as server:
            done = load(server.port, "--tls", "--connections", "3", "--size",
                        "50000", "--warm-up", "0", "--requests", "50")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(server.handshakes, 4)

    def test_a_wrong_byte_is_noticed(self):
        with Secure(lambda data: data[:-1] + b"?") as server:
            done = load(server.port, "--tls", "--requests", "100")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not what was asked for", done.stderr)

    def test_another_version_is_refused(self):
        with Secure(lambda data: data, maximum_version=ssl.TLSVersion.TLSv1_2
                    ) as server:
            done = load(server.port, "--tls", "--requests", "100")
        self.assertEqual(done.returncode, 1)
        self.assertIn("version", done.stderr)

    def test_a_stranger_is_refused(self):
        with Secure(lambda data: data) as server, \
                tempfile.TemporaryDirectory() as folder:
            ours = os.environ["SIMUL_BENCH_PEM"]
            secure.make_certificate(pathlib.Path(folder))
            done = load(server.port, "--tls", "--requests", "100")
            os.environ["SIMUL_BENCH_PEM"] = ours
        self.assertEqual(done.returncode, 1)
        self.assertIn("certificate verify failed", done.stderr)

    def test_handshakes_are_counted(self):
        with Secure(lambda data: data) as server:
            done = load(server.port, "--tls", "--connections", "2",
                        "--warm-up", "0", "--requests", "20",
                        protocol="handshakes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(server.handshakes, 20)
        self.assertEqual(server.resumed, 0)

    def test_sessions_are_resumed(self):
        with Secure(lambda data: data) as server:
            done = load(server.port, "--tls", "--connections", "2",
                        "--resume", "--warm-up", "0", "--requests", "20",
                        protocol="handshakes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(server.resumed, 18)

    def test_a_server_that_resumes_none_is_noticed(self):
        """It gives out tickets, and knows them not."""
        class Forgetful(Secure):
            def serve(self, connection):
                self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self.context.load_cert_chain(os.environ["SIMUL_BENCH_PEM"])
                super().serve(connection)
        with Forgetful(lambda data: data) as server:
            done = load(server.port, "--tls", "--resume", "--requests", "20",
                        protocol="handshakes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not resumed", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
