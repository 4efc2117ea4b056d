#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public function and function-like macro says whether it suspends."""

import re

from source import Check, files

CONTRACT = re.compile(r"^\s*(/\*|\*) Suspends[:,]", re.M)
PUBLIC = re.compile(r"^(?:SIMUL_API|static inline)\b|^#define (\w+)\(")
NAME = re.compile(r"(\w+)\(")
ATTRIBUTE = re.compile(r"#define \w+\([^)]*\) *(\\\n\s*)?(__attribute__|$)",
                       re.M)

check = Check("contracts")


def comment_above(lines, at):
    """The comment that ends on the line before this one, or nothing."""
    if at == 0 or not lines[at - 1].rstrip().endswith("*/"):
        return ""
    start = at - 1
    while start > 0 and not lines[start].lstrip().startswith("/*"):
        start -= 1
    return "\n".join(lines[start:at])


for path in files(".h", under=["include"]):
    lines = path.read_text().splitlines()
    for i, line in enumerate(lines):
        if not PUBLIC.match(line) or ATTRIBUTE.match("\n".join(lines[i:i + 2])):
            continue
        if not CONTRACT.search(comment_above(lines, i)):
            name = NAME.search(" ".join(lines[i:i + 4]))
            check.wrong(path, i + 1, f"{name[1] if name else line}: the "
                        "comment above it lacks its \"Suspends: never | if "
                        "... | always.\"")
check.close()
