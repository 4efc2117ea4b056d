#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_random.py - does python_random.c draw what Python draws?

    check_random.py PROGRAM [ARGUMENT...]

PROGRAM is draw_random (with an emulator before it, if need be). Python's
generator is asked the same questions in the same order.
"""
import random
import subprocess
import sys

SEEDS = [0, 1, 2, 444, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1,
         2**63, 2**64 - 1]
RANGES = [(0, 0), (0, 1), (0, 10), (1, 5), (1, 8), (1, 9), (0, 2**31 - 1),
          (-2**31, -1), (-2**31, 2**31 - 1), (-3, 3), (7, 1000)]


def draws():
    """Yield pairs: a request, and Python's answer to it or None."""
    chooser = random.Random(1)  # chooses what to ask; not what is compared
    seeds = SEEDS + [chooser.getrandbits(chooser.randint(1, 64))
                     for _ in range(100)]
    for seed in seeds:
        drawer = random.Random(seed)
        yield f'seed {seed}', None
        for _ in range(500):  # past the end of the generator's state
            kind = chooser.randrange(4)
            a, b = chooser.choice(RANGES)
            if kind == 0:
                yield 'random', drawer.random()
            elif kind == 1:
                yield f'uniform {a} {b}', drawer.uniform(a, b)
            else:
                yield f'randint {a} {b}', drawer.randint(a, b)


def main():
    asked = list(draws())
    answers = subprocess.run(
        sys.argv[1:], check=True, text=True, stdout=subprocess.PIPE,
        input=''.join(request + '\n' for request, _ in asked)).stdout.split()
    expected = [(request, value) for request, value in asked
                if value is not None]
    if len(answers) != len(expected):
        sys.exit(f'{len(answers)} answers to {len(expected)} requests')
    for number, (answer, (request, value)) in enumerate(
            zip(answers, expected), 1):
        got = float.fromhex(answer) if isinstance(value, float) else int(answer)
        if got != value:
            sys.exit(f'draw {number}, {request}: {got}, in Python {value}')
    print(f'{len(expected)} draws are the same')


if __name__ == '__main__':
    main()
