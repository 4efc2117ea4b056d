# SPDX-License-Identifier: MIT
"""Echo servers with asyncio: on its streams, or on its protocols.

    echo_peer.py streams|protocol PORT [SIZE]

With SIMUL_BENCH_UVLOOP=1 on uvloop's loop.
"""

import asyncio
import os
import sys


SIZE = int(sys.argv[3]) if len(sys.argv) > 3 else 4096


async def echo(reader, writer):
    try:
        while data := await reader.read(SIZE):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def main():
    how, port = sys.argv[1], int(sys.argv[2])
    if how == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", port)
    else:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if os.environ.get("SIMUL_BENCH_UVLOOP"):
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
