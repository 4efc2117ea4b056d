#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_servers.py - talk to the servers among the examples; answers in TAP.

    check_servers.py ECHO_SERVER CHAT_SERVER TCP_PROXY

The backend is whatever SIMUL_BACKEND says. TEST_STRETCH multiplies all time
limits. TEST_WRAPPER is a command to run the programs with: valgrind, an
emulator.
"""
import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
HANGS_AFTER = 20 * STRETCH
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER')
                      or os.environ.get('MESON_EXE_WRAPPER', ''))
ECHO, CHAT, PROXY = sys.argv[1:4]
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Skip(Exception):
    """This can't be checked here; the argument says why."""


def without_valgrinds_remarks(errors):
    return re.sub(r'^--\d+-- .*\n', '', errors, flags=re.MULTILINE)


@contextlib.contextmanager
def running(program, *arguments, errors=''):
    """Yields the port of a server, which is ended by Ctrl-C afterwards."""
    process = subprocess.Popen(WRAPPER + [program, *arguments], text=True,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        first = process.stdout.readline()
        where = re.fullmatch(r'listening at 127\.0\.0\.1:(\d+)\n', first)
        assert where, (first, process.communicate(timeout=HANGS_AFTER))
        yield int(where[1])
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=HANGS_AFTER)
        assert output == '', output
        assert re.fullmatch(errors, without_valgrinds_remarks(said)), said
        assert process.returncode == 0, process.returncode
    finally:
        process.kill()
        process.communicate()


def connect(port, buffer=None):
    s = socket.socket()
    s.settimeout(HANGS_AFTER)
    if buffer:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    s.connect(('127.0.0.1', port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()


def read_all(s):
    data = b''
    while piece := s.recv(65536):
        data += piece
    return data


def need(program):
    if not shutil.which(program):
        raise Skip(f'there is no {program} here')


def shell(command):
    return subprocess.run(['sh', '-c', command], timeout=HANGS_AFTER,
                          capture_output=True, check=True).stdout


# ---- Echo

def send_and_end(s, data):
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)


def check_echo(port, data):
    with connect(port) as s:
        sender = threading.Thread(target=send_and_end, args=(s, data))
        sender.start()
        assert read_all(s) == data
        sender.join()


@check
def an_echo():
    with running(ECHO, '0') as port:
        check_echo(port, b'hello')
        check_echo(port, b'')
        check_echo(port, os.urandom(3000000))


@check
def echoes_at_once():
    with running(ECHO, '0') as port, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(port)) for _ in range(100)]
        for i, s in enumerate(clients):
            s.sendall(b'%d' % i)
        for i, s in reversed(list(enumerate(clients))):
            s.shutdown(socket.SHUT_WR)
            assert read_all(s) == b'%d' % i


@check
def an_echo_after_resets():
    with running(ECHO, '0') as port:
        for _ in range(50):
            s = connect(port)
            s.sendall(b'x' * 100000)
            reset(s)
        check_echo(port, b'still there?')


@check
def an_echo_for_nc_and_socat():
    need('nc')
    need('socat')
    with running(ECHO, '0') as port:
        assert shell(f'echo hello | nc -N 127.0.0.1 {port}') == b'hello\n'
        assert shell(f'echo hello | socat -t 10 STDIO TCP:127.0.0.1:{port}'
                     ) == b'hello\n'


@check
def a_port_that_is_taken():
    with running(ECHO, '0') as port:
        second = subprocess.run(WRAPPER + [ECHO, str(port)], text=True,
                                timeout=HANGS_AFTER, capture_output=True,
                                check=False)
        assert second.returncode == 1
        assert (without_valgrinds_remarks(second.stderr) ==
                'echo_server: Address already in use\n'), second.stderr


# ---- Chat

class Guest:
    def __init__(self, port, name=None, buffer=None):
        self.socket = connect(port, buffer)
        self.file = self.socket.makefile('rw', newline='\n')
        self.expect('* your name?')
        if name:
            self.say(name)

    def say(self, *lines):
        for line in lines:
            self.file.write(line + '\n')
        self.file.flush()

    def expect(self, *lines, but=None):
        """Have these been said, and nothing else but for one? Was that?"""
        was_said = False
        for line in lines:
            heard = self.file.readline()
            if heard == f'{but}\n':
                was_said = True
                heard = self.file.readline()
            assert heard == line + '\n', (heard, line)
        return was_said

    def close(self):
        self.file.close()
        self.socket.close()


@check
def a_chat():
    with running(CHAT, '0') as port:
        anna = Guest(port, 'Anna')
        bert = Guest(port, 'Bert')
        anna.expect('* Bert has come')
        cleo = Guest(port, 'Cleo')
        anna.expect('* Cleo has come')
        bert.expect('* Cleo has come')
        anna.say('hello', 'you two')
        for guest in bert, cleo:
            guest.expect('Anna: hello', 'Anna: you two')
        bert.close()
        anna.expect('* Bert has gone')
        cleo.expect('* Bert has gone')
        cleo.say('just us')
        anna.expect('Cleo: just us')
        anna.close()
        cleo.expect('* Anna has gone')
        cleo.close()


@check
def names_in_a_chat():
    with running(CHAT, '0') as port:
        anna = Guest(port, 'Anna')
        other = Guest(port)
        other.say('Anna')
        other.expect('* there is one already; your name?')
        other.say('')
        other.expect('* a name has 1 to 20 letters; yours?')
        other.say('x' * 21)
        other.expect('* a name has 1 to 20 letters; yours?')
        other.say('x' * 20)
        anna.expect('* ' + 'x' * 20 + ' has come')
        # Nobody was there under that name.
        Guest(port).close()
        other.say('\033[2Jboo\a')
        anna.expect('x' * 20 + ': ?[2Jboo?')
        other.close()
        anna.expect('* ' + 'x' * 20 + ' has gone')
        anna.close()


@check
def too_long_a_line_in_a_chat():
    with running(CHAT, '0') as port:
        anna = Guest(port, 'Anna')
        bert = Guest(port, 'Bert')
        anna.expect('* Bert has come')
        bert.say('y' * 1000)
        anna.expect('Bert: ' + 'y' * 1000)
        bert.say('y' * 100000)
        bert.expect('* that is too much at once')
        anna.expect('* Bert has gone')
        anna.close()
        bert.close()


@check
def a_guest_who_does_not_listen():
    line = 'z' * 900
    gone = '* Bert has gone'
    with running(CHAT, '0') as port:
        anna = Guest(port, 'Anna')
        deaf = Guest(port, 'Bert', buffer=4096)
        anna.expect('* Bert has come')
        cleo = Guest(port, 'Cleo')
        anna.expect('* Cleo has come')
        # Until all the systems' buffers on the way are full; but no more at
        # once than one who listens may be behind.
        rounds = 1
        anna.say(*[line] * 50)
        while not cleo.expect(*['Anna: ' + line] * 50, but=gone):
            assert rounds < 1000
            rounds += 1
            anna.say(*[line] * 50)
        anna.expect(gone)
        for guest in anna, deaf, cleo:
            guest.close()


@check
def a_reset_in_a_chat():
    with running(CHAT, '0') as port:
        anna = Guest(port, 'Anna')
        bert = Guest(port, 'Bert')
        anna.expect('* Bert has come')
        bert.file.close()
        reset(bert.socket)
        anna.expect('* Bert has gone')
        anna.close()


# ---- Proxy

@contextlib.contextmanager
def proxied_echo():
    with running(ECHO, '0') as port, \
            running(PROXY, '0', '127.0.0.1', str(port)) as proxy:
        yield proxy


@check
def a_proxy():
    with proxied_echo() as port:
        check_echo(port, b'hello')
        check_echo(port, os.urandom(3000000))


@check
def a_half_close_through_a_proxy():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        with running(PROXY, '0', '127.0.0.1',
                     str(listener.getsockname()[1])) as port:
            client = connect(port)
            server, _ = listener.accept()
            client.sendall(b'a question')
            client.shutdown(socket.SHUT_WR)
            assert read_all(server) == b'a question'
            server.sendall(b'an answer')
            server.shutdown(socket.SHUT_WR)
            assert read_all(client) == b'an answer'
            client.close()
            server.close()


def is_reset(s):
    try:
        read_all(s)
    except ConnectionResetError:
        return True
    return False


@check
def a_reset_through_a_proxy():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        with running(PROXY, '0', '127.0.0.1',
                     str(listener.getsockname()[1]),
                     errors='(?:tcp_proxy: .*: .* connection abort\n){2}'
                     ) as port:
            client = connect(port)
            server, _ = listener.accept()
            reset(client)
            assert is_reset(server)
            server.close()
            client = connect(port)
            server, _ = listener.accept()
            server.sendall(b'x')
            assert client.recv(1) == b'x'
            reset(server)
            assert is_reset(client)
            client.close()


@check
def a_proxy_before_nothing():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
    with running(PROXY, '0', '127.0.0.1', str(port),
                 errors=r'tcp_proxy: 127\.0\.0\.1:\d+: Connection refused\n'
                 ) as proxy:
        with connect(proxy) as s:
            assert read_all(s) == b''


# ---- TAP

def main():
    failed = 0
    print(f'1..{len(CHECKS)}')
    for number, function in enumerate(CHECKS, 1):
        name = 'servers: ' + function.__name__.replace('_', ' ')
        try:
            function()
            print(f'ok {number} - {name}', flush=True)
        except Skip as why:
            print(f'ok {number} - {name} # SKIP {why}', flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f'not ok {number} - {name}')
            for line in traceback.format_exc().splitlines():
                print(f'# {line}', flush=True)
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
