// SPDX-License-Identifier: MIT
// An HTTP client with Node's http: 64 loops that GET the same page through one
// agent, which keeps connections.
'use strict';

const fs = require('node:fs');
const http = require('node:http');

const CLIENTS = 64;
const WARM_UP = 200;
const WHILE = 600; // ms

const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
const port = Number(process.argv[2]);
let done = 0;
let over = false;

function get() {
	return new Promise((resolve, reject) => {
		http.get({ host: '127.0.0.1', port, path: '/', agent }, (response) => {
			let body = '';
			response.setEncoding('utf8');
			response.on('data', (part) => { body += part; });
			response.on('end', () => {
				if (response.statusCode !== 200 || body !== 'Hello, World!') {
					reject(new Error('that is not what was asked for'));
				}
				resolve();
			});
		}).on('error', reject);
	});
}

async function getAll() {
	while (!over) {
		await get();
		done++;
	}
}

function report(measure, value, unit, n) {
	console.log(`measure=${measure} value=${value.toPrecision(4)} unit=${unit} n=${n}`);
}

function memory() {
	return fs.readFileSync('/proc/self/status', 'ascii').split('\n')
		.filter((line) => /^Vm(RSS|PTE):/.test(line))
		.reduce((sum, line) => sum + Number(line.split(/\s+/)[1]) * 1024 / 1e6, 0);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function main() {
	const all = Array.from({ length: CLIENTS }, getAll);
	await sleep(WARM_UP);
	const [before, cpu, start] = [done, process.cpuUsage(), process.hrtime.bigint()];
	await sleep(WHILE);
	const n = done - before;
	const used = process.cpuUsage(cpu);
	report('cpu', (used.user + used.system) / n, 'us', n);
	report('rate', n / Number(process.hrtime.bigint() - start) * 1e9, '/s', n);
	report('memory', memory(), 'MB', n);
	over = true;
	await Promise.all(all);
	agent.destroy();
}

main();
