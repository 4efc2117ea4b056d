# SPDX-License-Identifier: MIT
"""Draws the results: which drawings there are, and their frames."""

from .curves import draw_series
from .panels import bars, dots, draw_panels, percentiles
from .table import in_group, server_cases

LESS = "less is better"


def draw(results):
    """{file name: SVG} of all that there are figures for."""
    tasks = [row for row in in_group(results, "tasks") if not row["series"]
             and not row["title"].startswith(" ")]
    outside = in_group(results, "outside")
    cases = server_cases(results)
    cpu = [rows["cpu"] for rows in cases.values() if "cpu" in rows]
    open_loop = [rows for name, rows in cases.items() if "open" in name]
    drawings = {
        "tasks.svg": panels(results, "Tasks: " + LESS, tasks, dots),
        "outside.svg": panels(results, "Files, programs, threads, loops: "
                              + LESS, outside, dots),
        "echo.svg": panels(
            results, "Echo: the server's CPU time for each request, us; "
            + LESS, [row for row in cpu if row["program"] == "echo"
                     and row["case"] in BARS], bars),
        "udp.svg": panels(
            results, "Datagrams: the server's CPU time for each, us; " + LESS,
            [row for row in cpu if row["program"] == "udp"], bars),
        "tls.svg": panels(
            results, "TLS: the server's CPU time for each request or "
            "handshake, us; " + LESS,
            [row for row in cpu if row["program"] == "tls"], bars),
        "http.svg": panels(
            results, "HTTP: the server's CPU time for each request, us; "
            + LESS, [row for row in cpu if row["program"] == "http"
                     and row["case"] in BARS], bars),
        "client.svg": panels(
            results, "HTTP client: its CPU time for each request, us; "
            + LESS, [row for row in cpu if row["program"] == "client"], bars),
        "latency.svg": panels(
            results, "Requests at fixed times: how long half, 99 % and "
            "99.9 % of them took, us", open_loop, percentiles),
        "round-trip.svg": panels(
            results, "One connection: the median round trip, us; " + LESS,
            [rows["p50"] for name, rows in cases.items()
             if name.startswith("echo-1-") or name == "echo-1"], bars),
        "growth.svg": series(
            results, "growth", "A task's whole life (created, one turn, "
            "gathered), N tasks at a time: ns per task", "tasks"),
        "random.svg": series(
            results, "random", "N tasks resumed in random order: ns per turn",
            "tasks"),
        "connections.svg": series(
            results, "connections", "Echo of 1 KiB on N connections: the "
            "server's CPU time, us per request", "connections", "cpu"),
    }
    return {name: svg for name, svg in drawings.items() if svg}


BARS = ("echo-1k-50", "echo-1k-500", "echo-64-pipelined", "echo-100k-50",
        "echo-10k",
        "http-50", "http-pipelined")


def subtitle(results, draw_one=None):
    machine, rounds = results["machine"], results["rounds"]
    span = "" if draw_one is percentiles or rounds == 1 else \
        "thin line: lowest to highest; "
    words = (f"median of {rounds} round{'s' if rounds > 1 else ''}; "
             f"{span}{machine['cpu']}, "
             f"{machine['kernel'].split('-')[0]}")
    if results["noise"]["warnings"]:
        words += "; THE MACHINE WAS NOT QUIET"
    return words


def titles(results):
    return {c["name"]: c["title"] for c in results["contenders"]}


def shown_names(results):
    """Notes under the table stay out of the drawings of tasks."""
    return [c["name"] for c in results["contenders"] if c["name"] != "heap"]


def panels(results, title, rows, draw_one):
    if not rows:
        return None
    return draw_panels(title, subtitle(results, draw_one), rows, draw_one,
                       titles(results), shown_names(results))


def series(results, name, title, what, measure=None):
    rows = [row for row in results["rows"] if row["series"][:1] == [name]
            and measure in (None, row["measure"])]
    if len(rows) < 2:
        return None
    return draw_series(title, subtitle(results), rows, what, titles(results),
                       shown_names(results))
