# SPDX-License-Identifier: MIT
"""Draws the results as SVG, without a library."""

import math
from xml.sax.saxutils import escape

COLOURS = {"simul": "#0b6e4f", "floor": "#9aa0a6", "go": "#3b7dd8",
           "tokio": "#d9662b", "asyncio": "#8757b5", "uvloop": "#c2a21c"}
INK, GRID, RANGE = "#222", "#d9d9d9", "#222"
FONT = "font-family='system-ui, sans-serif'"


class Drawing:
    """A list of SVG elements and a size."""

    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []

    def text(self, x, y, words, size=12, anchor="start", colour=INK,
             weight="normal"):
        self.parts.append(
            f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{colour}'"
            f" text-anchor='{anchor}' font-weight='{weight}'>"
            f"{escape(words)}</text>")

    def line(self, x1, y1, x2, y2, colour=INK, width=1):
        self.parts.append(
            f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' "
            f"stroke='{colour}' stroke-width='{width}'/>")

    def bar(self, x, y, width, height, colour):
        self.parts.append(
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{max(width, 1):.1f}' "
            f"height='{height:.1f}' fill='{colour}'/>")

    def dot(self, x, y, colour):
        self.parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' "
                          f"fill='{colour}'/>")

    def path(self, points, colour, width):
        words = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f"<polyline points='{words}' fill='none' "
                          f"stroke='{colour}' stroke-width='{width}'/>")

    def svg(self):
        return (f"<svg xmlns='http://www.w3.org/2000/svg' "
                f"viewBox='0 0 {self.width} {self.height}' "
                f"width='{self.width}' height='{self.height}' {FONT}>\n"
                f"<rect width='{self.width}' height='{self.height}' "
                f"fill='#fff'/>\n" + "\n".join(self.parts) + "\n</svg>\n")


def figure(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2g}"


class LogScale:
    """Maps values to pixels, a decade everywhere as wide."""

    def __init__(self, low, high, start, end):
        self.low = math.floor(math.log10(low))
        self.high = max(math.ceil(math.log10(high)), self.low + 1)
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def decades(self):
        return [10.0 ** k for k in range(self.low, self.high + 1)]


def draw(results):
    """{file name: SVG} of all that there are figures for."""
    drawings = {}
    bars = [row for row in results["rows"] if not row["series"]
            and not row["title"].startswith(" ")]
    if bars:
        drawings["bench-tasks.svg"] = draw_bars(results, bars)
    for name, title in (
            ("growth", "A task's whole life (created, one turn, gathered), "
                       "N tasks at a time: ns per task"),
            ("random", "N tasks resumed in random order: ns per turn")):
        rows = [row for row in results["rows"] if row["series"][:1] == [name]]
        if len(rows) > 1:
            drawings[f"bench-{name}.svg"] = draw_series(results, rows, title)
    return drawings


def titles(results):
    return {c["name"]: c["title"] for c in results["contenders"]
            if c["column"]}


def subtitle(results):
    machine = results["machine"]
    words = (f"median of {results['rounds']} rounds, thin line: lowest to "
             f"highest; logarithmic axes; {machine['cpu']}, "
             f"{machine['kernel']}, one core")
    if results["noise"]["warnings"]:
        words += "; THE MACHINE WAS NOT QUIET"
    return words


def draw_bars(results, rows):
    """One panel for each row, two beside each other; each has its own
    logarithmic axis, as the figures of one measure differ by up to 1000."""
    names = titles(results)
    panel_width, left, step = 470, 62, 19
    tall = [46 + step * sum(n in row["results"] for n in names)
            for row in rows]
    heights = [max(tall[i:i + 2]) for i in range(0, len(rows), 2)]
    d = Drawing(2 * panel_width + 30, 60 + sum(heights) + 10)
    d.text(15, 26, "Simul and its peers: less is better", 17, weight="bold")
    d.text(15, 45, subtitle(results), 11)
    y = 60
    for i in range(0, len(rows), 2):
        for k, row in enumerate(rows[i:i + 2]):
            draw_panel(d, row, names, 15 + k * panel_width, y,
                       panel_width - 15, left, step)
        y += heights[i // 2]
    return d.svg()


def draw_panel(d, row, names, x, y, width, left, step):
    shown = [n for n in names if n in row["results"]]
    values = [max(row["results"][n][k], 1e-3)
              for n in shown for k in ("low", "high")]
    # The axis starts well below the least, so that its bar is seen.
    scale = LogScale(min(values) / 2, max(values), x + left, x + width - 78)
    top, bottom = y + 24, y + 24 + step * len(shown)
    d.text(x, y + 15, f"{row['title']} ({row['unit']})", 12, weight="bold")
    for decade in scale.decades():
        d.line(scale(decade), top, scale(decade), bottom, GRID)
        d.text(scale(decade), bottom + 11, f"{decade:,g}", 9, "middle")
    for i, name in enumerate(shown):
        result, middle = row["results"][name], top + step * (i + 0.5)
        value = max(result["median"], 1e-3)
        d.text(x + left - 6, middle + 4, names[name], 11, "end")
        d.bar(x + left, middle - 6, scale(value) - x - left, 12,
              COLOURS.get(name, "#777"))
        low, high = (scale(max(result[k], 1e-3)) for k in ("low", "high"))
        d.line(low, middle, high, middle, RANGE, 1.5)
        for end in (low, high):
            d.line(end, middle - 3, end, middle + 3, RANGE, 1.5)
        d.text(max(scale(value), high) + 6, middle + 4, figure(value), 11,
               weight="bold" if name == "simul" else "normal")


def draw_series(results, rows, title):
    """Cost against the number of tasks, a line for each contender."""
    names = titles(results)
    width, height, left, top, bottom, right = 720, 420, 60, 64, 370, 620
    d = Drawing(width, height)
    d.text(15, 26, title, 15, weight="bold")
    d.text(15, 45, subtitle(results), 11)
    counts = [row["series"][1] for row in rows]
    values = [result[k] for row in rows for name, result
              in row["results"].items() if name in names
              for k in ("low", "high")]
    x = LogScale(min(counts), max(counts), left, right)
    y = LogScale(min(values), max(values), bottom, top)
    for decade in y.decades():
        d.line(left, y(decade), right, y(decade), GRID)
        d.text(left - 6, y(decade) + 4, f"{decade:,g}", 11, "end")
    for n in counts:
        d.text(x(n), bottom + 18, f"{n:,}", 11, "middle")
    d.text((left + right) / 2, bottom + 38, "tasks", 11, "middle")
    labels = []
    for name in names:
        points = [(x(row["series"][1]), row["results"][name])
                  for row in rows if name in row["results"]]
        if points:
            draw_curve(d, points, y, name)
            labels.append((y(points[-1][1]["median"]), points[-1][0], name))
    place_labels(d, labels, names)
    return d.svg()


def draw_curve(d, points, y, name):
    colour = COLOURS.get(name, "#777")
    d.path([(at, y(result["median"])) for at, result in points], colour,
           2.5 if name == "simul" else 1.5)
    for at, result in points:
        d.line(at, y(result["low"]), at, y(result["high"]), colour, 1)
        d.dot(at, y(result["median"]), colour)


def place_labels(d, labels, names):
    """Names at the ends of their curves, moved apart where they collide."""
    lowest_free = -math.inf
    for y, x, name in sorted(labels):
        y = max(y, lowest_free)
        lowest_free = y + 15
        d.text(x + 9, y + 4, names[name], 12, colour=COLOURS.get(name, INK),
               weight="bold" if name == "simul" else "normal")
