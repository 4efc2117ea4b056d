/* SPDX-License-Identifier: MIT
 * tests/process/test_process_pool_faults.c - workers that run out of memory, or
 * are killed. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int repeats(void *input, size_t size, simul_answer *answer)
{
	return simul_answer_append(answer, input, size);
}

static simul_work *const works[] = { measures, hoards, lets_go_of_all, repeats,
				     NULL };

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

/* ---- Killed at any point */

enum { TASKS = 4, JOBS = 150, LARGEST = 200000 };

struct tally {
	int left; /* tasks that have jobs */
	int jobs;
	int done;
	int killed;
};

/* Small ones travel in messages, large ones in shared memory. */
static int repeats_much(void *arg)
{
	struct tally *tally = arg;
	char *bytes = malloc(LARGEST);

	for (int i = 0; i < JOBS || tally->killed == 0; i++) {
		size_t size = i % 2 ? (size_t)i % LARGEST : LARGEST;
		simul_work_result result;
		int r;

		tally->jobs++;
		memset(bytes, i, size);
		r = simul_process_pool_call(pool, repeats, bytes, size,
					    &result);
		if (r >= 0) {
			CHECK_INT(result.size, ==, size);
			CHECK(memcmp(result.data, bytes, size) == 0);
			simul_work_result_done(&result);
			tally->done++;
		} else {
			CHECK_INT(r, ==, -SIMUL_EWORKER);
			CHECK_INT(result.how.signal, ==, SIGKILL);
			tally->killed++;
		}
	}
	free(bytes);
	tally->left--;
	return 0;
}

/* Only this thread reaps them, so as long as it is here they are ours. */
static void kill_children_of(const char *thread)
{
	char path[300];
	FILE *file;
	int pid;

	snprintf(path, sizeof path, "/proc/self/task/%s/children", thread);
	file = fopen(path, "r");
	while (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

static void kill_workers(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *thread;

	while ((thread = readdir(threads)))
		kill_children_of(thread->d_name);
	closedir(threads);
}

static int kills_at_any_point(void *arg)
{
	const simul_process_pool_options options = { .count = 2 };
	struct tally tally = { .left = TASKS };
	simul_task *t[TASKS];
	double pause = 0.002;
	int killed = 0;

	(void)arg;
	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
	for (int i = 0; i < TASKS; i++)
		t[i] = simul_create_task(repeats_much, &tally);
	for (int i = 0; tally.left > 0; i++) {
		/* New ones take some time until they can be killed at work. */
		CHECK_INT(simul_sleep(pause + i % 17 * 0.0007), ==, 0);
		if (tally.killed == killed)
			pause += 0.001;
		killed = tally.killed;
		kill_workers();
	}
	CHECK_INT(simul_gather(t, TASKS, NULL), ==, 0);
	CHECK_INT(tally.done + tally.killed, ==, tally.jobs);
	CHECK_INT(call(measures, "x", 1), ==, 0);
	simul_process_pool_close(pool);
	return 0;
}

TEST(workers_that_are_killed_at_any_point_fail_a_job_or_none)
{
	CHECK_INT(simul_run(kills_at_any_point, NULL), ==, 0);
}
