# SPDX-License-Identifier: MIT
"""Drawings of panels, two beside each other, a measure in each."""

from .svg import Drawing, LinearScale, LogScale, figure

WIDTH, GAP, LABELS, FIGURES, STEP, TOP = 470, 26, 148, 62, 19, 64
RAW = ("floor", "epoll", "uring", "uring-multi")

# A bar that is longer than so many times ours is cut off: its figure says the
# rest.
CUT = 5


def kind(name):
    """The colour of a contender where only its kind is told."""
    if name.startswith("simul"):
        return "ours"
    return "raw" if name in RAW else "peer"


def row_of(subject):
    """What decides on the order: a row, or the median of percentiles."""
    return subject["p50"] if "p50" in subject else subject


def order(subject, names):
    results = row_of(subject)["results"]
    return sorted((n for n in names if n in results),
                  key=lambda n: results[n]["median"])


def draw_panels(title, subtitle, subjects, draw_one, titles, names):
    heights = [54 + STEP * len(order(s, names)) for s in subjects]
    tallest = [max(heights[i:i + 2]) for i in range(0, len(heights), 2)]
    columns = min(2, len(subjects))
    d = Drawing(max(columns * (WIDTH + GAP) + GAP, 620), TOP + sum(tallest))
    d.text(GAP, 28, title, 16, bold=True)
    d.text(GAP, 47, subtitle, 11, colour="soft")
    y = TOP
    for i, height in zip(range(0, len(subjects), 2), tallest):
        for k, subject in enumerate(subjects[i:i + 2]):
            panel(d, subject, draw_one, titles, names,
                  GAP + k * (WIDTH + GAP), y)
        y += height
    return d.svg()


def panel(d, subject, draw_one, titles, names, x, y):
    """The frame: heading, names, grid; draw_one puts the figures in."""
    row, shown = row_of(subject), order(subject, names)
    heading = row["about"] or f"{row['title']} ({row['unit']})"
    top = y + 26
    bottom = top + STEP * len(shown)
    d.text(x, y + 17, heading, 12.5, bold=True)
    scale = draw_one.scale(subject, shown, x + LABELS, x + WIDTH - FIGURES)
    for tick in scale.ticks():
        d.line(scale(tick), top, scale(tick), bottom, "grid")
        d.text(scale(tick), bottom + 13, f"{tick:,g}", 9.5, "middle", "soft")
    for i, name in enumerate(shown):
        middle = top + STEP * (i + 0.5)
        ours = name.startswith("simul")
        d.text(x + LABELS - 8, middle + 4, titles[name], 11.5, "end",
               "ours" if ours else "ink", ours)
        draw_one.draw(d, subject, name, scale, middle)


def whisker(d, scale, low, high, middle):
    d.line(scale(low), middle, scale(high), middle, "ink", 1.2)
    for end in (low, high):
        d.line(scale(end), middle - 3, scale(end), middle + 3, "ink", 1.2)


class Bars:
    """From zero, so that lengths can be compared."""

    def scale(self, row, shown, start, end):
        results = row["results"]
        most = max(results[n]["high"] for n in shown)
        least = results.get("simul", results[shown[0]])["median"]
        return LinearScale(min(most, CUT * least), start, end)

    def draw(self, d, row, name, scale, middle):
        result = row["results"][name]
        most = scale.high
        end = scale(min(result["median"], most))
        d.bar(scale.start, middle - 6, end - scale.start, 12, kind(name))
        if result["median"] > most:
            for k in (0, 5):
                d.line(end - 16 + k, middle + 8, end - 10 + k, middle - 8,
                       "paper", 2)
        elif result["high"] > result["low"]:
            whisker(d, scale, result["low"], min(result["high"], most), middle)
        at = scale(min(max(result["median"], result["high"]), most))
        d.text(at + 7, middle + 4, figure(result["median"]), 11.5,
               bold=name.startswith("simul"))


class Dots:
    """On a logarithmic axis, where lengths would mean nothing."""

    LEAST = 1e-3

    def scale(self, row, shown, start, end):
        values = [max(row["results"][n][k], self.LEAST)
                  for n in shown for k in ("low", "high")]
        return LogScale(min(values) / 1.3, max(values) * 1.1, start, end)

    def draw(self, d, row, name, scale, middle):
        result = row["results"][name]
        low, value, high = (max(result[k], self.LEAST)
                            for k in ("low", "median", "high"))
        d.line(scale.start, middle, scale(low), middle, "grid")
        whisker(d, scale, low, high, middle)
        d.dot(scale(value), middle, kind(name), 5)
        d.text(scale(high) + 10, middle + 4, figure(result["median"]), 11.5,
               bold=name.startswith("simul"))


class Percentiles:
    """Half, 99 % and 99.9 % on a line, on a logarithmic axis."""

    PARTS = (("p50", 5), ("p99", 4), ("p999", 3))

    def scale(self, rows, shown, start, end):
        values = [rows[k]["results"][n]["median"]
                  for n in shown for k, _ in self.PARTS]
        return LogScale(min(values) / 1.2, max(values) * 1.2, start, end)

    def draw(self, d, rows, name, scale, middle):
        values = [rows[k]["results"][name]["median"] for k, _ in self.PARTS]
        d.line(scale(values[0]), middle, scale(values[-1]), middle,
               kind(name), 2)
        for value, (_, radius) in zip(values, self.PARTS):
            d.dot(scale(value), middle, kind(name), radius)
        d.text(scale(values[-1]) + 8, middle + 4, figure(values[-1]), 11.5,
               bold=name.startswith("simul"))


bars, dots, percentiles = Bars(), Dots(), Percentiles()
