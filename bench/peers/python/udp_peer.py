# SPDX-License-Identifier: MIT
"""Datagrams that are sent back, with asyncio's protocols.

    udp_peer.py PORT

With SIMUL_BENCH_UVLOOP=1 on uvloop's loop.
"""

import asyncio
import os
import sys


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(
        Echo, local_addr=("127.0.0.1", int(sys.argv[1])))
    await loop.create_future()


if os.environ.get("SIMUL_BENCH_UVLOOP"):
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
