/* SPDX-License-Identifier: MIT
 * bench/instructions/paths.c - the hot paths, to have their instructions
 * counted by bench/instructions/count.
 *
 *	simul_paths N PATH...    each path: run it N times, N times, 2 N times
 *	simul_paths --list       their names
 *	simul_paths --setting    what built this, for which processor
 *
 * mark() is called between the runs: callgrind writes down there what it has
 * counted. The difference between the last two is what N cost.
 */
#include "../bench.h"

#include <simul.h>

enum { BATCH = 100, MESSAGE = 64 };

__attribute__((noinline)) static void mark(void)
{
	__asm__ volatile("");
}

struct path {
	const char *name;
	simul_fn *measure; /* in a loop of its own */
};

static long n;

/* Run it as often as the counts need, with whatever it works on. */
static int three_times(int (*run)(void *on, long times), void *on)
{
	int r = run(on, n);

	for (int i = 1; i <= 2 && r >= 0; i++) {
		mark();
		r = run(on, n * i);
	}
	mark();
	return r;
}

/* ---- Tasks */

static int take_turns(void *arg)
{
	long times = *(const long *)arg;
	int r = 0;

	for (long i = 0; i < times && r >= 0; i++)
		r = simul_sleep(0);
	return r;
}

static int switch_over(void *on, long times)
{
	simul_task *t[2];

	(void)on;
	times /= 2;
	for (int i = 0; i < 2; i++)
		t[i] = simul_create_task(take_turns, &times);
	return simul_gather(t, 2, NULL);
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int create_and_await(void *on, long times)
{
	int r = 0;

	(void)on;
	for (long i = 0; i < times && r >= 0; i++)
		r = simul_await(simul_create_task(nothing, NULL));
	return r;
}

static int create_and_gather(void *on, long times)
{
	simul_task *t[BATCH];
	int r = 0;

	(void)on;
	for (long i = 0; i < times / BATCH && r >= 0; i++) {
		for (int k = 0; k < BATCH; k++)
			t[k] = simul_create_task(nothing, NULL);
		r = simul_gather(t, BATCH, NULL);
	}
	return r;
}

static int measure_switch(void *arg)
{
	return three_times(switch_over, arg);
}

static int measure_create_await(void *arg)
{
	return three_times(create_and_await, arg);
}

static int measure_create_gather(void *arg)
{
	return three_times(create_and_gather, arg);
}

/* ---- Queues */

struct queues {
	simul_queue there, back;
};

static int echo_items(void *arg)
{
	struct queues *q = arg;
	void *item;
	int r;

	do {
		r = simul_queue_get(&q->there, &item);
		if (r >= 0)
			r = simul_queue_put(&q->back, item);
	} while (r >= 0);
	return 0;
}

static int hand_over(void *on, long times)
{
	struct queues *q = on;
	void *item = q;
	int r = 0;

	for (long i = 0; i < times / 2 && r >= 0; i++) {
		r = simul_queue_put(&q->there, item);
		if (r >= 0)
			r = simul_queue_get(&q->back, &item);
	}
	return r;
}

static int measure_queue(void *arg)
{
	struct queues q = { 0 };
	simul_task *echo = simul_create_task(echo_items, &q);
	int r = three_times(hand_over, &q);

	(void)arg;
	simul_queue_shutdown(&q.there);
	simul_await(echo);
	simul_queue_done(&q.there);
	simul_queue_done(&q.back);
	return r;
}

/* ---- Timers */

static int set_and_clear(void *on, long times)
{
	simul_timeout limits[BATCH];
	double when = simul_now() + 1000;
	int r = 0;

	(void)on;
	for (long i = 0; i < times / BATCH && r >= 0; i++) {
		int open = 0;

		while (open < BATCH && r >= 0) {
			r = simul_timeout_open_at(&limits[open], when);
			open += r >= 0;
		}
		while (open > 0)
			r = simul_timeout_close(&limits[--open], r);
	}
	return r;
}

static int nap(void *arg)
{
	return simul_sleep(*(const double *)arg);
}

static int sleep_and_wake(void *on, long times)
{
	simul_task *t[BATCH];
	double seconds[BATCH];
	int r = 0;

	(void)on;
	for (long i = 0; i < times / BATCH && r >= 0; i++) {
		for (int k = 0; k < BATCH; k++) {
			seconds[k] = 1 + k * 37 % BATCH;
			t[k] = simul_create_task(nap, &seconds[k]);
		}
		r = simul_gather(t, BATCH, NULL);
	}
	return r;
}

static int measure_timer(void *arg)
{
	return three_times(set_and_clear, arg);
}

static int measure_sleep(void *arg)
{
	return three_times(sleep_and_wake, arg);
}

/* ---- Streams: a small message goes to and fro */

static int echo_bytes(void *arg)
{
	simul_stream *s = arg;
	char bytes[MESSAGE];
	int r;

	do {
		r = simul_read_exactly(s, bytes, sizeof bytes);
		if (r > 0)
			r = simul_write(s, bytes, sizeof bytes) < 0 ? -1 : 1;
	} while (r > 0);
	return simul_close(s);
}

static int converse(void *on, long times)
{
	simul_stream *s = on;
	char bytes[MESSAGE] = { 0 };
	int r = 0;

	for (long i = 0; i < times && r >= 0; i++) {
		r = simul_write(s, bytes, sizeof bytes);
		if (r >= 0)
			r = simul_read_exactly(s, bytes, sizeof bytes);
	}
	return r;
}

static int measure_pair(void *arg)
{
	simul_stream *a, *b;
	simul_task *echo;
	int r = simul_stream_pair(&a, &b);

	(void)arg;
	if (r < 0)
		return r;
	echo = simul_create_task(echo_bytes, b);
	r = three_times(converse, a);
	simul_close(a);
	simul_await(echo);
	return r;
}

/* Two ends of a TCP connection of this machine. */
static int connect_to_ourselves(simul_stream **ret_a, simul_stream **ret_b)
{
	simul_address address;
	simul_listener *listener;
	int r = simul_address_parse("127.0.0.1", 0, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	r = simul_listener_address(listener, &address);
	if (r >= 0)
		r = simul_connect_address(&address, ret_a);
	if (r >= 0)
		r = simul_accept(listener, ret_b);
	simul_listener_close(listener);
	return r;
}

static int measure_tcp(void *arg)
{
	simul_stream *a, *b;
	simul_task *echo;
	int r = connect_to_ourselves(&a, &b);

	(void)arg;
	if (r < 0)
		return r;
	echo = simul_create_task(echo_bytes, b);
	r = three_times(converse, a);
	simul_close(a);
	simul_await(echo);
	return r;
}

/* ---- HTTP: a request as curl(1) sends it is parsed, handled, and answered */

static int answer(simul_http_request *request, void *arg)
{
	(void)arg;
	return simul_http_reply(request, 200, "text/plain", "Hello, world!",
				13);
}

static int serve(void *arg)
{
	return simul_http_serve_stream(arg, answer, NULL, NULL);
}

static int ask(void *on, long times)
{
	static const char request[] = "GET /greeting?name=world HTTP/1.1\r\n"
				      "Host: localhost:8080\r\n"
				      "User-Agent: curl/7.88.1\r\n"
				      "Accept: */*\r\n"
				      "\r\n";
	simul_stream *s = on;
	char bytes[1024];
	int r = 0;

	for (long i = 0; i < times && r >= 0; i++) {
		r = simul_write(s, request, sizeof request - 1);
		if (r >= 0)
			r = (int)simul_read(s, bytes, sizeof bytes);
	}
	return r;
}

static int measure_http(void *arg)
{
	simul_stream *a, *b;
	simul_task *server;
	int r = simul_stream_pair(&a, &b);

	(void)arg;
	if (r < 0)
		return r;
	server = simul_create_task(serve, b);
	r = three_times(ask, a);
	simul_close(a);
	simul_await(server);
	return r;
}

/* ---- What the counts depend on */

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__x86_64__)
#define PROCESSOR "x86_64"
#elif defined(__aarch64__)
#define PROCESSOR "aarch64"
#else
#define PROCESSOR "another processor"
#endif

/* ---- All */

static const struct path paths[] = {
	{ "switch", measure_switch },
	{ "create-await", measure_create_await },
	{ "create-gather", measure_create_gather },
	{ "queue", measure_queue },
	{ "timer", measure_timer },
	{ "sleep", measure_sleep },
	{ "stream-pair", measure_pair },
	{ "stream-tcp", measure_tcp },
	{ "http-request", measure_http },
};

enum { PATHS = sizeof paths / sizeof *paths };

static int measure(const char *name)
{
	const simul_options options = { .virtual_clock =
						strcmp(name, "sleep") == 0 };

	for (int i = 0; i < PATHS; i++)
		if (strcmp(paths[i].name, name) == 0)
			return simul_run_with(&options, paths[i].measure, NULL);
	fprintf(stderr, "there is no path '%s'\n", name);
	return -1;
}

int main(int argc, char **argv)
{
	int r = 0;

	if (bench_word(argc, argv, 1, "--list")) {
		for (int i = 0; i < PATHS; i++)
			puts(paths[i].name);
		return 0;
	}
	if (bench_word(argc, argv, 1, "--setting")) {
		puts(PROCESSOR ", " COMPILER);
		return 0;
	}
	n = bench_number(argc, argv, 1, 1000);
	for (int i = 2; i < argc && r >= 0; i++)
		r = measure(argv[i]);
	return bench_exit(r);
}
