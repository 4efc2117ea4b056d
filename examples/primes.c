/* SPDX-License-Identifier: MIT
 * primes.c - work that keeps a core busy, done in other processes.
 *
 * While the workers count, the loop is free: it shows how far they are.
 *
 * In Python: concurrent.futures.ProcessPoolExecutor and run_in_executor. */
#include <stdio.h>
#include <unistd.h>

#include <simul.h>

enum { UP_TO = 2000000, PIECES = 20 };

struct range {
	long from, to;
};

/* ---- In a worker */

static bool is_prime(long n)
{
	for (long d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n >= 2;
}

static int count_primes(void *input, size_t size, simul_answer *answer)
{
	const struct range *range = input;
	long count = 0;

	(void)size;
	for (long n = range->from; n < range->to; n++)
		count += is_prime(n);
	return simul_answer_append(answer, &count, sizeof count);
}

static simul_work *const works[] = { count_primes, NULL };

/* ---- In the program */

struct count_piece {
	simul_process_pool *pool;
	struct range range;
	long *count;
	int *done;
};

static int count_piece(void *arg)
{
	const struct count_piece *my = arg;
	simul_work_result result;
	int r = simul_process_pool_call(my->pool, count_primes, &my->range,
					sizeof my->range, &result);

	if (r < 0)
		return r;
	*my->count += *(long *)result.data;
	*my->done += 1;
	simul_work_result_done(&result);
	return 0;
}

static int show_progress(void *arg)
{
	const int *done = arg;

	while (isatty(STDERR_FILENO) && simul_sleep(0.1) >= 0)
		fprintf(stderr, "\r%d of %d ", *done, PIECES);
	return 0;
}

static int count_all(simul_process_pool *pool)
{
	const long step = UP_TO / PIECES;
	simul_task *t[PIECES], *progress;
	long count = 0;
	int done = 0, r;

	progress = simul_create_task(show_progress, &done);
	for (int i = 0; i < PIECES; i++)
		t[i] = simul_go(count_piece, pool, { i * step, (i + 1) * step },
				&count, &done);
	r = simul_gather(t, PIECES, NULL);
	simul_cancel(progress);
	simul_await(progress);
	if (r >= 0)
		printf("%ld primes below %d\n", count, UP_TO);
	return r;
}

static int amain(void *arg)
{
	simul_process_pool *pool;
	int r = simul_process_pool_open(NULL, &pool);

	(void)arg;
	if (r < 0)
		return r;
	r = count_all(pool);
	simul_process_pool_close(pool);
	return r;
}

int main(void)
{
	int r;

	simul_worker_main(works);
	r = simul_run(amain, NULL);
	if (r < 0)
		fprintf(stderr, "primes: %s\n", simul_strerror(r));
	return r < 0;
}
