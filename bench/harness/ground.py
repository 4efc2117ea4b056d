# SPDX-License-Identifier: MIT
"""What lies on the disk while a case is measured.

Large files are made before the first round, so that they are in the cache, and
gone after the last. Many small ones are kept for other runs: a disk that is
told what is free any more can take a minute to forget them. Who reads those
does so once before it counts."""

import contextlib
import os
import pathlib
import tempfile

FILES = 20_000
SIZE = 4096
LINES = 2_000_000
MIB = 1024

# A tree of a thousand directories and a hundred entries in each: 100,000 below
# its root.
WIDE = 10
DEEP = 3
IN_EACH = 98


def make_files(folder):
    for i in range(FILES):
        (folder / str(i)).write_bytes(b"x" * SIZE)


def make_bytes(folder):
    piece = b"x" * (1 << 20)
    with (folder / "bytes").open("wb") as file:
        for _ in range(MIB):
            file.write(piece)


def make_lines(folder):
    """Of 20 to 60 bytes, as the programs write them."""
    lines = b"".join(b"x" * (19 + i) + b"\n" for i in range(41))
    with (folder / "lines").open("wb") as file:
        for _ in range(LINES // 41 + 1):
            file.write(lines)


def make_tree(folder, depth=DEEP):
    if depth == 0:
        at = os.open(folder, os.O_RDONLY)
        for i in range(IN_EACH):
            os.close(os.open(f"file-{i}", os.O_CREAT, 0o600, dir_fd=at))
        os.close(at)
        return
    for i in range(WIDE):
        inner = folder / str(i)
        inner.mkdir()
        make_tree(inner, depth - 1)


MAKERS = {"files": make_files, "bytes": make_bytes, "lines": make_lines,
          "tree": make_tree}
KEPT = ("files", "tree")


@contextlib.contextmanager
def made(what, where):
    """A directory with that in it, as long as this lasts. What was written is
    on the disk when it begins: nobody is measured while it is brought there."""
    kept = where / f"ground-{what}"
    if kept.exists():
        yield kept
        return
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where) as name:
        folder = pathlib.Path(name) / what
        folder.mkdir()
        MAKERS[what](folder)
        os.sync()
        if what in KEPT:  # in one step: whoever is interrupted leaves none
            folder = folder.rename(kept)
        yield folder
