# SPDX-License-Identifier: MIT
"""The table, as plain text and as Markdown."""


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


def span(result):
    return f"{figure(result['low'])}..{figure(result['high'])}"


def verdict(row):
    if row["over"] is None:
        return ""
    if row["over"] <= 0:
        return f"met by {-row['over']:.0%}"
    return f"missed by {row['over']:.0%}"


def has_simul(results):
    return any("simul" in row["results"] for row in results["rows"])


def columns(results):
    """The contenders that have a column and any figure to put there."""
    return [c for c in results["contenders"] if c["column"]
            and any(c["name"] in row["results"] for row in results["rows"])]


def heading(results):
    machine = results["machine"]
    lines = [f"Simul and its peers: median of {results['rounds']} interleaved "
             "rounds, lowest..highest;",
             "xN: Simul's figure is N times this one (below 1: Simul is "
             "ahead).", ""]
    lines.append(f"machine: {machine['cpu']}, {machine['cores']} cores, "
                 f"{machine['memory_gb']} GB; all pinned to core "
                 f"{machine['pinned_to_core']}")
    lines.append(f"kernel: {machine['kernel']} {machine['architecture']}, "
                 f"vm.max_map_count {machine['vm.max_map_count']}, "
                 f"vm.overcommit_memory {machine['vm.overcommit_memory']}")
    lines += [f"{c['title']}: {c['version']}"
              for c in results["contenders"] if c["column"]]
    return lines


def notes(results):
    """What belongs under the table."""
    lines = []
    for contender in results["contenders"]:
        for row in results["rows"]:
            result = row["results"].get(contender["name"])
            if result and not contender["column"]:
                lines.append(f"{row['title']}: {contender['title']}: "
                             f"{figure(result['median'])} {row['unit']} "
                             f"({span(result)}) {ratio(result)}".rstrip())
    flat = results["flatness"]
    if flat["spread"]:
        lines.append(f"a task's whole life, 1 to {flat['up_to']} at a time, "
                     "highest cost over lowest: " + ", ".join(
                         f"{title_of(results, name)} {value:.2f}"
                         for name, value in flat["spread"].items())
                     + flat_verdict(flat))
    lines += [f"left out: {line}" for line in results["left_out"]]
    lines.append(f"took {results['seconds']:.0f} s")
    lines += [f"WARNING, not quiet: {line}; don't trust these figures"
              for line in results["noise"]["warnings"]]
    return lines


def title_of(results, name):
    return next(c["title"] for c in results["contenders"]
                if c["name"] == name)


def flat_verdict(flat):
    ours = flat["spread"].get("simul")
    if ours is None:
        return ""
    met = "met" if ours <= flat["goal"] else "missed"
    return f" (goal for Simul: {flat['goal']}, {met})"


def text(results):
    head = ["measure", "unit", "goal", ""] + [
        c["title"] for c in columns(results)]
    grid = [head]
    for row in results["rows"]:
        first = [row["title"], row["unit"], row["goal"], verdict(row)]
        second = ["", "", "", ""]
        for contender in columns(results):
            result = row["results"].get(contender["name"])
            first.append(f"{figure(result['median'])} {ratio(result)}".rstrip()
                         if result else "-")
            second.append(span(result) if result else "")
        grid += [first, second]
    widths = [max(len(line[i]) for line in grid) for i in range(len(head))]
    lines = heading(results) + [""]
    for i, line in enumerate(grid):
        cells = [cell.ljust(width) for cell, width in zip(line, widths)]
        lines.append("  ".join(cells).rstrip())
        if i == 0:
            lines.append("-" * (sum(widths) + 2 * len(widths) - 2))
    return "\n".join(lines + [""] + notes(results))


def markdown(results):
    names = columns(results)
    lines = ["| measure | goal | " + " | ".join(c["title"] for c in names)
             + " |",
             "|---|---|" + "---:|" * len(names)]
    for row in results["rows"]:
        goal = f"{row['goal']}: {verdict(row)}" if verdict(row) else row["goal"]
        cells = []
        for contender in names:
            result = row["results"].get(contender["name"])
            cells.append(f"{figure(result['median'])} {ratio(result)}".rstrip()
                         if result else "-")
        lines.append(f"| {row['title'].strip()}, {row['unit']} | {goal} | "
                     + " | ".join(cells) + " |")
    lines.append("")
    for line in heading(results) + notes(results):
        lines.append(f"- {line}" if line else "")
    return "\n".join(lines) + "\n"
