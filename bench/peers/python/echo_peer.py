# SPDX-License-Identifier: MIT
"""Echo servers with asyncio: on its streams, or on its protocols.

    echo_peer.py streams|protocol PORT [SIZE]
    echo_peer.py tls PORT

TLS is on streams, with the certificate that SIMUL_BENCH_PEM names.

With SIMUL_BENCH_UVLOOP=1 on uvloop's loop.
"""

import asyncio
import os
import ssl
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


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.load_cert_chain(os.environ["SIMUL_BENCH_PEM"])
    return made


async def main():
    how, port = sys.argv[1], int(sys.argv[2])
    if how == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", port)
    elif how == "tls":
        server = await asyncio.start_server(echo, "127.0.0.1", port,
                                            ssl=context())
    else:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Echo, "127.0.0.1", port)
    await server.serve_forever()


if os.environ.get("SIMUL_BENCH_UVLOOP"):
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
