# SPDX-License-Identifier: MIT
"""Cost against number, a line for each contender, both axes logarithmic."""

from .svg import Drawing, LogScale

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 790, 440, 64, 600, 70, 385
LABEL = 16  # the height of a line of text


def draw_series(title, subtitle, rows, what, titles, names):
    d = Drawing(WIDTH, HEIGHT)
    d.text(18, 28, title, 15, bold=True)
    d.text(18, 47, subtitle, 11, colour="soft")
    rows = sorted(rows, key=lambda row: row["series"][1])
    counts = [row["series"][1] for row in rows]
    names = [n for n in names if is_curve(rows, n)]
    values = [row["results"][n][k] for row in rows for n in names
              if n in row["results"] for k in ("low", "high")]
    x = LogScale(min(counts), max(counts), LEFT, RIGHT)
    y = LogScale(min(values) / 1.15, max(values) * 1.15, BOTTOM, TOP)
    axes(d, x, y, counts, what)
    ends = []
    for name in reversed(names):  # ours last: on top
        points = [(x(row["series"][1]), row["results"][name])
                  for row in rows if name in row["results"]]
        if points:
            curve(d, points, y, name)
            ends.append((y(points[-1][1]["median"]), points[-1][0], name))
    ends.sort()
    for at, (end, last, name) in zip(apart([end for end, _, _ in ends]), ends):
        d.line(last + 6, end, RIGHT + 6, end, "grid")
        d.line(RIGHT + 6, end, RIGHT + 18, at, "grid")
        d.text(RIGHT + 22, at + 4, titles[name], 12, colour=name,
               bold=name.startswith("simul"))
    return d.svg()


def is_curve(rows, name):
    """Was it measured at more than half of the points?"""
    return sum(name in row["results"] for row in rows) > len(rows) / 2


def axes(d, x, y, counts, what):
    for tick in y.ticks():
        d.line(LEFT, y(tick), RIGHT, y(tick), "grid")
        d.text(LEFT - 8, y(tick) + 4, f"{tick:,g}", 11, "end", "soft")
    for n in counts:
        d.line(x(n), BOTTOM, x(n), BOTTOM + 5, "grid")
        d.text(x(n), BOTTOM + 20, f"{n:,}", 11, "middle", "soft")
    d.text((LEFT + RIGHT) / 2, BOTTOM + 42, what, 11, "middle", "soft")


def curve(d, points, y, name):
    ours = name.startswith("simul")
    d.path([(at, y(result["median"])) for at, result in points], name,
           2.6 if ours else 1.6)
    for at, result in points:
        d.line(at, y(result["low"]), at, y(result["high"]), name, 1)
        d.dot(at, y(result["median"]), name, 3.6 if ours else 3)


def apart(places):
    """Places in rising order, moved so that a line of text fits between, and
    none of them below the drawing."""
    moved, lowest = [], TOP
    for place in places:
        lowest = max(place, lowest)
        moved.append(lowest)
        lowest += LABEL
    limit = BOTTOM + 10
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], limit)
        limit = moved[i] - LABEL
    return moved
