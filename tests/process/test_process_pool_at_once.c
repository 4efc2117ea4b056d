/* SPDX-License-Identifier: MIT
 * tests/process/test_process_pool_at_once.c - jobs that need each other. */
#include <simul.h>

#include "../file/folder.h"

/* The input is the path of a file: two must have come here before one goes. */
static int meets_another(void *input, size_t size, simul_answer *answer)
{
	int fd = open(input, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	struct stat st = { .st_size = 0 };

	(void)size;
	(void)answer;
	if (fd < 0 || write(fd, "", 1) < 0)
		return -EIO;
	while (fstat(fd, &st) == 0 && st.st_size < 2)
		usleep(1000);
	close(fd);
	return getpid();
}

static simul_work *const works[] = { meets_another, NULL };

/* The harness has a main of its own; and this is to come before that. */
__attribute__((constructor)) static void become_a_worker(void)
{
	simul_worker_main(works);
}

struct meeting {
	simul_process_pool *pool;
	const char *path;
	int pid;
};

static int meet(void *arg)
{
	struct meeting *my = arg;
	simul_work_result result;

	my->pid = simul_process_pool_call(my->pool, meets_another, my->path,
					  strlen(my->path) + 1, &result);
	CHECK_INT(my->pid, >, 0);
	simul_work_result_done(&result);
	return 0;
}

static int meet_twice(void *arg)
{
	const simul_process_pool_options options = { .count = 2 };
	simul_process_pool *pool;
	struct meeting m[4];
	simul_task *t[4];

	(void)arg;
	CHECK_INT(simul_process_pool_open(&options, &pool), ==, 0);
	for (int i = 0; i < 4; i++) {
		m[i].pool = pool;
		m[i].path = i < 2 ? "first" : "second";
		t[i] = simul_create_task(meet, &m[i]);
	}
	CHECK_INT(simul_gather(t, 4, NULL), ==, 0);
	CHECK_INT(m[0].pid, !=, m[1].pid);
	CHECK_INT(m[2].pid, !=, m[3].pid);
	CHECK(m[2].pid == m[0].pid || m[2].pid == m[1].pid);
	simul_process_pool_close(pool);
	return 0;
}

TEST(as_many_jobs_as_there_are_workers_are_done_at_once)
{
	enter_folder();
	CHECK_INT(simul_run(meet_twice, NULL), ==, 0);
	leave_folder();
}
