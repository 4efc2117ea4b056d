# SPDX-License-Identifier: MIT
"""A server on one core, and the load on another."""

import random
import socket
import subprocess
import tempfile

from . import process
from .failed import Failed, figures, last_words

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
    words = [path, case.program, port, "--server", server]
    for name, value in case.load:
        words += [f"--{name}"] if value is True else [f"--{name}", value]
    return words


def run(contender, case, watch):
    """Start the server, load it, end it; returns {measure: (unit, value)}."""
    port = free_port()
    before, start = watch.start(), process.now()
    used = process.cpu_of_children()
    with tempfile.TemporaryFile("w+") as said:
        try:
            server = process.start(contender.server(case.program, port),
                                   watch.server_core, contender.env,
                                   stdout=said, stderr=said)
        except OSError as error:
            raise Failed(str(error)) from None
        try:
            lines = load(case, port, server, watch)
        except Failed as reason:
            ended = server.poll()
            said.seek(0)
            raise Failed(str(reason) if ended is None else
                         f"ended with {ended}: {last_words(said.read())}"
                         ) from None
        finally:
            process.end(server)
    watch.stop(before, process.now() - start,
               process.cpu_of_children() - used,
               {watch.core, watch.server_core})
    return lines


def load(case, port, server, watch):
    program = process.start(
        load_command(case, port, server.pid, watch.load), watch.core, {},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.finish(program, LIMIT)
    except TimeoutError as error:
        raise Failed(str(error)) from None
    if program.returncode != 0:
        raise Failed(last_words(err))
    return figures(out)
