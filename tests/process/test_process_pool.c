/* SPDX-License-Identifier: MIT
 * tests/process/test_process_pool.c - work for other processes. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <simul.h>

#include "sanitized.h"
#include "test.h"

/* ---- What is done in workers */

static int doubles(void *input, size_t size, simul_answer *answer)
{
	long n;

	if (size != sizeof n)
		return -EINVAL;
	memcpy(&n, input, sizeof n);
	n *= 2;
	return simul_answer_append(answer, &n, sizeof n);
}

static int returns(void *input, size_t size, simul_answer *answer)
{
	(void)answer;
	return size == sizeof(int) ? *(int *)input : -EINVAL;
}

/* Each byte of the answer is one more than that of the input. */
static int increments(void *input, size_t size, simul_answer *answer)
{
	unsigned char *out = simul_answer_resize(answer, size);
	const unsigned char *in = input;

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)(in[i] + 1);
	return 0;
}

static int crashes(void *input, size_t size, simul_answer *answer)
{
	(void)size;
	(void)answer;
	signal(*(int *)input, SIG_DFL);
	raise(*(int *)input);
	return 0;
}

static int exits(void *input, size_t size, simul_answer *answer)
{
	(void)size;
	(void)answer;
	_exit(*(int *)input);
	return 0;
}

static int says_who(void *input, size_t size, simul_answer *answer)
{
	pid_t pid = getpid();

	(void)input;
	(void)size;
	return simul_answer_append(answer, &pid, sizeof pid);
}

static int never_ends(void *input, size_t size, simul_answer *answer)
{
	(void)input;
	(void)size;
	(void)answer;
	while (pause() < 0)
		;
	return 0;
}

static int wants_memory(void *input, size_t size, simul_answer *answer)
{
	return simul_answer_resize(answer, *(size_t *)input) ? (int)(size > 0)
							     : -ENOMEM;
}

static int says_limit(void *input, size_t size, simul_answer *answer)
{
	struct rlimit limit;

	(void)input;
	(void)size;
	getrlimit(RLIMIT_AS, &limit);
	return simul_answer_append(answer, &limit.rlim_cur,
				   sizeof limit.rlim_cur);
}

static int counts_descriptors(void *input, size_t size, simul_answer *answer)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	(void)input;
	(void)size;
	(void)answer;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 3; /* ".", ".." and the directory itself */
}

static int closes_its_socket(void *input, size_t size, simul_answer *answer)
{
	close(3);
	return never_ends(input, size, answer);
}

static int is_not_known(void *input, size_t size, simul_answer *answer)
{
	return doubles(input, size, answer);
}

static simul_work *const works[] = {
	doubles,
	returns,
	increments,
	says_who,
	crashes,
	exits,
	never_ends,
	wants_memory,
	says_limit,
	closes_its_socket,
	counts_descriptors,
	NULL,
};

/* The harness has a main of its own; and this is to come before that. */
__attribute__((constructor)) static void become_a_worker(void)
{
	simul_worker_main(works);
	/* A worker that takes itself for the program would start more. */
	if (getenv("SIMUL_TEST_ONLY_WORKERS"))
		_exit(3);
}

/* ---- Calls */

static simul_process_pool *pool;

static void open_pool(size_t count)
{
	const simul_process_pool_options options = { .count = count };

	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
}

static int call(simul_work *work, const void *input, size_t size,
		simul_work_result *ret_result)
{
	return simul_process_pool_call(pool, work, input, size, ret_result);
}

static long doubled(long n)
{
	simul_work_result result;
	long twice;

	CHECK_INT(call(doubles, &n, sizeof n, &result), ==, 0);
	CHECK_INT(result.size, ==, sizeof twice);
	memcpy(&twice, result.data, sizeof twice);
	simul_work_result_done(&result);
	CHECK(!result.data);
	return twice;
}

static pid_t who(simul_work *work)
{
	simul_work_result result;
	pid_t pid;

	CHECK_INT(call(work, NULL, 0, &result), ==, 0);
	memcpy(&pid, result.data, sizeof pid);
	simul_work_result_done(&result);
	return pid;
}

static int calls(void *arg)
{
	(void)arg;
	open_pool(1);
	for (long n = 0; n < 50; n++)
		CHECK_INT(doubled(n), ==, 2 * n);
	CHECK(who(says_who) != getpid());
	simul_process_pool_close(pool);
	return 0;
}

TEST(bytes_go_in_and_bytes_come_out)
{
	CHECK_INT(simul_run(calls, NULL), ==, 0);
}

static int calls_for_results(void *arg)
{
	simul_work_result result = { .size = 77 };
	int n = 12;

	(void)arg;
	open_pool(1);
	CHECK_INT(call(returns, &n, sizeof n, &result), ==, 12);
	CHECK_INT(result.size, ==, 0);
	CHECK(!result.data);
	n = -EIO;
	result.size = 77;
	CHECK_INT(call(returns, &n, sizeof n, &result), ==, -EIO);
	CHECK_INT(result.size, ==, 77); /* untouched */
	CHECK_INT(call(is_not_known, &n, sizeof n, &result), ==, -EINVAL);
	simul_process_pool_close(pool);
	return 0;
}

TEST(what_the_function_returns_is_the_result_of_the_call)
{
	CHECK_INT(simul_run(calls_for_results, NULL), ==, 0);
}

static void check_increments(size_t size)
{
	unsigned char *in = malloc(size ? size : 1), *out;
	simul_work_result result;

	for (size_t i = 0; i < size; i++)
		in[i] = (unsigned char)(i * 7 / 3);
	CHECK_INT(call(increments, in, size, &result), ==, 0);
	CHECK_INT(result.size, ==, size);
	out = result.data;
	for (size_t i = 0; i < size; i++)
		if (out[i] != (unsigned char)(in[i] + 1))
			CHECK_INT(i, ==, size);
	simul_work_result_done(&result);
	free(in);
}

static int calls_with_much(void *arg)
{
	static const size_t sizes[] = { 0,     1,      65535,	65536,
					65537, 200000, 8 << 20, 10 };

	(void)arg;
	open_pool(1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		check_increments(sizes[i]);
	simul_process_pool_close(pool);
	return 0;
}

TEST(inputs_and_results_of_any_size_arrive_whole)
{
	CHECK_INT(simul_run(calls_with_much, NULL), ==, 0);
}

/* ---- Workers that die */

static void check_dies(simul_work *work, int input, int code, int signal)
{
	simul_work_result result;

	CHECK_INT(call(work, &input, sizeof input, &result), ==,
		  -SIMUL_EWORKER);
	CHECK_INT(result.how.code, ==, code);
	CHECK_INT(result.how.signal, ==, signal);
	CHECK(!result.data);
	CHECK_INT(doubled(4), ==, 8);
}

static int calls_what_dies(void *arg)
{
	(void)arg;
	open_pool(1);
	check_dies(crashes, SIGSEGV, 128 + SIGSEGV, SIGSEGV);
	check_dies(crashes, SIGABRT, 128 + SIGABRT, SIGABRT);
	check_dies(crashes, SIGKILL, 128 + SIGKILL, SIGKILL);
	check_dies(exits, 0, 0, 0);
	check_dies(exits, 3, 3, 0);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_worker_that_dies_fails_its_job_says_how_and_is_replaced)
{
	CHECK_INT(simul_run(calls_what_dies, NULL), ==, 0);
}

static int asks_and_waits(void *arg)
{
	simul_work_result result;

	(void)arg;
	return call(never_ends, NULL, 0, &result);
}

static int kills_one_of_two(void *arg)
{
	simul_task *t;
	pid_t idle;

	(void)arg;
	open_pool(2);
	t = simul_create_task(asks_and_waits, NULL);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	idle = who(says_who);
	CHECK_INT(doubled(1), ==, 2);
	CHECK(!simul_task_is_done(t));
	CHECK_INT(kill(idle, SIGKILL), ==, 0);
	CHECK_INT(doubled(2), ==, 4);
	CHECK_INT(who(says_who), !=, idle);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_worker_that_is_killed_while_idle_costs_no_job)
{
	CHECK_INT(simul_run(kills_one_of_two, NULL), ==, 0);
}

static int calls_what_lets_go(void *arg)
{
	simul_work_result result;

	(void)arg;
	open_pool(1);
	CHECK_INT(call(closes_its_socket, NULL, 0, &result), ==,
		  -SIMUL_EWORKER);
	CHECK_INT(doubled(3), ==, 6);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_worker_that_closes_its_socket_and_lives_on_is_ended)
{
	CHECK_INT(simul_run(calls_what_lets_go, NULL), ==, 0);
}

/* ---- Cancelled */

static int cancels_a_job(void *arg)
{
	simul_task *t;
	pid_t pid;

	(void)arg;
	open_pool(1);
	pid = who(says_who);
	t = simul_create_task(asks_and_waits, NULL);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	CHECK_INT(kill(pid, 0), ==, -1); /* it is gone, and no zombie */
	CHECK_INT(doubled(5), ==, 10);
	CHECK_INT(simul_wait_for(0.02, asks_and_waits, NULL), ==, -ETIMEDOUT);
	CHECK_INT(doubled(6), ==, 12);
	simul_process_pool_close(pool);
	return 0;
}

TEST(the_worker_of_a_cancelled_job_is_killed_and_replaced)
{
	CHECK_INT(simul_run(cancels_a_job, NULL), ==, 0);
}

static int cancels_one_that_waits(void *arg)
{
	simul_task *first, *second;

	(void)arg;
	open_pool(1);
	first = simul_create_task(asks_and_waits, NULL);
	second = simul_create_task(asks_and_waits, NULL);
	CHECK_INT(simul_sleep(0.02), ==, 0);
	simul_cancel(second);
	CHECK_INT(simul_await(second), ==, -ECANCELED);
	CHECK(!simul_task_is_done(first));
	simul_cancel(first);
	CHECK_INT(simul_await(first), ==, -ECANCELED);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_job_that_had_not_begun_is_cancelled_without_harm_to_others)
{
	CHECK_INT(simul_run(cancels_one_that_waits, NULL), ==, 0);
}

/* ---- Options, limits */

static int counts_jobs(void *arg)
{
	const simul_process_pool_options options = { .count = 1,
						     .max_jobs = 2 };
	pid_t pids[4];

	(void)arg;
	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
	for (int i = 0; i < 4; i++)
		pids[i] = who(says_who);
	CHECK_INT(pids[0], ==, pids[1]);
	CHECK_INT(pids[1], !=, pids[2]);
	CHECK_INT(pids[2], ==, pids[3]);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_worker_is_replaced_after_so_many_jobs)
{
	CHECK_INT(simul_run(counts_jobs, NULL), ==, 0);
}

static int wants_too_much(void *arg)
{
	const simul_process_pool_options options = { .count = 1,
						     .max_memory = 1ULL << 40 };
	simul_work_result result;
	size_t size = (size_t)2 << 40;
	rlim_t limit;

	(void)arg;
	if (IS_SANITIZED)
		return 0; /* that alone takes more */
	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
	CHECK_INT(call(says_limit, NULL, 0, &result), ==, 0);
	memcpy(&limit, result.data, sizeof limit);
	CHECK_INT(limit, ==, options.max_memory);
	simul_work_result_done(&result);
	CHECK_INT(call(wants_memory, &size, sizeof size, &result), ==, -ENOMEM);
	CHECK_INT(doubled(7), ==, 14);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_job_that_wants_more_memory_than_allowed_is_refused_it)
{
	CHECK_INT(simul_run(wants_too_much, NULL), ==, 0);
}

static int looks_around(void *arg)
{
	simul_work_result result;

	(void)arg;
	open_pool(3);
	CHECK_INT(call(counts_descriptors, NULL, 0, &result), ==, 4);
	simul_process_pool_close(pool);
	return 0;
}

TEST(a_worker_has_no_descriptor_but_its_own)
{
	CHECK_INT(simul_run(looks_around, NULL), ==, 0);
}

static int calls_what_has_more_rights(void *arg)
{
	simul_work_result result = { .size = 0 };

	(void)arg;
	open_pool(1);
	CHECK_INT(call(says_who, NULL, 0, &result), ==, -SIMUL_EWORKER);
	CHECK_INT(result.how.code, ==, 127);
	simul_process_pool_close(pool);
	return 0;
}

/* To be executed by one user with the rights of another is like setuid. */
TEST(a_worker_with_more_rights_than_its_user_exits)
{
	if (setresuid(65534, 0, 0) < 0)
		SKIP("only root can try this");
	setenv("SIMUL_TEST_ONLY_WORKERS", "1", 1);
	CHECK_INT(simul_run(calls_what_has_more_rights, NULL), ==, 0);
}

static int interrupts(void *arg)
{
	(void)arg;
	open_pool(1);
	CHECK_INT(kill(who(says_who), SIGINT), ==, 0);
	CHECK_INT(doubled(8), ==, 16);
	simul_process_pool_close(pool);
	return 0;
}

TEST(what_a_terminal_sends_to_all_leaves_workers_alone)
{
	CHECK_INT(simul_run(interrupts, NULL), ==, 0);
}

static int stops_and_closes(void *arg)
{
	pid_t pid;

	(void)arg;
	open_pool(1);
	pid = who(says_who);
	CHECK_INT(kill(pid, SIGSTOP), ==, 0);
	simul_process_pool_close(pool);
	CHECK_INT(kill(pid, 0), ==, -1);
	simul_process_pool_close(NULL);
	return 0;
}

TEST(a_worker_that_does_not_go_is_killed)
{
	CHECK_INT(simul_run(stops_and_closes, NULL), ==, 0);
}

/* ---- Faults */

static int does_one_job(void *arg)
{
	const simul_process_pool_options options = { .count = 1 };
	simul_work_result result;
	long n = 5;
	int r = simul_process_pool_open(&options, &pool);

	(void)arg;
	if (r < 0)
		return r;
	r = call(doubles, &n, sizeof n, &result);
	if (r >= 0)
		simul_work_result_done(&result);
	simul_process_pool_close(pool);
	return r;
}

static void run_one_job(void)
{
	int r = simul_run(does_one_job, NULL);

	CHECK(r == 0 || r == -ENOMEM);
}

TEST(without_memory_jobs_are_refused_and_nothing_is_lost)
{
	sweep_allocations(run_one_job);
}

static int is_cancelled_after(void *arg)
{
	simul_task *t = simul_create_task(does_one_job, NULL);
	int r;

	CHECK_INT(simul_sleep(*(double *)arg), ==, 0);
	simul_cancel(t);
	r = simul_await(t);
	CHECK(r == 0 || r == -ECANCELED);
	return 0;
}

/* Processes and the virtual clock don't go together: so the time is real. */
TEST(a_pool_can_be_cancelled_at_any_time)
{
	for (int i = 0; i < 20; i++) {
		double delay = i * 0.0005;

		CHECK_INT(simul_run(is_cancelled_after, &delay), ==, 0);
	}
}
