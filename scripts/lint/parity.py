#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/parity.md names, for each promise, functions that are in the header it
says, and tests that are in the file it says."""

import re

from source import ROOT, Check

PAGE = ROOT / "docs" / "parity.md"
TEST = re.compile(r"^TEST\w*\(\s*(\w+)", re.M)
LIKE_A_TEST = re.compile(r"`((?!simul_)[a-z0-9]+(?:_[a-z0-9]+){2,})`")
WORDS = r"((?:`\w+`[,\s]*)+)"
DECLARED = re.compile(WORDS + r"\(`(\w+\.h)`\)")
PROVED = re.compile(r"`(\w+/\w+\.c)`:\s*" + WORDS)

check = Check("parity")


def promises(text):
    """Line and words of each promise, with the tests below it."""
    for part in re.finditer(r"^- .*\n(?:[ ]+.*\n)*", text, re.M):
        yield text[:part.start()].count("\n") + 1, part[0]


def look_up(line, name, words, found_in):
    """Each of the words has to be among those that are found in a file."""
    path = ROOT / name
    known = set(found_in(path.read_text())) if path.is_file() else None
    if known is None:
        check.wrong(PAGE, line, f"there is no {name}")
        return
    for word in re.findall(r"\w+", words):
        if word not in known:
            check.wrong(PAGE, line, f"there is no {word} in {name}")


kept, _, _ = PAGE.read_text().partition("## Not there yet")
for line, promise in promises(kept):
    declared = DECLARED.findall(promise)
    proved = PROVED.findall(promise)
    if not declared:
        check.wrong(PAGE, line, "where is that declared? `name` (`x.h`)")
    if not proved:
        check.wrong(PAGE, line, "what proves that? `room/test_x.c`: `name`")
    for names, header in declared:
        look_up(line, f"include/simul/{header}", names,
                lambda text: re.findall(r"\w+", text))
    for source, names in proved:
        look_up(line, f"tests/{source}", names, TEST.findall)
    # Nothing that looks like the name of a test was overlooked.
    understood = {name for _, names in proved
                  for name in re.findall(r"\w+", names)}
    for name in LIKE_A_TEST.findall(promise):
        if name not in understood:
            check.wrong(PAGE, line, f"{name} stands behind no file")
check.close()
