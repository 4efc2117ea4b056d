# SPDX-License-Identifier: MIT
"""The tables in Markdown, and the places in documents where they belong.

A document has lines like these, and what is between them is ours:

    <!-- bench: tasks -->
    <!-- end of bench -->
"""

import re

from . import table
from .table import figure, ratio, rounds_of, span, title_of, verdict

ALL = "docs/performance.md and README.md"
FILES = ("docs/performance.md", "README.md")
PLACE = re.compile(r"(<!-- bench: (\S+) -->\n).*?(<!-- end of bench -->)",
                   re.S)

# The overview of servers: CPU for each request.
OVERVIEW = (("echo-1k-50", "echo 1 KiB, 50"), ("echo-1k-500", "500"),
            ("echo-10k", "10,000"), ("echo-64-pipelined", "64 B, pipelined"),
            ("echo-100k-50", "100 KiB"), ("tls-1k-50", "TLS, 50"),
            ("udp-flood", "UDP, flood"),
            ("http-50", "HTTP, 50"), ("http-pipelined", "HTTP, pipelined"))

# What README tells, and of whom.
FRONT = ("switch", "create-await", "create-gather", "queue-unlimited",
         "timer-at", "random-100k", "echo-1k-50", "echo-64-pipelined",
         "udp-flood", "tls-1k-50", "http-50")
FRONT_COLUMNS = ("simul", "floor", "libuv", "go", "tokio", "node", "asyncio")
# Who stands in which of these columns, where a program goes by another name.
STAND_INS = {"floor": ("uring-multi", "uring", "epoll"), "tokio": ("hyper",),
             "asyncio": ("aiohttp",)}


def grid(head, right, lines):
    """A table; columns from number `right` on are figures."""
    rule = "---|" * right + "---:|" * (len(head) - right)
    return ["| " + " | ".join(head) + " |", "|" + rule] + [
        "| " + " | ".join(line) + " |" for line in lines]


def cell(result):
    if not result:
        return "-"
    words = figure(result["median"]), ratio(result), rounds_of(result)
    return " ".join(filter(None, words))


def group(results, name):
    names = table.columns(results, name)
    lines = []
    for row in table.in_group(results, name):
        goal = ": ".join(filter(None, [row["goal"], verdict(row)]))
        lines.append([f"{row['title'].strip()}, {row['unit']}", goal]
                     + [cell(row["results"].get(c["name"])) for c in names])
    return grid(["measure", "goal"] + [c["title"] for c in names], 2, lines)


def tasks(results):
    return group(results, "tasks")


def outside(results):
    return group(results, "outside")


def overview(results):
    """CPU for each request: contenders down, cases across."""
    cases = table.server_cases(results)
    shown = [(case, title) for case, title in OVERVIEW if case in cases]
    cells = {case: cases[case]["cpu"]["results"] for case, _ in shown}
    lines = [[c["title"]] + [cell(cells[case].get(c["name"]))
                             for case, _ in shown]
             for c in results["contenders"]
             if any(c["name"] in cells[case] for case, _ in shown)]
    return grid(["CPU us per request"] + [title for _, title in shown], 1,
                lines)


def server(results, rows):
    main = table.subject(rows)
    shown = [(k, title) for k, title in table.SERVER_COLUMNS if k in rows]
    lines = []
    for name in table.ranked(main):
        result = main["results"][name]
        lines.append([title_of(results, name), ratio(result), span(result)] + [
            figure(rows[key]["results"][name]["median"])
            if name in rows[key]["results"] else "-" for key, _ in shown])
    about = f"**{main['about']}**"
    if main["goal"]:
        about += f" (goal: {main['goal']}; {verdict(main)})"
    return [about, "", *grid(["", "Simul is", "range"]
                             + [title for _, title in shown], 1, lines), ""]


def servers(results):
    return [line for rows in table.server_cases(results).values()
            for line in server(results, rows)]


def listed(lines):
    return [f"- {line}" for line in lines]


def machine(results):
    return listed([f"{results['rounds']} rounds",
                   *table.about_machine(results), *table.versions(results)])


def remarks(results):
    return listed(table.notes(results))


def front_cell(row, name):
    """The figure of a contender, or of the best of those that stand in."""
    results = row["results"]
    found = [results[n] for n in (name, *STAND_INS.get(name, ()))
             if n in results]
    if not found:
        return ""
    best = min(found, key=lambda result: result["median"])
    words = figure(best["median"])
    return f"{words} ({span(best)})" if name == "simul" else words


def front(results):
    by_case = {}
    for row in results["rows"]:
        if row["case"] in FRONT and (row["group"] != "servers"
                                     or row["measure"] == "cpu"):
            by_case.setdefault(row["case"], row)
    known = {c["name"]: c["title"] for c in results["contenders"]}
    names = [name for name in FRONT_COLUMNS if name in known]
    lines = []
    for case in FRONT:
        row = by_case.get(case)
        if row:
            title = (row["about"] + ", CPU per request" if row["about"]
                     else row["title"])
            lines.append([f"{title}, {row['unit']}"]
                         + [front_cell(row, name) for name in names])
    made = results["machine"]
    rounds = results["rounds"]
    said = (f"{made['cpu']}, {made['cores']} cores, {made['kernel']}; median "
            f"of {rounds} round{'s' if rounds > 1 else ''}, and the range. The "
            "floor is a bare program tuned for this one thing, of servers the "
            "best of three; for HTTP, Tokio is hyper, asyncio is aiohttp.")
    return ["", *grid([""] + [known[name] for name in names], 1, lines), "",
            said, *table.warnings(results), "",
            "![Echo servers: CPU time for each request](docs/bench/echo.svg)"]


PARTS = {"front": front, "tasks": tasks, "outside": outside, "overview": overview,
         "servers": servers, "machine": machine, "remarks": remarks}


def markdown(results):
    """All of it, for a file of its own."""
    return "\n\n".join("\n".join(part(results)) for part in
                       (tasks, outside, overview, servers, machine, remarks)) + "\n"


def fill(text, results):
    """The text, with its places filled in."""
    def replace(found):
        return (found[1] + "\n".join(PARTS[found[2]](results)).rstrip()
                + "\n" + found[3])
    return PLACE.sub(replace, text)


def fill_in(root, results):
    """Fill in the documents; returns their paths."""
    for name in FILES:
        path = root / name
        path.write_text(fill(path.read_text(encoding="utf-8"), results),
                        encoding="utf-8")
    return FILES
