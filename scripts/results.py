#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count test cases, and show in full what failed.

usage: results.py FILE...

A FILE is a meson test log (.json) or a program's TAP. The last line printed is
"PASSED FAILED SKIPPED".
"""

import json
import pathlib
import re
import sys

CASE = re.compile(r"^(ok|not ok) \d+(?: - )?(.*)$")
OVER = re.compile(r"^(ok|not ok|# \d+ passed,) ")  # no more about this case


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def fail(self, name, output):
        self.failed += 1
        print(f"FAILED: {name}")
        for line in output.splitlines():
            print(f"    {line}")

    def tap(self, name, text):
        """Count the cases of a TAP text; False if none of them failed."""
        lines = text.splitlines()
        before = self.failed
        for i, line in enumerate(lines):
            case = CASE.match(line)
            if not case:
                continue
            if case[1] == "not ok":
                why = i + 1
                while why < len(lines) and not OVER.match(lines[why]):
                    why += 1
                self.fail(f"{name}: {case[2]}", "\n".join(lines[i + 1:why]))
            elif "# SKIP" in case[2]:
                self.skipped += 1
            else:
                self.passed += 1
        return self.failed > before

    def test(self, test):
        """Count a test of meson's log."""
        output = test.get("stdout") or ""
        fine = test["result"] in ("OK", "SKIP")
        if output.startswith("1..") and output.strip() != "1..0":
            if self.tap(test["name"], output) or fine:
                return
        elif fine:
            self.passed += test["result"] == "OK"
            self.skipped += test["result"] == "SKIP"
            return
        self.fail(f"{test['name']} ({test['result']})",
                  output + (test.get("stderr") or ""))


def main():
    tally = Tally()
    for path in map(pathlib.Path, sys.argv[1:]):
        text = path.read_text(errors="replace")
        if path.suffix == ".json":
            for line in text.splitlines():
                tally.test(json.loads(line))
        else:
            tally.tap(path.stem, text)
    print(tally.passed, tally.failed, tally.skipped)


main()
