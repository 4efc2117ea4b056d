#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_tls.py TLS_CHAIN TLS_ECHO - run the two programs against each other,
and against Python. Answers in TAP."""
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import traceback

CHAIN, ECHO = (os.path.abspath(name) for name in sys.argv[1:3])
STRETCH = float(os.environ.get('TEST_STRETCH', 1))
HANGS_AFTER = 30 * STRETCH
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER')
                      or os.environ.get('MESON_EXE_WRAPPER', ''))
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def make_certificate():
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem', '-out',
         'cert.pem', '-subj', '/O=Test/CN=a.example', '-days', '9', '-addext',
         'subjectAltName=DNS:a.example,IP:127.0.0.1'],
        check=True, capture_output=True)


class Echo:
    """tls_echo runs."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [*WRAPPER, ECHO, 'cert.pem', 'key.pem'], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.port = int(self.process.stdout.readline().rsplit(':', 1)[1])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        _, self.said = self.process.communicate(timeout=HANGS_AFTER)


def chain(port, **environment):
    return subprocess.run(
        [*WRAPPER, CHAIN, '127.0.0.1', str(port)], text=True,
        env=os.environ | environment, timeout=HANGS_AFTER,
        capture_output=True, check=False)


def connect(port):
    context = ssl.create_default_context(cafile='cert.pem')
    s = socket.create_connection(('127.0.0.1', port), HANGS_AFTER)
    return context.wrap_socket(s, server_hostname='a.example')


@check
def the_chain_is_printed():
    with Echo() as echo:
        run = chain(echo.port, SSL_CERT_FILE='cert.pem')
    assert run.returncode == 0, run.stderr
    assert re.fullmatch(
        r'TLSv1\.3 with TLS_AES_256_GCM_SHA384\n'
        r'0  CN=a\.example,O=Test\n'
        r'   signed by CN=a\.example,O=Test\n'
        r'   good from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\n'
        r'   for a\.example, 127\.0\.0\.1\n', run.stdout), run.stdout
    assert echo.said == '', echo.said


@check
def who_is_not_to_be_believed_is_not():
    with Echo() as echo:
        run = chain(echo.port)
    assert run.returncode == 1
    assert run.stdout == '', run.stdout
    assert run.stderr == ('tls_chain: self-signed certificate '
                          '(CN=a.example,O=Test)\n'), run.stderr
    assert re.fullmatch(r'127\.0\.0\.1:\d+: the peer says: unknown ca\n',
                        echo.said), echo.said


@check
def what_python_says_comes_back():
    with Echo() as echo:
        with connect(echo.port) as s:
            for size in (1, 1000, 100000):
                text = os.urandom(size)
                s.sendall(text)
                got = b''
                while len(got) < size:
                    got += s.recv(size)
                assert got == text
            s.unwrap()
    assert echo.said == '', echo.said


@check
def who_does_not_speak_tls_is_named():
    with Echo() as echo:
        with socket.create_connection(('127.0.0.1', echo.port)) as s:
            s.sendall(b'GET / HTTP/1.0\r\n\r\n')
            s.settimeout(HANGS_AFTER)
            while s.recv(100):
                pass
    assert re.fullmatch(r'127\.0\.0\.1:\d+: http request\n',
                        echo.said), echo.said


@check
def nobody_there_is_said():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        port = s.getsockname()[1]
        run = chain(port)
    assert run.returncode == 1
    assert run.stderr == (f'tls_chain: connect to 127.0.0.1:{port}: '
                          'Connection refused\n'), run.stderr


@check
def a_missing_file_is_named():
    run = subprocess.run([*WRAPPER, ECHO, 'no.pem', 'key.pem'], text=True,
                         timeout=HANGS_AFTER, capture_output=True, check=False)
    assert run.returncode == 1
    assert run.stderr == 'tls_echo: no.pem: No such file or directory\n'


def main():
    print(f'1..{len(CHECKS)}')
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_certificate()
        for number, function in enumerate(CHECKS, 1):
            name = function.__name__.replace('_', ' ')
            try:
                function()
                print(f'ok {number} - {name}', flush=True)
            except Exception:  # whatever it is, it is a failure
                print(f'not ok {number} - {name}')
                print(re.sub('^', '# ', traceback.format_exc().rstrip(),
                             flags=re.M), flush=True)
        os.chdir('/')


main()
