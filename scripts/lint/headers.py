#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each header compiles alone: the public ones as strict C11 and as C++17."""

import concurrent.futures
import os
import subprocess

from source import ROOT, Check, files

STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only",
          "-Iinclude"]
INSIDE = ["gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Werror",
          "-fsyntax-only", "-Iinclude", "-Isrc", "-Itests",
          "-Ibuild/debug/src", "-xc"]
PUBLIC = {
    "C11": ["gcc", "-std=c11", *STRICT, "-xc"],
    "C++17": ["g++", "-std=c++17", *STRICT, "-xc++"],
}


def compiles(job):
    path, language, command = job
    return path, language, subprocess.run(
        [*command, "-"], input=f'#include "{path}"\nextern int alone;\n', cwd=ROOT,
        capture_output=True, text=True)


jobs = [(path, language, command)
        for path in files(".h", under=["include"])
        for language, command in PUBLIC.items()]
jobs += [(path, "C11", INSIDE)
         for path in files(".h", under=["src", "tests"])]

check = Check("headers")
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    for path, language, said in pool.map(compiles, jobs):
        if said.returncode:
            check.wrong(path, 1, f"does not compile alone as {language}:\n"
                        + said.stderr)
check.close()
