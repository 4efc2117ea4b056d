#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_net.py SCAN UDP_TIME - the examples that talk to others, with Python's
sockets at the other end."""
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
import time

SCAN, UDP_TIME = sys.argv[1:]
STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER')
                      or os.environ.get('MESON_EXE_WRAPPER') or '')
SINCE_1900 = 2208988800


def start(*command):
    return subprocess.Popen([*WRAPPER, *command], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def run(*command):
    program = start(*command)
    out, err = program.communicate(timeout=60 * STRETCH)
    return program.returncode, out, err


def scan_finds_the_ports_that_are_open():
    with socket.socket() as a, socket.socket() as b, socket.socket() as c:
        for s in a, b, c:
            s.bind(('127.0.0.1', 0))
        a.listen()
        b.listen()
        ports = sorted(s.getsockname()[1] for s in (a, b))
        closed = c.getsockname()[1]
        first, last = min(ports[0], closed), max(ports[1], closed)
        code, out, err = run(SCAN, '127.0.0.1', str(first), str(last))
        assert (code, err) == (0, ''), (code, err)
        found = [int(p) for p in re.findall(r'^(\d+) is open$', out, re.M)]
        assert set(ports) <= set(found), out
        assert closed not in found, out
        n = last - first + 1
        assert out.endswith(f'{len(found)} of {n} ports are open\n'), out


def scan_says_that_there_is_no_such_host():
    code, out, err = run(SCAN, 'no such host')
    assert code == 1 and 'no such host' in err, (code, err)


def udp_time_serves_any_client():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    server = start(UDP_TIME, 'serve', str(port))
    assert str(port) in server.stdout.readline()
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.settimeout(20 * STRETCH)
        for _ in range(3):
            s.sendto(b'what time is it?', ('127.0.0.1', port))
            answer = s.recv(100)
            assert len(answer) == 4, answer
            then = struct.unpack('!I', answer)[0] - SINCE_1900
            assert abs(then - time.time()) < 5 * STRETCH, then
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=20 * STRETCH)
    assert server.returncode == 1, server.returncode


def udp_time_asks_any_server():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        s.settimeout(20 * STRETCH)
        client = start(UDP_TIME, 'ask', '127.0.0.1',
                       str(s.getsockname()[1]))
        _, lost = s.recvfrom(100)       # the first question gets lost
        _, again = s.recvfrom(100)
        assert lost == again
        s.sendto(struct.pack('!I', int(time.time()) + 1000 + SINCE_1900),
                 again)
        out, err = client.communicate(timeout=20 * STRETCH)
        ahead = int(re.search(r'is (-?\d+) seconds ahead', out)[1])
        assert 1000 - 10 * STRETCH <= ahead <= 1001, (out, err)


def udp_time_says_that_nobody_answers():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
    code, _, err = run(UDP_TIME, 'ask', '127.0.0.1', str(port))
    assert code == 1 and 'refused' in err, (code, err)


tests = [scan_finds_the_ports_that_are_open,
         scan_says_that_there_is_no_such_host, udp_time_serves_any_client,
         udp_time_asks_any_server, udp_time_says_that_nobody_answers]
failed = 0
print(f'1..{len(tests)}')
for number, test in enumerate(tests, 1):
    try:
        test()
        print(f'ok {number} - {test.__name__}')
    except Exception as error:
        failed = 1
        print(f'not ok {number} - {test.__name__}\n# {error!r}')
sys.exit(failed)
