/* SPDX-License-Identifier: MIT
 * tests/process/test_process.c - programs are started, waited for, signalled,
 * ended. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul.h>

#include "../task/dies.h"
#include "denied.h"
#include "programs.h"
#include "sweep.h"

/* ---- How it ends */

TEST_IN_TASK(what_it_exits_with_is_the_result)
{
	simul_process *p = start("exit 3", NULL);

	CHECK_INT(simul_process_wait(p), ==, 3);
	CHECK_INT(simul_process_exit(p)->code, ==, 3);
	CHECK_INT(simul_process_exit(p)->signal, ==, 0);
	CHECK_INT(simul_process_close(p), ==, 3);
}

TEST_IN_TASK(success_is_zero)
{
	simul_process *p = NULL;

	CHECK_INT(simul_process_start(SIMUL_ARGV("true"), NULL, &p), ==, 0);
	CHECK_INT(simul_process_wait(p), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 0);
}

TEST_IN_TASK(a_signal_that_ended_it_is_told_from_what_it_exited_with)
{
	simul_process *killed = start("kill -TERM $$", NULL);
	simul_process *exited = start("exit 143", NULL);

	CHECK_INT(simul_process_wait(killed), ==, 143);
	CHECK_INT(simul_process_wait(exited), ==, 143);
	CHECK_INT(simul_process_exit(killed)->signal, ==, SIGTERM);
	CHECK_INT(simul_process_exit(exited)->signal, ==, 0);
	CHECK_INT(simul_process_close(killed), ==, 143);
	CHECK_INT(simul_process_close(exited), ==, 143);
}

static void check_words(const simul_exit *how, const char *expected)
{
	char text[100];

	CHECK_INT(simul_exit_words(how, text, sizeof text), ==,
		  strlen(expected));
	CHECK_STR(text, expected);
}

TEST(how_it_has_ended_is_said_in_words)
{
	char little[8];

	check_words(&(simul_exit){ .code = 3 }, "exited with 3");
	check_words(&(simul_exit){ .code = 139, .signal = SIGSEGV },
		    "ended by SIGSEGV (Segmentation fault)");
	check_words(&(simul_exit){ .signal = SIGABRT, .dumped_core = true },
		    "ended by SIGABRT (Aborted), dumped core");
	check_words(&(simul_exit){ .signal = 60 }, "ended by signal 60");
	CHECK_INT(simul_exit_words(&(simul_exit){ .code = 3 }, little,
				   sizeof little),
		  ==, 13);
	CHECK_STR(little, "exited ");
}

static int waits(void *arg)
{
	return simul_process_wait(arg);
}

TEST_IN_TASK(several_tasks_may_wait_and_ask_again)
{
	simul_process *p = start("sleep 0.05; exit 9", NULL);
	simul_task *t[3];
	int results[3];

	CHECK(!simul_process_exit(p));
	for (int i = 0; i < 3; i++)
		t[i] = simul_create_task(waits, p);
	CHECK_INT(simul_gather(t, 3, results), ==, 0);
	for (int i = 0; i < 3; i++)
		CHECK_INT(results[i], ==, 9);
	CHECK_INT(simul_process_wait(p), ==, 9);
	CHECK_INT(simul_process_close(p), ==, 9);
}

TEST_IN_TASK(to_cancel_who_waits_leaves_the_process_alone)
{
	simul_process *p = start("sleep 0.1; exit 4", NULL);

	CHECK_INT(simul_wait_for(0.01, waits, p), ==, -ETIMEDOUT);
	CHECK_INT(simul_process_wait(p), ==, 4);
	CHECK_INT(simul_process_close(p), ==, 4);
}

TEST_IN_TASK(other_children_of_the_program_are_left_alone)
{
	siginfo_t info;
	pid_t other = fork();
	simul_process *p;

	if (other == 0)
		_exit(17);
	p = start("exit 3", NULL);
	CHECK_INT(waitid(P_PID, (id_t)other, &info, WEXITED | WNOWAIT), ==, 0);
	CHECK_INT(simul_process_close(p), >=, 0);
	CHECK_INT(waitid(P_PID, (id_t)other, &info, WEXITED), ==, 0);
	CHECK_INT(info.si_status, ==, 17);
}

TEST_IN_TASK(no_handler_for_sigchld_is_installed)
{
	simul_process *p = start("sleep 0.01", NULL);
	struct sigaction action;

	CHECK_INT(sigaction(SIGCHLD, NULL, &action), ==, 0);
	CHECK(action.sa_handler == SIG_DFL);
	CHECK_INT(simul_process_close(p), >=, 0);
}

TEST_IN_TASK(where_somebody_else_was_told_how_it_ended_the_wait_ends)
{
	simul_process *p = start("exit 3", NULL);

	CHECK_INT(waitpid(-1, NULL, 0), ==, simul_process_id(p));
	CHECK_INT(simul_process_wait(p), ==, -ECHILD);
	CHECK(!simul_process_exit(p));
	CHECK_INT(simul_process_close(p), ==, -ECHILD);
}

TEST_IN_TASK(where_sigchld_is_ignored_the_wait_ends)
{
	simul_process *p;

	signal(SIGCHLD, SIG_IGN);
	p = start("exit 3", NULL);
	CHECK_INT(simul_process_wait(p), ==, -ECHILD);
	CHECK_INT(simul_process_close(p), ==, -ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

/* ---- Signals */

TEST_IN_TASK(a_signal_is_sent_by_handle)
{
	simul_process *p = NULL;

	CHECK_INT(simul_process_start(SIMUL_ARGV("sleep", "100"), NULL, &p), ==,
		  0);
	CHECK_INT(simul_process_send_signal(p, SIGINT), ==, 0);
	CHECK_INT(simul_process_wait(p), ==, 128 + SIGINT);
	CHECK_INT(simul_process_send_signal(p, SIGINT), ==, -ESRCH);
	CHECK_INT(simul_process_send_signal(p, -1), ==, -EINVAL);
	CHECK_INT(simul_process_close(p), ==, 128 + SIGINT);
}

/* A line of its output, which must be this. */
static void check_line(simul_process *p, const char *expected)
{
	char *line;

	CHECK_INT(simul_read_line(simul_process_out(p), &line, NULL), ==, 1);
	CHECK_STR(line, expected);
}

/* The number that the next line is. */
static pid_t read_number(simul_process *p)
{
	char *line;

	CHECK_INT(simul_read_line(simul_process_out(p), &line, NULL), ==, 1);
	return atoi(line);
}

/* Wait until the process is no more. It may be nobody's child. */
static void check_goes(pid_t pid)
{
	char path[32], state;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while ((f = fopen(path, "r"))) {
		bool zombie = fscanf(f, "%*d (%*[^)]) %c", &state) == 1 &&
			      state == 'Z';

		fclose(f);
		if (zombie)
			return;
		CHECK_INT(simul_sleep(0.001), ==, 0);
	}
}

TEST_IN_TASK(with_a_group_of_its_own_a_signal_reaches_what_it_has_started)
{
	simul_process *p =
		start("sleep 100 & echo $!; wait",
		      &(simul_process_options){ .out.to = SIMUL_TO_PIPE,
						.new_group = true });
	pid_t grandchild = read_number(p);

	CHECK_INT(simul_process_send_signal(p, SIGTERM), ==, 0);
	CHECK_INT(simul_process_wait(p), ==, 128 + SIGTERM);
	check_goes(grandchild);
	CHECK_INT(simul_process_close(p), ==, 128 + SIGTERM);
}

static void leave_somebody_and_close(void)
{
	simul_process *p =
		start("trap '' TERM; sleep 100 & echo $!",
		      &(simul_process_options){ .out.to = SIMUL_TO_PIPE,
						.new_group = true });
	pid_t grandchild = read_number(p);

	CHECK_INT(simul_process_wait(p), ==, 0);
	CHECK_INT(kill(grandchild, 0), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 0);
	check_goes(grandchild);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), ==, -1);
}

TEST_IN_TASK(what_is_left_of_its_group_is_killed_when_it_is_closed)
{
	leave_somebody_and_close();
}

/* Before Linux 6.9 a group was known by its number only. */
TEST_IN_TASK(what_is_left_of_its_group_is_killed_by_an_old_kernel_too)
{
	enum { FLAGS = 3 };

	deny_argument(SYS_pidfd_send_signal, FLAGS, EINVAL);
	leave_somebody_and_close();
}

/* ---- Closing */

TEST_IN_TASK(to_close_it_asks_it_to_end)
{
	simul_process *p =
		start("trap 'echo bye; exit 5' TERM; echo ready; "
		      "while :; do sleep 0.01; done",
		      &(simul_process_options){ .out.to = SIMUL_TO_PIPE });

	check_line(p, "ready");
	CHECK_INT(simul_process_close(p), ==, 5);
}

TEST_IN_TASK(who_does_not_listen_is_killed_after_its_grace)
{
	simul_process *p =
		start("trap '' TERM; echo ready; "
		      "while :; do sleep 0.01; done",
		      &(simul_process_options){ .out.to = SIMUL_TO_PIPE,
						.grace = 0.05 });
	double start_time = simul_now();

	check_line(p, "ready");
	CHECK_INT(simul_process_close(p), ==, 128 + SIGKILL);
	CHECK(simul_now() - start_time >= 0.05);
}

TEST_IN_TASK(one_that_has_filled_its_pipe_waits_and_can_be_closed)
{
	simul_process *p = NULL;

	CHECK_INT(simul_process_start(
			  SIMUL_ARGV("yes"),
			  &(simul_process_options){ .out.to = SIMUL_TO_PIPE },
			  &p),
		  ==, 0);
	CHECK_INT(simul_sleep(0.05), ==, 0);
	check_line(p, "y");
	CHECK_INT(simul_process_close(p), ==, 128 + SIGTERM);
}

TEST_IN_TASK(a_stopped_process_can_be_closed)
{
	simul_process *p = start("kill -STOP $$; exit 1", NULL);

	CHECK_INT(simul_sleep(0.05), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 128 + SIGTERM);
}

static int closes(void *arg)
{
	simul_cancel(simul_current_task());
	return simul_process_close(arg);
}

TEST_IN_TASK(who_was_cancelled_closes_it_none_the_less)
{
	simul_process *p =
		start("trap 'exit 6' TERM; echo ready; "
		      "while :; do sleep 0.01; done",
		      &(simul_process_options){ .out.to = SIMUL_TO_PIPE });

	check_line(p, "ready");
	CHECK_INT(simul_await(simul_create_task(closes, p)), ==, 6);
}

TEST_IN_TASK(to_close_one_that_has_ended_tells_how)
{
	simul_process *p = start("exit 7", NULL);
	siginfo_t info;

	CHECK_INT(waitid(P_PID, (id_t)simul_process_id(p), &info,
			 WEXITED | WNOWAIT),
		  ==, 0);
	CHECK_INT(simul_process_close(p), ==, 7);
	CHECK_INT(simul_process_close(NULL), ==, 0);
}

/* ---- Not on the loop's time */

static int ticks(void *arg)
{
	while (simul_sleep(0.001) == 0)
		++*(int *)arg;
	return 0;
}

TEST_IN_TASK(others_run_while_one_is_waited_for)
{
	int count = 0;
	simul_task *t = simul_create_task(ticks, &count);
	simul_process *p = start("sleep 0.1", NULL);

	CHECK_INT(simul_process_close(p), ==, 128 + SIGTERM);
	p = start("sleep 0.1", NULL);
	CHECK_INT(simul_process_wait(p), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 0);
	CHECK_INT(count, >=, 5);
	simul_cancel(t);
	simul_await(t);
}

/* ---- At once */

enum { MANY = 1000 };

static int starts_one(void *arg)
{
	simul_process *p;
	int r = simul_process_start(SIMUL_ARGV("true"), NULL, &p);

	(void)arg;
	if (r < 0)
		return r;
	r = simul_process_wait(p);
	simul_process_close(p);
	return r;
}

TEST_IN_TASK(a_thousand_are_started_at_once_and_none_stays)
{
	static simul_task *t[MANY];
	static int results[MANY];
	struct rlimit most;

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &most), ==, 0);
	if (most.rlim_max < 4000)
		SKIP("no more than %d descriptors", (int)most.rlim_max);
	most.rlim_cur = 4000;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &most), ==, 0);
	for (int i = 0; i < MANY; i++)
		t[i] = simul_create_task(starts_one, NULL);
	CHECK_INT(simul_gather(t, MANY, results), ==, 0);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(results[i], ==, 0);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), ==, -1);
	CHECK_INT(errno, ==, ECHILD);
}

/* ---- Handlers that come and go */

enum { BIRTHS = 300 };

static pid_t parent;
static atomic_bool over, ran_in_child;

static void notes_where(int signal)
{
	(void)signal;
	if (getpid() != parent)
		ran_in_child = true;
}

static void *installs(void *arg)
{
	while (!over) {
		signal(SIGUSR1, notes_where);
		signal(SIGUSR1, SIG_IGN);
	}
	return arg;
}

static void *signals_all(void *arg)
{
	while (!over)
		kill(0, SIGUSR1);
	return arg;
}

/* The child has our memory until it is another program: a handler of ours that
 * ran there would be seen here. */
TEST_IN_TASK(no_handler_of_ours_runs_in_a_child_whenever_it_was_installed)
{
	pthread_t threads[2];

	parent = getpid();
	CHECK_INT(setpgid(0, 0), ==, 0);
	signal(SIGUSR1, SIG_IGN);
	pthread_create(&threads[0], NULL, installs, NULL);
	pthread_create(&threads[1], NULL, signals_all, NULL);
	for (int i = 0; i < BIRTHS; i++)
		simul_process_close(start("exit 0", NULL));
	over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	CHECK(!ran_in_child);
}

/* ---- Refused */

static int starts_true(void *arg)
{
	simul_process *p = NULL;
	const char *step = "";
	int r = simul_process_start(
		SIMUL_ARGV("true"),
		&(simul_process_options){ .out.to = SIMUL_TO_PIPE,
					  .ret_step = &step },
		&p);

	CHECK_INT(r, ==, -*(int *)arg);
	CHECK_STR(step, "process");
	CHECK(!p);
	return 0;
}

/* In a process that ends without a leak check, as that needs clone. */
static void start_without_processes(void)
{
	int error = EAGAIN;

	deny(SYS_clone, EAGAIN);
	CHECK_INT(simul_run(starts_true, &error), ==, 0);
}

static void start_without_memory(void)
{
	int error = ENOMEM;

	deny(SYS_clone, ENOMEM);
	CHECK_INT(simul_run(starts_true, &error), ==, 0);
}

TEST(where_no_more_processes_may_be_made_that_is_the_error)
{
	CHECK_SILENT(start_without_processes);
}

TEST(where_there_is_no_memory_for_one_that_is_the_error)
{
	CHECK_SILENT(start_without_memory);
}

static int closes_too_early(void *arg)
{
	simul_process *p = start("sleep 10", NULL);

	(void)arg;
	simul_create_task(waits, p);
	simul_sleep(0.001);
	return simul_process_close(p);
}

static void close_too_early(void)
{
	simul_run(closes_too_early, NULL);
}

static int starts_without_a_thread(void *arg)
{
	simul_process *p = NULL;
	const char *step = "";

	(void)arg;
	CHECK_INT(simul_process_start(
			  SIMUL_ARGV("true"),
			  &(simul_process_options){ .ret_step = &step }, &p),
		  ==, -EAGAIN);
	CHECK_STR(step, "thread");
	return 0;
}

static void start_without_a_thread(void)
{
	deny(SYS_clone3, EAGAIN);
	deny(SYS_clone, EAGAIN);
	CHECK_INT(simul_run(starts_without_a_thread, NULL), ==, 0);
}

TEST(where_no_more_threads_may_be_made_that_is_the_error)
{
	CHECK_SILENT(start_without_a_thread);
}

TEST(to_close_one_that_others_wait_for_is_a_bug_that_aborts)
{
	CHECK_DIES(close_too_early, "closes a process that others wait for");
}

TEST(without_a_loop_none_is_started)
{
	simul_process *p = NULL;

	CHECK_INT(simul_process_start(SIMUL_ARGV("true"), NULL, &p), ==,
		  -EPERM);
}

/* ---- Whatever happens */

static int lives(void *arg)
{
	simul_process *p;
	int r = simul_process_start(
		SIMUL_ARGV("cat"),
		&(simul_process_options){ .in.to = SIMUL_TO_PIPE,
					  .out.to = SIMUL_TO_PIPE },
		&p);
	char *line;

	(void)arg;
	if (r < 0)
		return r;
	r = simul_write(simul_process_in(p), "hello\n", 6);
	if (r >= 0)
		r = simul_read_line(simul_process_out(p), &line, NULL);
	if (r >= 0)
		r = simul_shutdown_write(simul_process_in(p));
	if (r >= 0)
		r = simul_process_wait(p);
	simul_process_close(p);
	return r;
}

static void run_life(void)
{
	simul_run(lives, NULL);
}

TEST(no_memory_is_no_process_and_nothing_else)
{
	sweep_allocations(run_life);
}

static void check_none_left(void *state, int result)
{
	(void)state;
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), ==, -1);
}

TEST(a_process_is_cancelled_at_any_point)
{
	sweep_cancellations(lives, 1, check_none_left);
}
