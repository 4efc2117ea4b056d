#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make man pages of the public headers, which are the manual.

    scripts/man.py FOLDER       writes FOLDER/man3/simul_queue.3, ...

Each header becomes a page, and each function in it a name by which that page
is found: man simul_queue_put. Without FOLDER, as meson calls it, they go to
where the programs' man pages are installed.
"""

import dataclasses
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "include"

FUNCTION = re.compile(r"^(?:SIMUL_API|static inline)\b[^(;]*?(simul_\w+)\(", re.M)
MACRO = re.compile(r"^#define (simul_\w+)\(", re.M)
HEADING = re.compile(r"^---- (.*)")
BOILERPLATE = re.compile(r"""
    ^\#ifdef\ __cplusplus\n (?:(?!\#endif).*\n)* \#endif\n
    | ^\#include\b.*\n
    | ^\#ifndef\ SIMUL_(?:\w+_)?H\n \#define\ .*\n
    | ^\#endif\ /\*\ SIMUL_(?:\w+_)?H\ \*/\n""", re.M | re.X)


@dataclasses.dataclass
class Part:
    """What stands between two empty lines: a comment, a declaration, both."""

    comment: str
    code: str

    @property
    def names(self):
        """The functions that are declared here."""
        return FUNCTION.findall(self.code) + MACRO.findall(self.code)


def uncomment(text):
    """The text of a comment without its marks."""
    text = re.sub(r"^/\*+ ?|\s*\*/$", "", text.strip())
    return "\n".join(re.sub(r"^ \* ?", "", line) for line in text.split("\n"))


def parts_of(text):
    """Cut the body of a header into parts."""
    for chunk in re.split(r"\n(?=/\*)", BOILERPLATE.sub("", text)):
        chunk = chunk.strip("\n")
        comment = re.match(r"/\*.*?\*/", chunk, re.S)
        code = chunk[comment.end():] if comment else chunk
        yield Part(uncomment(comment[0]) if comment else "", code.strip("\n"))


# ---- In the language of man(7)

def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\`")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line
                     for line in text.split("\n"))


def verbatim(lines, bold=False):
    text = escape("\n".join(lines).expandtabs(8))
    return [".nf", *([".ft B"] if bold else []), text,
            *([".ft R"] if bold else []), ".fi"]


def emphasize(text):
    """The two words that close a description get a line each."""
    return re.sub(r"(?:^|(?<=[.;])\s)((?:Suspends|Cancelled)\b[^:.]*:)",
                  r"\n.br\n\\fB\1\\fR", text, flags=re.M).strip("\n")


def prose(text):
    """Paragraphs, and between them code and lists, which are indented."""
    out, lines = [], text.split("\n")
    at = 0
    while at < len(lines):
        indented = lines[at][:1] in ("\t", " ")
        end = at
        while (end < len(lines) and lines[end].strip()
               and (lines[end][:1] in ("\t", " ")) == indented):
            end += 1
        block = lines[at:end]
        if indented:
            out += [".sp", *verbatim(block)]
        elif block:
            out += [".PP", re.sub(r"\n+", "\n", emphasize(
                escape("\n".join(block))))]
        at = max(end, at + 1)
        while at < len(lines) and not lines[at].strip():
            at += 1
    return out


def shown(code):
    """A declaration as the reader wants it: without export marks, and without
    the body of an inline function."""
    mark = re.match(r"SIMUL_API |static inline ", code)
    if not mark:
        return code.split("\n")
    first, *more = code[mark.end():].split("\n{")[0].expandtabs(8).split("\n")
    lines = [first, *(line.removeprefix(" " * mark.end()) for line in more)]
    return lines if lines[-1].endswith(";") else [*lines[:-1], lines[-1] + ";"]


def body(parts):
    out = []
    for part in parts:
        comment = part.comment
        heading = HEADING.match(comment)
        if heading:
            title, _, comment = comment.partition("\n")
            out.append(f'.SH "{escape(title[5:].rstrip(".").upper())}"')
        if not part.code.strip():
            out += prose(comment)
            continue
        out += [".PP", *verbatim(shown(part.code), bold=True), ".RS 4",
                *(prose(comment) if comment.strip() else []), ".RE"]
    return out


def page(name, section, text, version):
    """The page, and the names by which it is found."""
    first, *rest = list(parts_of(text))
    summary, _, about = first.comment.partition("\n")[2].partition("\n")
    names = [n for part in rest for n in part.names]
    found = ", ".join([name, *(n for n in names if n != name)])
    lines = [f'.TH "{name.upper()}" {section} "" "Simul {version}" "Simul"',
             ".SH NAME", f"{found} \\- "
             + escape(summary.partition(" - ")[2].rstrip(".")),
             ".SH SYNOPSIS",
             f".B #include <{'simul.h' if section == 7 else 'simul/' + name[6:] + '.h'}>",
             ".PP", "cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs simul)",
             ".SH DESCRIPTION", *prose(about.strip("\n")),
             *body([Part("", first.code), *rest]),
             ".SH SEE ALSO"]
    also = ["simul_" + h for h in re.findall(r"#include <simul/(\w+)\.h>", text)
            if h != "export"]
    also = [f".BR {n} (3)" for n in also] + (
        [] if section == 7 else [".BR simul (7)"])
    lines.append(",\n".join(also))
    return "\n".join(lines) + "\n", names


def version():
    return re.search(r"version: '([^']*)'",
                     (ROOT / "meson.build").read_text())[1]


def write(folder, section, name, text):
    path = folder / f"man{section}" / f"{name}.{section}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) == 2 else pathlib.Path(
        os.environ["MESON_INSTALL_DESTDIR_PREFIX"]) / "share" / "man"
    overview, _ = page("simul", 7, (INCLUDE / "simul.h").read_text(), version())
    write(folder, 7, "simul", overview)
    for header in sorted((INCLUDE / "simul").glob("*.h")):
        if header.stem == "export":
            continue
        name = "simul_" + header.stem
        text, names = page(name, 3, header.read_text(), version())
        write(folder, 3, name, text)
        for alias in names:
            if alias != name:
                write(folder, 3, alias, f".so man3/{name}.3\n")


if __name__ == "__main__":
    main()
