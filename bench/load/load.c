/* SPDX-License-Identifier: MIT
 * bench/load/load.c - load a server with requests and report how it fares. */
#include "load.h"

#include "secure.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

/* As many descriptors as the system lets us have. */
static void allow_connections(long count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if ((rlim_t)count + 20 > limit.rlim_cur)
		load_fail("the limit on open files is %ld",
			  (long)limit.rlim_cur);
}

static double own_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void load_begin(struct load *load, uint64_t now)
{
	load->counting = true;
	load->began = now;
	load->own_cpu = own_cpu();
	if (load->options.server) {
		/* Workers may have been started since. */
		account_open(&load->server, load->options.server);
		load->cpu = account_cpu(&load->server);
	}
}

static void report_server(struct load *load, double seconds, long n)
{
	double cpu = account_cpu(&load->server) - load->cpu;

	bench_report("cpu", cpu / (double)load->done * 1e6, "us", n);
	bench_report("busy", cpu / seconds * 100, "%", n);
	bench_report("memory", account_memory(&load->server), "MB", n);
}

void load_report(struct load *load)
{
	double seconds = (double)(load_now() - load->began) * 1e-9;
	double cpu = own_cpu() - load->own_cpu;
	long n = (long)load->done;

	if (n == 0)
		load_fail("no answer in %g s", seconds);
	if (load->options.server)
		report_server(load, seconds, n);
	bench_report("rate", (double)n / seconds, "/s", n);
	bench_report("p50", latency_at(&load->latency, 0.5) / 1e3, "us", n);
	bench_report("p99", latency_at(&load->latency, 0.99) / 1e3, "us", n);
	bench_report("p999", latency_at(&load->latency, 0.999) / 1e3, "us", n);
	bench_report("load_cpu", cpu / (double)n * 1e6, "us", n);
}

/* What a connection costs that has been used and has nothing to do. */
static void connect_and_weigh(struct load *load)
{
	double before, after;

	load_await_server(load);
	if (!load->options.server) {
		load_connect(load);
		return;
	}
	account_open(&load->server, load->options.server);
	before = account_memory(&load->server);
	load_connect(load);
	/* What was to be given back soon has been by then. */
	usleep((useconds_t)(load->options.idle * 1e6));
	account_open(&load->server, load->options.server);
	after = account_memory(&load->server);
	bench_report("per_connection",
		     (after - before) * 1e3 / (double)load->options.connections,
		     "kB", load->options.connections);
}

static void close_all(struct load *load)
{
	for (long i = 0; i < load->options.connections; i++)
		connection_close(&load->connections[i]);
	close(load->epoll);
	free(load->connections);
	free(load->out.bytes);
	free(load->incoming);
}

static void run(struct load *load)
{
	if (load->options.protocol->run) {
		load->options.protocol->run(load);
		load_report(load);
		return;
	}
	connect_and_weigh(load);
	if (load->options.idle > 0)
		return;
	if (load->options.rate > 0)
		load_open(load);
	else
		load_closed(load);
	load_report(load);
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	size_t count;

	options_read(argc, argv, &load.options);
	allow_connections(load.options.connections);
	count = (size_t)load.options.connections;
	load.connections = bench_alloc(count * sizeof(*load.connections));
	load.incoming = bench_alloc(PART + AT_ONCE);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.options.pem)
		secure_prepare(load.options.pem);
	load.options.protocol->prepare(&load);
	run(&load);
	close_all(&load);
	return 0;
}
