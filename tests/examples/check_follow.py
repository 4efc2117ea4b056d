#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_follow.py FOLLOW - follow(1) a log that is written to, rotated, removed
and cut, and see that each line is printed once, in order."""
import os
import shlex
import signal
import subprocess
import sys
import tempfile

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER', '') or
                      os.environ.get('MESON_EXE_WRAPPER', ''))


def write(path, text, mode='a'):
    with open(path, mode, encoding='utf-8') as file:
        file.write(text)


def check(follower, expected):
    """The next lines are these; a reader that waits in vain is killed."""
    for line in expected:
        printed = follower.stdout.readline().rstrip('\n')
        if printed != line:
            sys.exit(f'expected {line!r}, not {printed!r}')


def follow(program, log):
    write(log, 'one\ntwo\nhalf a ')
    follower = subprocess.Popen(WRAPPER + [program, log], text=True,
                                stdout=subprocess.PIPE)
    signal.signal(signal.SIGALRM, lambda *_: follower.kill())
    signal.alarm(int(30 * STRETCH))
    check(follower, ['one', 'two'])
    write(log, 'line\nthree\n')
    check(follower, ['half a line', 'three'])
    # Rotated: the writer may still have the old one open for a moment.
    with open(log, 'a', encoding='utf-8') as old:
        os.rename(log, log + '.1')
        old.write('the last\n')
    check(follower, ['the last'])
    write(log, 'the first\n')
    check(follower, ['the first'])
    os.unlink(log)
    write(log, 'after its removal\n')
    check(follower, ['after its removal'])
    write(log, '', 'w')
    write(log, 'after it was cut\n')
    check(follower, ['after it was cut'])
    follower.send_signal(signal.SIGINT)
    if follower.wait() != 0:
        sys.exit(f'it ended with {follower.returncode}')
    if follower.stdout.read():
        sys.exit('there was more')


with tempfile.TemporaryDirectory() as directory:
    follow(sys.argv[1], os.path.join(directory, 'log'))
