#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files are named for what is in them, types are not POSIX's, and each file
begins with its licence."""

import re

from source import C, CODE, ROOT, Check, files

NOTHING_SAID = {"util", "utils", "common", "misc", "helper", "helpers"}
POSIX_TYPE = re.compile(r"\b(?:simul|smi|SIMUL|SMI)_\w+_t\b")
LICENCE = "SPDX-License-Identifier: MIT"

check = Check("names")

for path in files(*C, ".py", ".sh", under=[*CODE, "scripts"]):
    text = path.read_text()
    lines = text.splitlines() or [""]
    first = 1 if lines[0].startswith("#!") else 0
    if LICENCE not in "".join(lines[first:first + 1]):
        check.wrong(path, first + 1, f"this line should say {LICENCE}")
    if NOTHING_SAID & set(re.split(r"[_.-]", path.stem)):
        check.wrong(path, 1, "name the file for the one concept in it")
    for i, line in enumerate(lines, 1):
        for name in POSIX_TYPE.findall(line):
            check.wrong(path, i, f"{name}: names that end in _t are POSIX's")
    if path.is_relative_to(ROOT / "include"):
        for found in re.finditer(r"^(?:typedef\b[^;{]*|\})\s*\*?(\w+_t);",
                                 text, re.M):
            check.wrong(path, text[:found.start()].count("\n") + 1,
                        f"{found[1]}: names that end in _t are POSIX's")
check.close()
