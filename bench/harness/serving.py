# SPDX-License-Identifier: MIT
"""A server on one core, and the load on another."""

import contextlib
import random
import socket
import tempfile
import time

from . import process, solo
from .failed import Failed, last_words

LIMIT = 60  # seconds that one run may take

# Ports of servers: below those from which connections come.
PORTS = range(15_000, 30_000)


def free_port():
    """A port that nobody listens on."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failed("no port is free")


def load_command(case, port, server, path):
    """How the load is started for this case."""
    words = [path, case.asked or case.program, port, "--server", server]
    for name, value in case.load:
        words += [f"--{name}"] if value is True else [f"--{name}", value]
    return words


@contextlib.contextmanager
def served(contender, program, port, watch, args=()):
    """The server runs meanwhile. If what is done with it fails because it has
    ended, that is said."""
    with tempfile.TemporaryFile("w+") as said:
        try:
            server = process.start([*contender.server(program, port), *args],
                                   {watch.server_core}, contender.env,
                                   stdout=said, stderr=said)
        except OSError as error:
            raise Failed(str(error)) from None
        try:
            yield server
        except Failed as reason:
            ended = server.poll()
            said.seek(0)
            raise Failed(str(reason) if ended is None else
                         f"ended with {ended}: {last_words(said.read())}"
                         ) from None
        finally:
            process.end(server)


def run(contender, case, watch):
    """Start the server, load it, end it; returns {measure: (unit, value)}."""
    port = free_port()
    before, start = watch.start(), process.now()
    used = process.cpu_of_children()
    args = case.args_of.get(contender.name, case.args)
    with served(contender, case.program, port, watch, args) as server:
        command = load_command(case, port, server.pid, watch.load)
        lines = solo.run_program(command, {}, {watch.core}, LIMIT)
    watch.stop(before, process.now() - start,
               process.cpu_of_children() - used,
               {watch.core, watch.server_core})
    return lines


def run_client(contender, case, watch, against):
    """The same for a client and the server that it is measured against."""
    port = free_port()
    before, start = watch.start(), process.now()
    used = process.cpu_of_children()
    with served(against, case.against[1], port, watch):
        await_port(port)
        command = [*contender.command(case.program), *case.args, port]
        lines = solo.run_program(command, contender.env, {watch.core},
                                 LIMIT)
    watch.stop(before, process.now() - start,
               process.cpu_of_children() - used,
               {watch.core, watch.server_core})
    return lines


def await_port(port):
    """Wait until somebody listens there."""
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise Failed("the server does not listen")
