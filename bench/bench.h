/* SPDX-License-Identifier: MIT
 * bench/bench.h - what every measuring program in C needs: a clock, its line
 * of output, a random order, and the memory that the process has.
 *
 * Each program prints lines like
 *
 *	measure=switch value=7.91 unit=ns n=10000000
 *
 * which bench/run reads and a person can. Include this before anything else.
 * It knows nothing of Simul: the floors use it too.
 */
#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void bench_report(const char *measure, double value,
				const char *unit, long n)
{
	printf("measure=%s value=%.4g unit=%s n=%ld\n", measure, value, unit,
	       n);
	fflush(stdout);
}

/* Report the time since start, shared out over that many operations. */
static inline void bench_report_each(const char *measure, double start,
				     double operations, long n)
{
	double seconds = bench_now() - start;

	bench_report(measure, seconds / operations * 1e9, "ns", n);
}

/* Report the time since start, in which so many MiB came or went, as that for
 * a GiB. */
static inline void bench_report_gib(const char *measure, double start, long mib)
{
	double seconds = bench_now() - start;

	bench_report(measure, seconds * 1024 / (double)mib * 1e3, "ms", mib);
}

/* Argument i of the command line as a number, or fallback where it is absent.
 * Anything but a positive number ends the program. */
static inline long bench_number(int argc, char **argv, int i, long fallback)
{
	char *end;
	long n;

	if (i >= argc)
		return fallback;
	n = strtol(argv[i], &end, 10);
	if (*end || end == argv[i] || n < 1) {
		fprintf(stderr, "%s: %s is not a positive number\n", argv[0],
			argv[i]);
		exit(2);
	}
	return n;
}

/* Is argument i of the command line this word? */
static inline int bench_word(int argc, char **argv, int i, const char *word)
{
	return i < argc && strcmp(argv[i], word) == 0;
}

/* The next number of a fixed pseudo-random sequence (xorshift64): the same
 * order in every run and for every competitor written in C. */
static inline uint64_t bench_random(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* Fill order with 0 ... n - 1 in random order. */
static inline void bench_shuffle(uint32_t *order, long n)
{
	for (long i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (long i = n - 1; i > 0; i--) {
		long j = (long)(bench_random() % (uint64_t)(i + 1));
		uint32_t t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
}

/* What main returns for the result of simul_run: says an error, if it is one.
 * (By number, so that the floors need not link the library.) */
static inline int bench_exit(int result)
{
	if (result < 0)
		fprintf(stderr, "failed with %d\n", result);
	return result < 0;
}

/* Zeroed memory; ends the program rather than fail. */
static inline void *bench_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p) {
		fprintf(stderr, "no memory for %zu bytes\n", size);
		exit(1);
	}
	return p;
}

/* Memory for bytes of files: as a page begins, since some processors copy only
 * half as fast to what is not aligned, and in use, so that none of it is the
 * kernel's page of zeros. */
static inline void *bench_buffer(size_t size)
{
	void *p = aligned_alloc(4096, size);

	if (!p) {
		fprintf(stderr, "no memory for %zu bytes\n", size);
		exit(1);
	}
	return memset(p, 'x', size);
}

/* A small amount of work on the stack, as a task that is resumed would do:
 * writes to four cache lines below the caller's frame. */
__attribute__((noinline, unused)) static void bench_touch_stack(void)
{
	volatile char frame[200];

	for (int i = 0; i < 200; i += 64)
		frame[i] = 1;
	(void)frame[0];
}

/* A line such as VmRSS of a process's /proc/PID/status, in MB (10^6 bytes). */
static inline double bench_memory_of(const char *path, const char *key)
{
	FILE *file = fopen(path, "r");
	size_t length = strlen(key);
	char line[256];
	double mb = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, length) && line[length] == ':')
			mb = atof(line + length + 1) * 1024 / 1e6;
	if (file)
		fclose(file);
	return mb;
}

static inline double bench_memory(const char *key)
{
	return bench_memory_of("/proc/self/status", key);
}

/* Report the memory that the process has now: pages, and the page tables that
 * the kernel keeps for them, which VmRSS does not count. */
static inline void bench_report_memory(long n)
{
	double rss = bench_memory("VmRSS");
	double pte = bench_memory("VmPTE");

	bench_report("memory", rss + pte, "MB", n);
	bench_report("rss", rss, "MB", n);
	bench_report("page_tables", pte, "MB", n);
}

#endif /* BENCH_H */
