# SPDX-License-Identifier: MIT
"""SVG, without a library: a drawing, its colours by day and by night, and a
logarithmic scale."""

import math
from xml.sax.saxutils import escape

# What is drawn has a class; what that looks like is decided here. Pages that
# show the drawing in the dark get the second colour.
COLOURS = {
    "paper": ("#ffffff", "#0d1117"), "ink": ("#1f2328", "#f0f6fc"),
    "soft": ("#59636e", "#9198a1"), "grid": ("#d8dee4", "#30363d"),
    "ours": ("#0b7a55", "#3fb98a"), "raw": ("#9aa3ad", "#6e7781"),
    "peer": ("#7aa2d6", "#4f7cb8"),
    # Lines that have to be told apart.
    "simul": ("#0b7a55", "#3fb98a"), "simul-epoll": ("#66b89a", "#2f8265"),
    "floor": ("#8a929b", "#8a929b"), "epoll": ("#8a929b", "#8a929b"),
    "uring": ("#b3b9bf", "#666e76"), "uring-multi": ("#5d646b", "#b3b9bf"),
    "libuv": ("#b58a1b", "#d6ad3f"), "go": ("#2f74d0", "#6aa5f0"),
    "tokio": ("#d2602a", "#f08a56"), "node": ("#5c8f2a", "#8cc152"),
    "asyncio": ("#8757b5", "#b48ade"), "uvloop": ("#c2457d", "#e878ab"),
    "uvloop-protocol": ("#c2457d", "#e878ab"),
}


def style():
    def rules(which):
        return "".join(f".{name}{{--c:{pair[which]}}}"
                       for name, pair in COLOURS.items())
    return ("<style>text{font-family:system-ui,-apple-system,'Segoe UI',"
            "'DejaVu Sans',sans-serif;fill:var(--c)}"
            "rect,circle{fill:var(--c)}line,polyline{stroke:var(--c)}"
            + rules(0) + "@media(prefers-color-scheme:dark){" + rules(1)
            + "}</style>")


class Drawing:
    """A list of SVG elements and a size."""

    def __init__(self, width, height):
        self.width, self.height, self.parts = width, height, []

    def add(self, element, colour, attributes, inside=None):
        """Colours are given twice: not all that draws knows variables."""
        plain = COLOURS.get(colour, COLOURS["peer"])[0]
        name = colour if colour in COLOURS else "peer"
        what = "stroke" if element in ("line", "polyline") else "fill"
        end = "/>" if inside is None else f">{escape(inside)}</{element}>"
        self.parts.append(f"<{element} class='{name}' {what}='{plain}' "
                          f"{attributes}{end}")

    def text(self, x, y, words, size=12, anchor="start", colour="ink",
             bold=False):
        self.add("text", colour, f"x='{x:.1f}' y='{y:.1f}' font-size='{size}' "
                 f"text-anchor='{anchor}'"
                 + (" font-weight='600'" if bold else ""), words)

    def line(self, x1, y1, x2, y2, colour="ink", width=1):
        self.add("line", colour, f"x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' "
                 f"y2='{y2:.1f}' stroke-width='{width}'")

    def bar(self, x, y, width, height, colour):
        self.add("rect", colour, f"x='{x:.1f}' y='{y:.1f}' "
                 f"width='{max(width, 1):.1f}' height='{height:.1f}' rx='1.5'")

    def dot(self, x, y, colour, radius=3.5):
        self.add("circle", colour, f"cx='{x:.1f}' cy='{y:.1f}' r='{radius}'")

    def path(self, points, colour, width):
        words = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add("polyline", colour, f"points='{words}' "
                 f"style='fill:none' stroke-width='{width}' "
                 "stroke-linejoin='round'")

    def svg(self):
        return (f"<svg xmlns='http://www.w3.org/2000/svg' "
                f"viewBox='0 0 {self.width} {self.height}' "
                f"width='{self.width}' height='{self.height}' "
                f"font-family='system-ui, DejaVu Sans, sans-serif'>"
                f"{style()}\n<rect class='paper' fill='#ffffff' "
                f"width='{self.width}' height='{self.height}'/>\n"
                + "\n".join(self.parts) + "\n</svg>\n")


def figure(value):
    """Three digits or so; short."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


class LogScale:
    """Maps values to pixels, a doubling everywhere as wide."""

    def __init__(self, low, high, start, end):
        self.low, self.high = math.log10(low), math.log10(high)
        if self.high - self.low < 0.3:
            self.high = self.low + 0.3
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self):
        """Powers of ten, or 1, 2, 5 and their like where those are few."""
        first, last = math.floor(self.low), math.ceil(self.high)
        steps = (1,) if self.high - self.low > 1.7 else (1, 2, 5)
        values = [m * 10.0**k for k in range(first, last + 1) for m in steps]
        return [v for v in values
                if self.low - 1e-9 <= math.log10(v) <= self.high + 1e-9]


class LinearScale:
    """Maps values from 0 on to pixels."""

    def __init__(self, high, start, end):
        self.high, self.start, self.end = high, start, end

    def __call__(self, value):
        return self.start + value / self.high * (self.end - self.start)

    def ticks(self):
        step = 10.0 ** math.floor(math.log10(self.high))
        if self.high / step < 2:
            step /= 5
        elif self.high / step < 5:
            step /= 2
        return [step * i for i in range(int(self.high / step + 1e-9) + 1)]
