# SPDX-License-Identifier: MIT
"""Measures of clients: the client on one core, a server that costs little on
another. Clients time themselves; what is compared is their CPU time."""

from .case import Case, Goal, Row

CASES = [
    Case("client-64", "client", [], [
        Row("cpu", "CPU per request", Goal(1, ("libcurl", "go", "reqwest",
                                               "node", "aiohttp-uvloop"),
                                           "the best of the others")),
        Row("rate", "requests/s"),
        Row("memory", "memory"),
    ], title="HTTP client: GET, 64 at once", against=("epoll", "http")),
]
