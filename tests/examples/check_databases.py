#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_databases.py - let an example talk to a database of its own.

    check_databases.py postgres PROGRAM EXPECTED
    check_databases.py redis PROGRAM EXPECTED

A server is started for it in a directory of its own, where it listens at a Unix
socket and at nothing else, and is stopped afterwards. Without such a server
this is skipped (exit status 77).
"""
import contextlib
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
HANGS_AFTER = 60 * STRETCH
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER')
                      or os.environ.get('MESON_EXE_WRAPPER', ''))
SKIPPED = 77


def skip(why):
    print(why)
    sys.exit(SKIPPED)


def quietly(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=HANGS_AFTER, check=False)
    if done.returncode != 0:
        sys.exit(f'{shlex.join(command)}: {done.returncode}\n{done.stdout}')


# ---- Servers

@contextlib.contextmanager
def postgres():
    """Yields how libpq finds it."""
    programs = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'))
    if not programs:
        skip('there is no PostgreSQL here')
    where = os.path.dirname(programs[-1])
    # It refuses to run as root.
    other = ['runuser', '-u', 'postgres', '--'] if os.getuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix='simul-') as directory:
        if other:
            shutil.chown(directory, 'postgres')
        data = os.path.join(directory, 'data')
        quietly(other + [f'{where}/initdb', '--no-sync', '--auth=trust',
                         '--username=simul', '--pgdata', data])
        control = other + [f'{where}/pg_ctl', '--pgdata', data, '--wait']
        quietly(control + ['--log', os.path.join(directory, 'log'),
                           '--options', f"-k {directory} -F "
                           "-c listen_addresses=''", 'start'])
        try:
            yield f'host={directory} user=simul dbname=postgres'
        finally:
            quietly(control + ['--mode=immediate', 'stop'])


def wait_for(path, process):
    until = time.monotonic() + HANGS_AFTER
    while not os.path.exists(path):
        if process.poll() is not None or time.monotonic() > until:
            sys.exit('redis-server does not start')
        time.sleep(0.02)


@contextlib.contextmanager
def redis():
    """Yields the path of its socket."""
    program = shutil.which('redis-server')
    if not program:
        skip('there is no Redis here')
    with tempfile.TemporaryDirectory(prefix='simul-') as directory:
        path = os.path.join(directory, 'socket')
        process = subprocess.Popen(
            [program, '--port', '0', '--unixsocket', path, '--save', '',
             '--dir', directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_for(path, process)
            yield path
        finally:
            process.terminate()
            process.wait(HANGS_AFTER)


# ---- What it prints

def run(program, argument):
    done = subprocess.run(WRAPPER + [program, argument], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=HANGS_AFTER, check=False)
    errors = re.sub(r'^--\d+-- .*\n', '', done.stderr, flags=re.MULTILINE)
    return done.returncode, done.stdout, errors


def main():
    kind, program, expected = sys.argv[1:]
    with open(expected, encoding='utf-8') as file:
        expected = file.read()
    with {'postgres': postgres, 'redis': redis}[kind]() as argument:
        said = run(program, argument)
        if said != (0, expected, ''):
            sys.exit(f'status, output and errors are {said}')
    # And now there is nobody there.
    status, output, errors = run(program, argument)
    if status != 1 or output or not errors.startswith(f'{kind}: '):
        sys.exit(f'without a server: {(status, output, errors)}')


if __name__ == '__main__':
    main()
