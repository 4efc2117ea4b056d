#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The code is formatted as .clang-format says, and its comments are no wider."""

import re
import subprocess

from source import ROOT, Check, files

COLUMNS = 80
TAB = 8

check = Check("format")
said = subprocess.run(["clang-format", "--dry-run", *files(".c", ".h")],
                      cwd=ROOT, capture_output=True, text=True)
places = {}
for path, line in re.findall(r"^(\S+):(\d+):\d+: warning", said.stderr, re.M):
    places.setdefault(ROOT / path, line)
for path, line in places.items():
    check.wrong(path, line, "not formatted: clang-format -i "
                f"{path.relative_to(ROOT)}")
for path in files(".c", ".h"):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        width = len(line.expandtabs(TAB))
        if width > COLUMNS:
            check.wrong(path, number, f"{width} columns, at most {COLUMNS}")
if said.returncode:
    check.problems += 1
    print(said.stderr)
check.close()
