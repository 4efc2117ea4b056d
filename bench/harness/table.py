# SPDX-License-Identifier: MIT
"""The tables, as plain text."""

# What is shown of a server, in this order.
SERVER_COLUMNS = (
    ("cpu", "CPU us/request"), ("rate", "requests/s"), ("p50", "50 % us"),
    ("p99", "99 % us"), ("p999", "99.9 % us"), ("memory", "MB"),
    ("per_connection", "kB/connection"), ("calls", "calls/request"),
    ("busy", "busy %"),
    ("lost", "lost %"))


def figure(value):
    """Three significant digits, without an exponent."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio(result):
    """Our figure as a multiple of this one."""
    value = result.get("ratio")
    if value is None:
        return ""
    return f"x{value:.2f}" if value >= 0.095 else f"x{value:.2g}"


def rounds_of(result):
    """Of how many rounds it is, if others have more."""
    count = len(result["samples"])
    return f"in {count} round{'s' if count > 1 else ''}" \
        if result.get("fewer") else ""


def span(result):
    words = f"{figure(result['low'])}..{figure(result['high'])}"
    return f"{words} {rounds_of(result)}".rstrip()


def verdict(row):
    if row["over"] is None:
        return ""
    if row["over"] <= 0:
        return f"met by {abs(row['over']):.0%}"
    return f"missed by {row['over']:.0%}"


def has_simul(results):
    return any("simul" in row["results"] for row in results["rows"])


def in_group(results, group):
    return [row for row in results["rows"] if row["group"] == group]


def columns(results, group):
    """The contenders that have a column in the table of this group and any
    figure to put there. In that of tasks some only have a note."""
    rows = in_group(results, group)
    return [c for c in results["contenders"]
            if (c["column"] or group != "tasks")
            and any(c["name"] in row["results"] for row in rows)]


def server_cases(results):
    """{case: {measure: row}}"""
    cases = {}
    for row in in_group(results, "servers"):
        cases.setdefault(row["case"], {})[row["measure"]] = row
    return cases


def ranked(row):
    """The contenders of a row, the best first."""
    return sorted(row["results"],
                  key=lambda name: row["results"][name]["median"])


def subject(rows):
    """The row of a server's that its goal is about: CPU, latency, memory."""
    first = next(iter(rows.values()))
    return next((row for row in rows.values() if row["goal"]), first)


def title_of(results, name):
    return next(c["title"] for c in results["contenders"]
                if c["name"] == name)


def about_machine(results):
    machine = results["machine"]
    return [
        f"machine: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB; tasks and the load on core "
        f"{machine['pinned_to_core']}, servers on core "
        f"{machine['server_on_core']}",
        f"kernel: {machine['kernel']} {machine['architecture']}, "
        f"vm.max_map_count {machine['vm.max_map_count']}, "
        f"vm.overcommit_memory {machine['vm.overcommit_memory']}"]


def heading(results):
    rounds = results["rounds"]
    return [f"Simul and its peers: median of {rounds} interleaved "
            f"round{'s' if rounds > 1 else ''}, lowest..highest;",
            "xN: Simul's figure is N times this one (below 1: Simul is "
            "ahead).", "", *about_machine(results)]


def versions(results):
    shown = {name for row in results["rows"] for name in row["results"]}
    return [f"{c['title']}: {c['version']}" for c in results["contenders"]
            if c["name"] in shown]


def flat_line(results, key, what):
    flat = results[key]
    if not flat["spread"]:
        return []
    ours = flat["spread"].get("simul")
    met = "" if ours is None else (
        f" (goal for Simul: {flat['goal']}, "
        f"{'met' if ours <= flat['goal'] else 'missed'})")
    return [f"{what}, 1 to {flat['up_to']} at a time, highest cost over "
            "lowest: " + ", ".join(
                f"{title_of(results, name)} {value:.2f}"
                for name, value in flat["spread"].items()) + met]


def notes(results):
    """What belongs under the tables."""
    lines = []
    for contender in results["contenders"]:
        for row in in_group(results, "tasks"):
            result = row["results"].get(contender["name"])
            if result and not contender["column"]:
                lines.append(f"{row['title']}: {contender['title']}: "
                             f"{figure(result['median'])} {row['unit']} "
                             f"({span(result)}) {ratio(result)}".rstrip())
    lines += flat_line(results, "flatness", "a task's whole life")
    lines += flat_line(results, "flat_connections", "a request's CPU, "
                       "connections")
    lines += [f"instructions in {case}: " + ", ".join(
        f"{title_of(results, name)} {figure(value)}"
        for name, value in counts.items())
        for case, counts in results["instructions"].items() if counts]
    lines += [f"left out: {line}" for line in results["left_out"]]
    lines.append(f"took {results['seconds']:.0f} s")
    return lines + warnings(results)


def warnings(results):
    return [f"WARNING, not quiet: {line}; don't trust these figures"
            for line in results["noise"]["warnings"]]


def aligned(grid):
    widths = [max(len(line[i]) for line in grid) for i in range(len(grid[0]))]
    lines = []
    for i, line in enumerate(grid):
        cells = [cell.ljust(width) for cell, width in zip(line, widths)]
        lines.append("  ".join(cells).rstrip())
        if i == 0:
            lines.append("-" * (sum(widths) + 2 * len(widths) - 2))
    return lines


def group_text(results, group):
    """A line for each measure, a column for each contender."""
    rows = in_group(results, group)
    if not rows:
        return []
    shown = columns(results, group)
    grid = [["measure", "unit", "goal", ""] + [c["title"] for c in shown]]
    for row in rows:
        first = [row["title"], row["unit"], row["goal"], verdict(row)]
        second = ["", "", "", ""]
        for contender in shown:
            result = row["results"].get(contender["name"])
            first.append(f"{figure(result['median'])} {ratio(result)}".rstrip()
                         if result else "-")
            second.append(span(result) if result else "")
        grid += [first, second]
    return aligned(grid) + [""]


def server_text(results, rows):
    """One case: a line for each contender, the best first."""
    main = subject(rows)
    shown = [(key, title) for key, title in SERVER_COLUMNS if key in rows]
    grid = [["", "range", "Simul is"] + [title for _, title in shown]]
    for name in ranked(main):
        result = main["results"][name]
        grid.append([title_of(results, name), span(result), ratio(result)] + [
            figure(rows[key]["results"][name]["median"])
            if name in rows[key]["results"] else "-" for key, _ in shown])
    title = main["about"]
    if main["goal"]:
        title += (f"; goal for Simul's {main['title']}: {main['goal']}: "
                  f"{verdict(main) or 'nothing to compare with'}")
    return [title, *aligned(grid), ""]


def text(results):
    lines = heading(results) + versions(results) + [""]
    for group in ("tasks", "outside"):
        lines += group_text(results, group)
    for rows in server_cases(results).values():
        lines += server_text(results, rows)
    return "\n".join(lines + notes(results))
