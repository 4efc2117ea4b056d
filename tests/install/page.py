#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py - build and run the programs in a page of documentation.

    page.py PAGE.md [FLAG...]

Every block of C is a whole program, and the block after it is what it prints.
FLAGs are for the compiler. Programs run under the virtual clock, so that none
of them takes time.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)
COMPILER = ['cc', '-Wall', '-Werror']


def programs(text):
    """Each program, with what it is said to print, and its line."""
    blocks = list(BLOCK.finditer(text))
    for block, following in zip(blocks, blocks[1:] + [None]):
        if block[1] == 'c':
            said = following[2] if following and not following[1] else None
            yield text.count('\n', 0, block.start()) + 2, block[2], said


def run(source, flags):
    """What the program prints, its complaints included."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, 'program')
        with open(program + '.c', 'w', encoding='utf-8') as file:
            file.write(source)
        subprocess.run([*COMPILER, '-o', program, program + '.c', *flags],
                       check=True)
        return subprocess.run(
            [program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60, check=False,
            env={**os.environ, 'SIMUL_CLOCK': 'virtual'}).stdout


def main():
    page, flags = sys.argv[1], sys.argv[2:]
    wrong = count = 0
    with open(page, encoding='utf-8') as file:
        text = file.read()
    for line, source, said in programs(text):
        count += 1
        if said is None:
            print(f'{page}:{line}: nothing says what this prints')
            wrong += 1
            continue
        printed = run(source, flags)
        if printed != said:
            print(f'{page}:{line}: prints something else')
            sys.stdout.writelines(difflib.unified_diff(
                said.splitlines(True), printed.splitlines(True),
                'said', 'printed'))
            wrong += 1
    if not count:
        print(f'{page}: no program in it')
    return wrong or not count


if __name__ == '__main__':
    sys.exit(bool(main()))
