// SPDX-License-Identifier: MIT
// Measures Node's promises as bench/ measures Simul: the same programs by the
// same names, with the same arguments and the same lines of output.
//
// An async function has no stack, and runs until it first awaits when it is
// called; an await of nothing lets the others that are ready take a turn.
'use strict';

const fs = require('node:fs');

const [program, ...words] = process.argv.slice(2);
const now = () => process.hrtime.bigint();

function number(i, fallback) {
	const n = words[i] === undefined ? fallback : Number(words[i]);
	if (!Number.isInteger(n) || n < 1) {
		fail(`${words[i]} is not a positive number`);
	}
	return n;
}

function fail(message) {
	console.error(message);
	process.exit(2);
}

function report(measure, value, unit, n) {
	console.log(`measure=${measure} value=${value.toPrecision(4)} unit=${unit} n=${n}`);
}

function reportEach(measure, start, operations, n) {
	report(measure, Number(now() - start) / operations, 'ns', n);
}

// Two functions that let each other run.

async function takeTurns(n) {
	for (let i = 0; i < n; i++) {
		await null;
	}
}

async function measureSwitch() {
	const n = number(0, 3000000);
	await Promise.all([takeTurns(n / 10), takeTurns(n / 10)]);
	const start = now();
	await Promise.all([takeTurns(n), takeTurns(n)]);
	reportEach('switch', start, 2 * n, n);
}

// Call a function and await it; call 1000 and await all.

const BATCH = 1000;

async function child() {
	return 1;
}

async function createAndAwait(n) {
	for (let i = 0; i < n; i++) {
		await child();
	}
}

async function createAndGather(batches) {
	for (let i = 0; i < batches; i++) {
		await Promise.all(Array.from({ length: BATCH }, child));
	}
}

async function measureCreate() {
	const n = number(1, 2000000);
	if (words[0] === 'await') {
		await createAndAwait(n / 10);
		const start = now();
		await createAndAwait(n);
		reportEach('create_await', start, n, n);
	} else {
		await createAndGather(n / BATCH / 10);
		const start = now();
		await createAndGather(n / BATCH);
		reportEach('create_gather', start, n, BATCH);
	}
}

// Set and cancel 64 timers while a million others are pending. Node keeps a
// list for each duration, so these are due after one of 60 of them.

const PENDING = 1000000;
const TIMER_BATCH = 64;

function setAndCancel(batches) {
	const timers = new Array(TIMER_BATCH);
	for (let i = 0; i < batches; i++) {
		for (let k = 0; k < TIMER_BATCH; k++) {
			timers[k] = setTimeout(() => {}, 1030000);
		}
		for (let k = TIMER_BATCH - 1; k >= 0; k--) {
			clearTimeout(timers[k]);
		}
	}
}

async function measureTimer() {
	const batches = Math.floor(number(1, 1000000) / TIMER_BATCH);
	for (let i = 0; i < PENDING; i++) {
		setTimeout(() => {}, 1000000 + Math.floor(Math.random() * 60) * 1000);
	}
	setAndCancel(batches / 10);
	const start = now();
	setAndCancel(batches);
	reportEach('timer', start, batches * TIMER_BATCH, batches * TIMER_BATCH);
	process.exit(0);
}

// N calls at a time that let each other run once, and end.

async function life() {
	await null;
}

async function measureGrowth() {
	const tasks = number(0, 1000);
	const batches = Math.floor(number(1, 500000) / tasks) + 1;
	const liveTogether = () => Promise.all(Array.from({ length: tasks }, life));
	await liveTogether();
	const start = now();
	for (let i = 0; i < batches; i++) {
		await liveTogether();
	}
	reportEach('growth', start, batches * tasks, tasks);
}

// N calls that all sleep at the same time.

function memory(key) {
	const status = fs.readFileSync('/proc/self/status', 'ascii');
	const line = status.split('\n').find((l) => l.startsWith(`${key}:`));
	return line ? Number(line.split(/\s+/)[1]) * 1024 / 1e6 : 0;
}

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function measureSleepers() {
	const tasks = number(0, 1000000);
	const seconds = number(1, 10);
	const start = now();
	const all = Array.from({ length: tasks }, () => sleep(seconds));
	const [rss, pte] = [memory('VmRSS'), memory('VmPTE')];
	report('memory', rss + pte, 'MB', tasks);
	report('rss', rss, 'MB', tasks);
	report('page_tables', pte, 'MB', tasks);
	await Promise.all(all);
	report('sleepers', Number(now() - start) / 1e9 - seconds, 's', tasks);
}

const programs = {
	switch: measureSwitch,
	create: measureCreate,
	timer: measureTimer,
	growth: measureGrowth,
	sleepers: measureSleepers,
};

if (!programs[program]) {
	fail('usage: tasks.js switch|create|timer|growth|sleepers [ARGUMENT...]');
}
programs[program]();
