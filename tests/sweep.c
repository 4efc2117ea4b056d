/* SPDX-License-Identifier: MIT
 * tests/sweep.c - cancel a program at every point where it suspends. */
#include "sweep.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/error.h>
#include <simul/scope.h>
#include <simul/task.h>

#include "base/alloc.h"
#include "task/wait.h"
#include "test.h"

enum { TIME_LIMIT = 20, TOO_MANY = 100000 };

enum moment { SUSPENDING, WOKEN, END_OF_TURN, MOMENTS };
enum whom { PROGRAM, ONE_TASK, WHOM };

/* Where a run is: shared with the parent process, which says it if it goes
 * wrong. */
struct place {
	long suspension;
	char task[64];
	char waits_for[64];
};

static struct {
	/* The sweep. */
	simul_fn *program;
	size_t size;
	void (*check)(void *state, int result);
	enum moment moment;
	enum whom whom;
	struct place *place;
	/* The run. */
	void *state;
	struct simul_task *driver;
	struct simul_task *task; /* that runs the program */
	struct simul_task *victim;
	simul_timeout limit; /* around the program */
	struct simul_timer timer;
	long suspensions; /* so far */
	bool armed;
} now;

/* ---- The blow */

static bool is_alive(const struct simul_task *task)
{
	struct simul_task *t = NULL;

	while ((t = smi_task_after(smi_current_loop, t)))
		if (t == task)
			return t->state != SMI_DONE;
	return false;
}

static void strike(void)
{
	now.armed = false;
	if (now.whom == ONE_TASK) {
		if (is_alive(now.victim))
			simul_cancel(now.victim);
	} else if (now.moment == SUSPENDING) {
		simul_cancel(now.task);
	} else if (now.limit.scope.task) {
		simul_timeout_reschedule(&now.limit, 0);
	}
}

static void timer_strikes(struct simul_timer *timer)
{
	(void)timer;
	if (is_alive(now.task))
		strike();
}

static void strike_at_the_end_of_the_turn(void)
{
	struct smi_loop *loop = &smi_current_loop->loop;

	loop->fast_turns = 0;
	now.timer = (struct simul_timer){ .fire = timer_strikes };
	CHECK_INT(smi_loop_set_timer(loop, &now.timer), ==, 0);
}

/* ---- The moment */

static const char *awaited_by(const struct simul_task *task)
{
	return task->state == SMI_WAITING ? task->wait->what : "its turn";
}

static void note(const struct simul_task *task)
{
	struct place *p = now.place;

	snprintf(p->task, sizeof p->task, "%s", simul_task_name(task));
	snprintf(p->waits_for, sizeof p->waits_for, "%s", awaited_by(task));
}

static void suspends(struct simul_task *task)
{
	if (++now.suspensions != now.place->suspension)
		return;
	note(task);
	now.victim = task;
	if (now.moment == SUSPENDING)
		strike();
	else if (now.moment == END_OF_TURN)
		strike_at_the_end_of_the_turn();
	else
		now.armed = true;
}

/* The loop calls this, before each resumption and after each suspension. */
static void observe(struct simul_task *task, bool resumed)
{
	if (now.armed &&
	    (now.victim->state == SMI_READY || (resumed && task == now.victim)))
		strike();
	if (!resumed && task != now.driver)
		suspends(task);
}

/* ---- A run */

static int run_program(void *state)
{
	int r = simul_timeout_open(&now.limit, INFINITY);

	CHECK_INT(r, ==, 0);
	r = now.program(state);
	return simul_timeout_close(&now.limit, r);
}

static int drive(void *arg)
{
	struct simul_loop *loop = smi_current_loop;
	int r;

	(void)arg;
	now.driver = smi_current;
	smi_observe(loop, observe);
	now.task = simul_create_task(run_program, now.state);
	simul_task_set_name(now.task, "program");
	r = simul_await(now.task);
	smi_observe(loop, NULL);
	if (simul_is_cancelled())
		test_fail(__FILE__, __LINE__,
			  "every task waited, and nothing could wake one");
	CHECK_INT(simul_all_tasks(NULL, 0), ==, 1);
	now.check(now.state, r);
	return 0;
}

static int count_descriptors(void)
{
	char path[32];
	int n = 0;

	for (int fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		n += access(path, F_OK) == 0;
	}
	return n;
}

static void run_once(void)
{
	long blocks = atomic_load(&smi_alloc_probe->live);
	int descriptors = count_descriptors();

	now.state = calloc(1, now.size);
	CHECK(now.state);
	now.suspensions = 0;
	now.armed = false;
	now.limit = (simul_timeout){ 0 };
	CHECK_INT(run_virtual(drive, NULL), ==, 0);
	free(now.state);
	CHECK_INT(atomic_load(&smi_alloc_probe->live), ==, blocks);
	CHECK_INT(smi_stacks_live(), ==, 0);
	CHECK_INT(count_descriptors(), ==, descriptors);
}

static _Noreturn void run_all(void)
{
	struct place *p = now.place;

	for (p->suspension = 1; p->suspension < TOO_MANY; p->suspension++) {
		strcpy(p->task, "?");
		run_once();
		if (now.suspensions < p->suspension)
			exit(TEST_PASSED);
	}
	test_fail(__FILE__, __LINE__, "the program does not end");
}

/* ---- All runs of one kind are a process of their own */

static const char *const moments[] = { "as it suspended", "after it was woken",
				       "at the end of the turn" };
static const char *const whoms[] = { "the program", "this task" };

static void explain(int status)
{
	const struct place *p = now.place;

	if (WIFSIGNALED(status))
		fprintf(stderr, "died of signal %d (%s)\n", WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	fprintf(stderr,
		"%s was cancelled at suspension %ld, %s: task '%s', which "
		"waited for %s\n",
		whoms[now.whom], p->suspension, moments[now.moment], p->task,
		p->waits_for);
	fflush(NULL);
	_exit(1);
}

static unsigned time_limit(void)
{
	const char *stretch = getenv("TEST_STRETCH");
	int factor = stretch ? atoi(stretch) : 1;

	return TIME_LIMIT * (unsigned)(factor > 0 ? factor : 1);
}

static void run_in_child(void)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	CHECK_INT(pid, >=, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(time_limit());
		run_all();
	}
	alarm(time_limit() + 5);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != TEST_PASSED)
		explain(status);
}

void sweep_cancellations(simul_fn *program, size_t size,
			 void (*check)(void *state, int result))
{
	now.program = program;
	now.size = size;
	now.check = check;
	now.place = mmap(NULL, sizeof *now.place, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(now.place != MAP_FAILED);
	for (now.moment = SUSPENDING; now.moment < MOMENTS; now.moment++)
		for (now.whom = PROGRAM; now.whom < WHOM; now.whom++)
			run_in_child();
	munmap(now.place, sizeof *now.place);
}
