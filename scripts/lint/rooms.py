#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A room includes itself and rooms to its left, nothing includes itself, and
each room's list in src/meson.build has all its files. The map, src/README.md,
names files that exist, and no subject twice."""

import re

from source import C, ROOT, Check, files

ROOMS = ["base", "arch", "loop", "task", "sync", "io", "file", "process",
         "net", "tls", "http", "tools"]
NAMED = re.compile(r"`((?:\.\./)*[\w/]+\.[chS])`")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')

check = Check("rooms")


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1] == '"', found[2]


def room_of(path):
    folder, room = path.relative_to(ROOT).parts[:2]
    if folder == "tools":
        return "tools"
    return room if folder == "src" else None


def check_direction(path, number, target):
    """One #include "target" of a file in a room."""
    here, there = room_of(path), target.split("/")[0]
    if target == "config.h":
        return
    if "/" not in target or there not in ROOMS:
        if here != "tools":
            check.wrong(path, number, f'include "{target}" by its room: '
                        '"room/file.h"')
    elif ROOMS.index(there) > ROOMS.index(here):
        check.wrong(path, number, f"{here} may not include {there}: it is to "
                    "its right in " + " > ".join(ROOMS))


def check_public(path, number, quoted, target):
    """One include of a public header: those get installed."""
    if quoted:
        check.wrong(path, number, f'public headers include <simul/...>, not '
                    f'"{target}"')


def check_example(path, number, quoted, target):
    """One include of an example: a program as anybody would write it."""
    if quoted and not (path.parent / target).is_file():
        check.wrong(path, number, "examples include public headers and what "
                    "lies beside them")


def resolve(path, quoted, target):
    """The file of ours that is included, or None."""
    places = [ROOT / "include", ROOT / "src", ROOT / "tests"]
    for place in ([path.parent] if quoted else []) + places:
        if (place / target).is_file():
            return (place / target).resolve()
    return None


def find_circles(graph):
    done = set()

    def visit(path, trail):
        if path in trail:
            circle = trail[trail.index(path):] + [path]
            check.wrong(path, 1, "includes itself: "
                        + " > ".join(p.name for p in circle))
        elif path not in done:
            for target in graph.get(path, []):
                visit(target, trail + [path])
            done.add(path)

    for path in graph:
        visit(path, [])


def check_map(path):
    subjects = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        cells = line.split(" | ")
        if len(cells) != 2 or not line.startswith("| "):
            continue
        if cells[0] in subjects:
            check.wrong(path, number, f'"{cells[0][2:]}" is there already')
        subjects.add(cells[0])
        for name in NAMED.findall(cells[1]):
            if not (path.parent / name).exists():
                check.wrong(path, number, f"there is no {name}")


graph = {}
for path in files(*C):
    folder = path.relative_to(ROOT).parts[0]
    graph[path] = []
    for number, quoted, target in includes(path):
        if folder == "include":
            check_public(path, number, quoted, target)
        elif folder == "examples":
            check_example(path, number, quoted, target)
        elif folder in ("src", "tools") and quoted:
            check_direction(path, number, target)
        target = resolve(path, quoted, target)
        if target:
            graph[path].append(target)
build = (ROOT / "src" / "meson.build").read_text()
for path in files(*C, under=["src"]):
    if room_of(path) not in ROOMS:
        check.wrong(path, 1, "in no room: move it into one of "
                    + ", ".join(ROOMS))
    elif path.suffix != ".h" and f"'{room_of(path)}/{path.name}'" not in build:
        check.wrong(path, 1, "not built: add it to its room's list in "
                    "src/meson.build")
find_circles(graph)
check_map(ROOT / "src" / "README.md")
check.close()
