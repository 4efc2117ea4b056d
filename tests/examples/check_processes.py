#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_processes.py PARALLEL SUPERVISE - what only shows in real time: output
that is live, commands side by side, programs that are kept alive, and that all
of them end with who has started them. Nothing here waits for a time: commands
wait for each other at FIFOs."""
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time

STRETCH = float(os.environ.get('TEST_STRETCH', '1'))
WRAPPER = shlex.split(os.environ.get('TEST_WRAPPER', '') or
                      os.environ.get('MESON_EXE_WRAPPER', ''))
PARALLEL, SUPERVISE = sys.argv[1:3]


def start(*command):
    program = subprocess.Popen(WRAPPER + list(command), text=True,
                               stdout=subprocess.PIPE)
    signal.signal(signal.SIGALRM, lambda *_: program.kill())
    signal.alarm(int(30 * STRETCH))
    return program


def end(program, result, rest=''):
    said = program.stdout.read()
    if program.wait() != result:
        sys.exit(f'it ended with {program.returncode}, not {result}')
    if said != rest:
        sys.exit(f'it said {said!r} at last, not {rest!r}')


def next_line(program):
    return program.stdout.readline().rstrip('\n')


def expect(program, line):
    said = next_line(program)
    if said != line:
        sys.exit(f'expected {line!r}, not {said!r}')


def wait_until_gone(pid):
    """It need not be a child of ours, so who adopts it has to reap it."""
    until = time.monotonic() + 20 * STRETCH
    while time.monotonic() < until:
        try:
            with open(f'/proc/{pid}/stat', encoding='utf-8') as file:
                if file.read().rpartition(')')[2].split()[0] == 'Z':
                    return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.01)
    sys.exit(f'process {pid} is still there')


def live_output(fifo):
    program = start(PARALLEL, '-j', '1', f'echo early; cat {fifo}; echo late')
    expect(program, '[1] early')
    with open(fifo, 'w', encoding='utf-8') as file:
        file.write('between\n')
    expect(program, '[1] between')
    end(program, 0, '[1] late\n')


def side_by_side(fifo):
    program = start(PARALLEL, '-j', '2', f'echo met > {fifo}', f'cat {fifo}')
    end(program, 0, '[2] met\n')


def nothing_after_a_failure():
    program = start(PARALLEL, '-j', '1', 'exit 3', 'echo never')
    end(program, 1, '[1] exit 3: exited with 3\n')


def interrupted():
    program = start(PARALLEL, '-j', '2', 'echo $$; sleep 1000 & wait',
                    'echo $$; sleep 1000 & wait')
    pids = [int(next_line(program).split()[1]) for _ in range(2)]
    program.send_signal(signal.SIGINT)
    program.stdout.read()
    if program.wait() == 0:
        sys.exit('it was interrupted and says that all is well')
    for pid in pids:
        wait_until_gone(pid)


def started(program, command):
    """Its number; it may be faster than who has started it."""
    lines = {next_line(program) for _ in range(2)}
    if f'{command}: started' not in lines:
        sys.exit(f'it was not started: {lines!r}')
    lines.remove(f'{command}: started')
    return int(lines.pop())


def kept_alive():
    command = 'echo $$; exec sleep 1000'
    program = start(SUPERVISE, command)
    first = started(program, command)
    os.kill(first, signal.SIGKILL)
    expect(program, f'{command}: ended by SIGKILL (Killed)')
    second = started(program, command)
    if first == second:
        sys.exit('it is the same process')
    program.send_signal(signal.SIGTERM)
    expect(program, f'{command}: is to end')
    program.stdout.read()
    program.wait()
    wait_until_gone(second)


def main():
    tests = [live_output, side_by_side, nothing_after_a_failure, interrupted,
             kept_alive]
    print(f'1..{len(tests)}', flush=True)
    for number, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as directory:
            fifo = os.path.join(directory, 'fifo')
            os.mkfifo(fifo)
            test(*[fifo] if test.__code__.co_argcount else [])
        print(f'ok {number} - {test.__name__.replace("_", " ")}', flush=True)


main()
