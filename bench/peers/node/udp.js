// SPDX-License-Identifier: MIT
// Datagrams that are sent back, with Node's dgram.
'use strict';

const dgram = require('node:dgram');

const socket = dgram.createSocket('udp4');
socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
socket.bind({ address: '127.0.0.1', port: Number(process.argv[2]) });
