#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py - run an example and compare what it prints, line for line.

    check.py EXPECTED PROGRAM [ARGUMENT...]
    check.py --real SECONDS EXPECTED PROGRAM [ARGUMENT...]
    check.py --interrupt EXPECTED PROGRAM [ARGUMENT...]
    check.py --error PROGRAM [ARGUMENT...]

The program runs under the virtual clock, where it must not take long. With
--real it runs in real time, and must take so many SECONDS. With --interrupt it
gets SIGINT after 0.3 s of real time, and must end with an error, having printed
the beginning of what is expected. With --error it must refuse its arguments.

All text must be equal, but for three things:

  1.00 seconds  time that was measured: equal under the virtual clock; in real
                time at least that, and at most TOLERANCE seconds more.
                (What says "done in 0.5s" was drawn, not measured: equal.)
  04:28:31      time of day, after "Start:", "End:" and "completed at": the
                difference from the first one; in real time within a second
  <461fcf24ad>  a random item: different items stay different and the same
                item stays the same

The backend is whatever SIMUL_BACKEND says. TEST_STRETCH multiplies what has to
do with the speed of the machine. TEST_WRAPPER, or MESON_EXE_WRAPPER, is a
command to run the program with: valgrind, an emulator.
"""
import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import time

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
TOLERANCE = 0.5 * STRETCH
INTERRUPT_AFTER = 0.3 * STRETCH
VIRTUAL_AT_MOST = 5 * STRETCH
HANGS_AFTER = 60 * STRETCH

# What may differ: a time that was measured, a time of day, a random item.
VARIABLE = re.compile(r'''
    (?P<seconds> \d+\.\d+ (?=\ seconds) )
  | (?: (?<=Start:\ ) | (?<=End:\ ) | (?<=completed\ at\ ) )
    (?P<clock> \d\d:\d\d:\d\d )
  | (?P<item> <[0-9a-f]{10}> )
''', re.VERBOSE)


class Different(Exception):
    """What was printed is not what was expected."""


def constant(line):
    """The line with the kind of each variable part in its place."""
    return VARIABLE.sub(lambda part: f'\0{part.lastgroup}\0', line)


def seconds_of_day(clock):
    hours, minutes, seconds = map(int, clock.split(':'))
    return (hours * 60 + minutes) * 60 + seconds


class Comparison:
    """Compares lines, and remembers items and the first time of day."""

    def __init__(self, real):
        self.real = real
        self.first_clock = None  # a pair: expected, printed
        self.items = {}  # expected: printed

    def seconds(self, expected, printed):
        if not self.real:
            return expected == printed
        # Both are rounded to as many places.
        rounding = 10.0 ** -len(expected.partition('.')[2])
        late = float(printed) - float(expected)
        return -rounding <= late <= TOLERANCE

    def clock(self, expected, printed):
        pair = seconds_of_day(expected), seconds_of_day(printed)
        if self.first_clock is None:
            self.first_clock = pair
        passed = [(now - first) % 86400
                  for now, first in zip(pair, self.first_clock)]
        return abs(passed[1] - passed[0]) <= (1 if self.real else 0)

    def item(self, expected, printed):
        if expected not in self.items and printed in self.items.values():
            return False
        return self.items.setdefault(expected, printed) == printed

    def line(self, expected, printed):
        if constant(expected) != constant(printed):
            return False
        variables = zip(VARIABLE.finditer(expected),
                        VARIABLE.finditer(printed))
        return all(getattr(self, a.lastgroup)(a[0], b[0])
                   for a, b in variables)


def compare(expected, printed, real, only_beginning=False):
    comparison = Comparison(real)
    expected, printed = expected.splitlines(), printed.splitlines()
    for number, (a, b) in enumerate(zip(expected, printed), 1):
        if not comparison.line(a, b):
            raise Different(f'line {number} differs:\n'
                            f'  expected {a!r}\n'
                            f'  printed  {b!r}')
    if len(printed) > len(expected):
        raise Different(f'unexpected: {printed[len(expected)]!r}')
    if len(printed) < len(expected) and not only_beginning:
        raise Different(f'missing: {expected[len(printed)]!r}')


def run(command, virtual=False, interrupt_after=None):
    """Return status, output, errors, and how many seconds it took."""
    wrapper = (os.environ.get('TEST_WRAPPER')
               or os.environ.get('MESON_EXE_WRAPPER', ''))
    environment = dict(os.environ)
    environment.pop('SIMUL_CLOCK', None)
    if virtual:
        environment['SIMUL_CLOCK'] = 'virtual'
    start = time.monotonic()
    with subprocess.Popen(shlex.split(wrapper) + command, env=environment,
                          text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        try:
            if interrupt_after is not None:
                time.sleep(interrupt_after)
                process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=HANGS_AFTER)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Different(f'still runs after {HANGS_AFTER:g} s') from None
    took = time.monotonic() - start
    # Valgrind's remarks about itself: "--123-- WARNING: unhandled syscall".
    errors = re.sub(r'^--\d+-- .*\n', '', errors, flags=re.MULTILINE)
    return process.returncode, output, errors, took


def check_success(expected, command, seconds):
    """seconds is how long it takes in real time; None: virtual time."""
    real = seconds is not None
    status, output, errors, took = run(command, virtual=not real)
    if status != 0 or errors:
        raise Different(f'exit status {status}; on stderr: {errors!r}')
    compare(expected, output, real)
    if real and not seconds - 0.01 <= took <= seconds + TOLERANCE:
        raise Different(f'took {took:.2f} s instead of {seconds:g} s')
    if not real and took > VIRTUAL_AT_MOST:
        raise Different(f'took {took:.2f} s in spite of the virtual clock')


def check_error(command, interrupt_after=None, expected=''):
    status, output, errors, _ = run(command, interrupt_after=interrupt_after)
    if status not in (1, 2):
        raise Different(f'exit status {status}, not 1 or 2')
    compare(expected, output, real=True, only_beginning=True)
    name = os.path.basename(command[0])
    if not re.match(rf'(usage: |\S*/)?{name}\b.*\n', errors):
        raise Different(f'no clear message on stderr: {errors!r}')


def main():
    parser = argparse.ArgumentParser()
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument('--real', metavar='SECONDS', type=float)
    mode.add_argument('--interrupt', action='store_true')
    mode.add_argument('--error', action='store_true')
    parser.add_argument('command', nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command
    try:
        if options.error:
            check_error(command)
            return
        with open(command.pop(0), encoding='utf-8') as file:
            expected = file.read()
        if options.interrupt:
            check_error(command, INTERRUPT_AFTER, expected)
        else:
            check_success(expected, command, options.real)
    except (Different, OSError) as problem:
        sys.exit(f'{" ".join(command)}: {problem}')


if __name__ == '__main__':
    main()
