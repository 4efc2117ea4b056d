#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""clang-tidy finds nothing (its settings are in .clang-tidy)."""

import concurrent.futures
import json
import os
import re
import subprocess

from source import ROOT, Check

BUILD = ROOT / "build" / "debug"
PROBLEM = re.compile(r"^(\S+?):(\d+):\d+: (?:warning|error): (.*)$", re.M)


def tidy(path):
    return subprocess.run(
        ["clang-tidy", "--quiet", "-p", BUILD,
         "--extra-arg=-Wno-unknown-warning-option", path],
        capture_output=True, text=True)


commands = json.loads((BUILD / "compile_commands.json").read_text())
paths = sorted({os.path.realpath(os.path.join(c["directory"], c["file"]))
                for c in commands if c["file"].endswith(".c")})
check = Check("tidy")
seen = set()
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for path, said in zip(paths, pool.map(tidy, paths)):
        found = PROBLEM.findall(said.stdout)
        for problem in found:
            if problem not in seen:
                seen.add(problem)
                check.wrong((BUILD / problem[0]).resolve(), *problem[1:])
        if said.returncode and not found:
            check.problems += 1
            print(f"{path}: clang-tidy failed:\n{said.stdout}{said.stderr}")
check.close()
