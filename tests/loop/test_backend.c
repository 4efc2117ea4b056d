/* SPDX-License-Identifier: MIT
 * tests/loop/test_backend.c - what is under the loop, and its limits. */
#include "denied.h"
#include "loops.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static bool has_io_uring(void)
{
	syscall(SYS_io_uring_setup, 0, NULL);
	return errno != ENOSYS && errno != EPERM;
}

static int init(const char *backend)
{
	return smi_loop_init(&loop,
			     &(struct smi_loop_options){ .backend = backend });
}

TEST(where_io_uring_is_denied_there_is_epoll)
{
	struct asked a;
	int fds[2];

	deny(SYS_io_uring_setup, EPERM);
	CHECK_INT(init(NULL), ==, 0);
	CHECK_STR(loop.backend->name, "epoll");
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, (struct smi_op){
			.kind = SMI_OP_POLL, .fd = fds[0], .flags = POLLIN });
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(answer(&a), ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

TEST(where_the_kernel_has_no_io_uring_there_is_epoll)
{
	deny(SYS_io_uring_setup, ENOSYS);
	CHECK_INT(init(NULL), ==, 0);
	CHECK_STR(loop.backend->name, "epoll");
	end_loop();
}

/* What a ring takes counts against a limit on locked memory, which is small for
 * those who are not root. */
TEST(where_io_uring_may_have_no_memory_there_is_epoll)
{
	deny(SYS_io_uring_setup, ENOMEM);
	CHECK_INT(init(NULL), ==, 0);
	CHECK_STR(loop.backend->name, "epoll");
	end_loop();
}

TEST(io_uring_by_name_where_it_is_denied_is_the_kernels_error)
{
	if (init("io_uring") == -ENOSYS)
		SKIP("this build has no io_uring");
	if (loop.backend)
		end_loop();
	deny(SYS_io_uring_setup, EPERM);
	CHECK_INT(init("io_uring"), ==, -EPERM);
}

TEST(an_unknown_name_is_invalid)
{
	CHECK_INT(init("simulate"), ==, -EINVAL);
	CHECK_INT(init(""), ==, -EINVAL);
}

TEST(the_best_is_taken_unless_told_otherwise)
{
	CHECK_INT(init("epoll"), ==, 0);
	CHECK_STR(loop.backend->name, "epoll");
	end_loop();
	if (!has_io_uring() || init("io_uring") < 0)
		SKIP("there is only epoll");
	end_loop();
	CHECK_INT(init(NULL), ==, 0);
	CHECK_STR(loop.backend->name, "io_uring");
	end_loop();
}

/* ---- More than fits into the rings */

enum { MANY = 6000 };

static struct asked asked[MANY];

static void allow_descriptors(rlim_t n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < n)
		SKIP("not enough descriptors");
	limit.rlim_cur = n;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
}

/* All of one eventfd, so that all complete at once: more than the rings for
 * submissions and for completions hold. */
TEST_BOTH(thousands_of_operations_at_once_are_all_done)
{
	int fds[2], done = 0;

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	for (int i = 0; i < MANY; i++)
		ask(&asked[i], (struct smi_op){ .kind = SMI_OP_POLL,
						.fd = fds[0],
						.flags = POLLIN });
	turn_some(3);
	for (int i = 0; i < MANY; i++)
		CHECK(!asked[i].done);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(answer(&asked[i]), ==, POLLIN);
		CHECK_INT(asked[i].times, ==, 1);
		done++;
	}
	CHECK_INT(done, ==, MANY);
	CHECK_INT(loop.in_flight, ==, 0);
	close(fds[0]);
	close(fds[1]);
}

TEST_BOTH(thousands_of_operations_can_be_cancelled_at_once)
{
	int fds[2];

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	for (int i = 0; i < MANY; i++)
		ask(&asked[i], (struct smi_op){ .kind = SMI_OP_POLL,
						.fd = fds[0],
						.flags = POLLIN });
	/* Some have been handed over, some have not. */
	for (int i = 0; i < MANY; i += 2)
		smi_op_cancel(&loop, &asked[i].op);
	turn_some(1);
	for (int i = 1; i < MANY; i += 2)
		if (!asked[i].done)
			smi_op_cancel(&loop, &asked[i].op);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(answer(&asked[i]), ==, -ECANCELED);
		CHECK_INT(asked[i].times, ==, 1);
	}
	CHECK_INT(loop.in_flight, ==, 0);
	close(fds[0]);
	close(fds[1]);
}

/* The kernel takes nothing more: what has found no place in the ring waits,
 * and can be cancelled; what is to be closed can't. */
TEST(operations_that_found_no_place_in_the_ring_can_be_cancelled)
{
	enum { RING = 512, WAITING = 40 };
	int fds[2];

	start_loop("io_uring", false);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	deny(SYS_io_uring_enter, EBUSY);
	for (int i = 0; i < RING + WAITING; i++)
		ask(&asked[i], (struct smi_op){ .kind = i == RING ? SMI_OP_CLOSE
								  : SMI_OP_POLL,
						.fd = fds[0],
						.flags = POLLIN });
	turn_some(2);
	for (int i = RING + WAITING; i-- > 0;)
		smi_op_cancel(&loop, &asked[i].op);
	for (int i = 0; i < RING + WAITING; i++) {
		CHECK_INT(asked[i].done, ==, i > RING);
		if (i > RING)
			CHECK_INT(asked[i].op.result, ==, -ECANCELED);
	}
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

TEST_BOTH(many_descriptors_are_served)
{
	enum { PAIRS = 1000 };
	static int fds[PAIRS][2];
	static char bytes[PAIRS];

	allow_descriptors(2 * PAIRS + 100);
	for (int i = 0; i < PAIRS; i++) {
		CHECK_INT(socketpair(AF_UNIX,
				     SOCK_STREAM | SOCK_CLOEXEC |
					     loop.backend->socket_flags,
				     0, fds[i]),
			  ==, 0);
		ask(&asked[i], (struct smi_op){ .kind = SMI_OP_RECV,
						.fd = fds[i][0],
						.buffer = &bytes[i],
						.length = 1 });
	}
	turn_some(2);
	for (int i = 0; i < PAIRS; i++) {
		char c = (char)i;

		CHECK_INT(send(fds[i][1], &c, 1, 0), ==, 1);
	}
	for (int i = 0; i < PAIRS; i++) {
		CHECK_INT(answer(&asked[i]), ==, 1);
		CHECK_INT(bytes[i], ==, (char)i);
		close_by_op(fds[i][0]);
		close_by_op(fds[i][1]);
	}
}

/* ---- Signals */

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
	(void)number;
	alarms++;
}

TEST_BOTH(signals_do_not_disturb_what_is_waited_for)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = count_alarm };
	struct asked a;
	int fds[2];

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, (struct smi_op){
			.kind = SMI_OP_POLL, .fd = fds[0], .flags = POLLIN });
	sigaction(SIGALRM, &action, NULL); /* the harness's is spent here */
	setitimer(ITIMER_REAL, &often, NULL);
	while (alarms < 20)
		CHECK_INT(smi_loop_turn(&loop, true), ==, 0);
	CHECK(!a.done);
	setitimer(ITIMER_REAL, &never, NULL);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(answer(&a), ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
}

/* ---- No memory */

static const char *swept;

static void uses_a_loop(void)
{
	struct asked a;
	int fds[2];

	if (init(swept) < 0)
		return;
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, (struct smi_op){
			.kind = SMI_OP_POLL, .fd = fds[0], .flags = POLLIN });
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	while (!a.done && smi_loop_turn(&loop, true) == 0)
		;
	if (!a.done)
		smi_op_cancel(&loop, &a.op);
	while (!a.done)
		smi_loop_turn(&loop, false);
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

TEST(io_uring_takes_every_refusal_of_memory)
{
	swept = "io_uring";
	sweep_allocations(uses_a_loop);
}

TEST(epoll_takes_every_refusal_of_memory)
{
	swept = "epoll";
	sweep_allocations(uses_a_loop);
}

TEST(either_takes_every_refusal_of_memory)
{
	sweep_allocations(uses_a_loop);
}
