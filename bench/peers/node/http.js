// SPDX-License-Identifier: MIT
// An HTTP server with Node's http.
'use strict';

const http = require('node:http');

const server = http.createServer((request, response) => {
	response.writeHead(200, {
		'Content-Type': 'text/plain',
		'Content-Length': 13,
	});
	response.end('Hello, World!');
});
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]), backlog: 1024 });
