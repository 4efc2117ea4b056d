/* SPDX-License-Identifier: MIT
 * tests/io/test_process_pool_memory.c - workers that run out of memory. */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <simul.h>

#include "sanitized.h"
#include "test.h"

enum { PIECE = 32 << 20 };

static int measures(void *input, size_t size, simul_answer *answer)
{
	(void)input;
	(void)answer;
	return (int)(size >> 10);
}

static void *hoard[1024];

/* Leave less than a page of memory. */
static int hoards(void *input, size_t size, simul_answer *answer)
{
	size_t n = 0;

	(void)input;
	(void)size;
	(void)answer;
	for (size_t piece = PIECE; piece >= 1024; piece /= 2)
		while (n < 1024 && (hoard[n] = malloc(piece)))
			n++;
	return n < 1024 ? 0 : -E2BIG;
}

static int lets_go_of_all(void *input, size_t size, simul_answer *answer)
{
	(void)input;
	(void)size;
	(void)answer;
	for (int i = 0; i < 1024; i++)
		free(hoard[i]);
	return 0;
}

static simul_work *const works[] = { measures, hoards, lets_go_of_all, NULL };

/* The harness has a main of its own; and this is to come before that. */
__attribute__((constructor)) static void become_a_worker(void)
{
	simul_worker_main(works);
}

static simul_process_pool *pool;

static int call(simul_work *work, const void *input, size_t size)
{
	simul_work_result result;
	int r = simul_process_pool_call(pool, work, input, size, &result);

	if (r >= 0)
		simul_work_result_done(&result);
	return r;
}

static int gives_too_much(void *arg)
{
	const simul_process_pool_options options = { .count = 1,
						     .max_memory = 4 * PIECE };
	char *input = calloc(1, 5 * PIECE);

	(void)arg;
	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
	CHECK_INT(call(measures, input, PIECE), ==, PIECE >> 10);
	/* What is mapped, ... */
	CHECK_INT(call(measures, input, 5 * PIECE), ==, -ENOMEM);
	CHECK_INT(call(measures, input, PIECE), ==, PIECE >> 10);
	/* ... and what is allocated. */
	CHECK_INT(call(hoards, NULL, 0), ==, 0);
	CHECK_INT(call(measures, input, 60000), ==, -ENOMEM);
	CHECK_INT(call(measures, input, 60000), ==, -ENOMEM);
	CHECK_INT(call(lets_go_of_all, NULL, 0), ==, 0);
	CHECK_INT(call(measures, input, 60000), ==, 60000 >> 10);
	simul_process_pool_close(pool);
	free(input);
	return 0;
}

/* It was the same worker all the time: what it held it could let go of. */
TEST(a_job_whose_input_a_worker_has_no_memory_for_fails_and_says_so)
{
	if (IS_SANITIZED)
		SKIP("that alone takes more memory");
	CHECK_INT(simul_run(gives_too_much, NULL), ==, 0);
}
