# SPDX-License-Identifier: MIT
"""An HTTP server with aiohttp: http_peer.py PORT.

With SIMUL_BENCH_UVLOOP=1 on uvloop's loop.
"""

import asyncio
import os
import sys

from aiohttp import web


async def hello(request):
    return web.Response(text="Hello, World!")


app = web.Application()
app.add_routes([web.get("/", hello)])
if os.environ.get("SIMUL_BENCH_UVLOOP"):
    import uvloop
    loop = uvloop.new_event_loop()
else:
    loop = asyncio.new_event_loop()
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None,
            access_log=None, loop=loop)
