#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each patch in bench/without still takes its choice away from the source as it
is, and says what it is."""

import subprocess

from source import ROOT, Check

check = Check("choices")

done = subprocess.run([ROOT / "bench" / "ablate", "--check"], text=True,
                      capture_output=True, check=False)
for line in done.stdout.splitlines():
    if line.startswith("not ok"):
        check.wrong(ROOT / "bench" / "ablate", 1, line)
    elif line.startswith("# "):
        print(line)
if done.returncode and not check.problems:
    check.wrong(ROOT / "bench" / "ablate", 1, done.stderr.strip())
check.close()
