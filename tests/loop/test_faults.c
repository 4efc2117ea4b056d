/* SPDX-License-Identifier: MIT
 * tests/loop/test_faults.c - a kernel, or a caller, that does what it should
 * not. */
#include "denied.h"
#include "loops.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct smi_op poll_in(int fd)
{
	return (struct smi_op){ .kind = SMI_OP_POLL,
				.fd = fd,
				.flags = POLLIN };
}

static void check_epoll_where_io_uring_fails(unsigned error)
{
	deny(SYS_io_uring_setup, error);
	start_loop(NULL, false);
	CHECK_STR(loop.backend->name, "epoll");
	end_loop();
}

/* Kernels before 5.12 count its memory against RLIMIT_MEMLOCK. */
TEST(where_there_is_no_memory_for_io_uring_there_is_epoll)
{
	check_epoll_where_io_uring_fails(ENOMEM);
}

TEST(where_io_uring_is_denied_there_is_epoll)
{
	check_epoll_where_io_uring_fails(EPERM);
}

/* Old sandboxes say EPERM of every call that they have not heard of. */
TEST(where_epoll_pwait2_is_denied_there_is_epoll_wait)
{
	struct asked a;
	int fds[2];

	deny(SYS_epoll_pwait2, EPERM);
	start_loop("epoll", false);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&a, poll_in(fds[0]));
	turn_some(1);
	CHECK_INT(write(fds[1], "x", 1), ==, 1);
	CHECK_INT(answer(&a), ==, POLLIN);
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

/* Nobody would ever tell us that it is ready. */
TEST(what_epoll_does_not_wait_for_is_not_waited_for)
{
	struct asked a;
	int fds[2];

	start_loop("epoll", false);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	deny(SYS_epoll_ctl, EPERM);
	ask(&a, poll_in(fds[0]));
	CHECK(a.done);
	CHECK_INT(a.op.result, ==, -EPERM);
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

/* A loop that is driven from outside must be turned again, or what it has for
 * the kernel would stay where it is. */
TEST(what_io_uring_could_not_take_is_offered_again)
{
	struct asked a;
	int fds[2];

	start_loop("io_uring", false);
	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	turn_some(1);
	CHECK_INT(smi_loop_leisure(&loop), ==, SMI_NEVER);
	deny(SYS_io_uring_enter, EAGAIN);
	ask(&a, poll_in(fds[0]));
	turn_some(1);
	CHECK_INT(smi_loop_leisure(&loop), ==, 0);
	/* It can't be brought to an end any more, nor do we have to. */
	close(fds[0]);
	close(fds[1]);
	end_loop();
}

/* It was closed while somebody waited for it, which is a mistake; but whoever
 * has its number next has made none. */
TEST_BOTH(a_number_that_was_closed_under_a_waiter_serves_its_next_owner)
{
	struct asked old, new;
	char byte = 0;
	int fds[2], pair[2];

	CHECK_INT(pipe2(fds, O_CLOEXEC), ==, 0);
	ask(&old, poll_in(fds[0]));
	turn_some(1);
	close(fds[0]);
	CHECK_INT(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_CLOEXEC |
				     loop.backend->socket_flags,
			     0, pair),
		  ==, 0);
	CHECK_INT(pair[0], ==, fds[0]);
	ask(&new, (struct smi_op){ .kind = SMI_OP_RECV,
				   .fd = pair[0],
				   .buffer = &byte,
				   .length = 1 });
	turn_some(2);
	CHECK(!new.done);
	CHECK_INT(write(pair[1], "x", 1), ==, 1);
	CHECK_INT(answer(&new), ==, 1);
	CHECK_INT(byte, ==, 'x');
	if (!old.done)
		smi_op_cancel(&loop, &old.op);
	answer(&old);
	close_by_op(pair[0]);
	close_by_op(pair[1]);
	close(fds[1]);
}
