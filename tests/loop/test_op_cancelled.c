/* SPDX-License-Identifier: MIT
 * tests/loop/test_op_cancelled.c - operations that are cancelled, and numbers
 * of descriptors that come again. */
#include "ops.h"

/* ---- Cancellation */

TEST_BOTH(an_operation_can_be_cancelled_before_it_was_handed_over)
{
	struct asked a;
	int fds[2];
	char c;

	make_pair(SOCK_STREAM, fds);
	ask(&a, recv_op(fds[1], &c, 1));
	smi_op_cancel(&loop, &a.op);
	CHECK_INT(answer(&a), ==, -ECANCELED);
	/* Nothing was taken, and nobody writes to c any more. */
	put(fds[0], "z");
	c = 'a';
	turn_some(3);
	CHECK_INT(c, ==, 'a');
	CHECK_INT(a.times, ==, 1);
	CHECK_INT(ask_and_wait(recv_op(fds[1], &c, 1)), ==, 1);
	CHECK_INT(c, ==, 'z');
	close_both(fds);
}

TEST_BOTH(an_operation_can_be_cancelled_in_flight)
{
	struct sockaddr_in address;
	int server = listen_on_loopback(&address, 1);
	struct asked a[3];
	int fds[2];
	char c;

	make_pair(SOCK_STREAM, fds);
	ask(&a[0], recv_op(fds[1], &c, 1));
	ask(&a[1], accept_op(server));
	ask(&a[2], poll_op(fds[0], POLLIN));
	turn_some(3);
	for (int i = 0; i < 3; i++)
		smi_op_cancel(&loop, &a[i].op);
	for (int i = 0; i < 3; i++)
		CHECK_INT(answer(&a[i]), ==, -ECANCELED);
	CHECK_INT(loop.in_flight, <=, 1);
	close_both(fds);
	close_by_op(server);
}

TEST_BOTH(cancelling_twice_is_cancelling_once)
{
	struct asked a;
	int fds[2];
	char c;

	make_pair(SOCK_STREAM, fds);
	ask(&a, recv_op(fds[1], &c, 1));
	turn_some(2);
	smi_op_cancel(&loop, &a.op);
	if (!a.done)
		smi_op_cancel(&loop, &a.op);
	CHECK_INT(answer(&a), ==, -ECANCELED);
	turn_some(2);
	CHECK_INT(a.times, ==, 1);
	close_both(fds);
}

TEST_BOTH(what_came_before_the_cancellation_is_not_lost)
{
	for (int i = 0; i < 100; i++) {
		char c = 0, rest = 0;
		struct asked a;
		int fds[2], r;

		make_pair(SOCK_STREAM, fds);
		ask(&a, recv_op(fds[1], &c, 1));
		turn_some(2);
		put(fds[0], "q");
		smi_op_cancel(&loop, &a.op);
		r = answer(&a);
		/* Either it was delivered or it is still there. */
		if (r == -ECANCELED)
			CHECK_INT(ask_and_wait(recv_op(fds[1], &rest, 1)), ==,
				  1);
		else
			CHECK_INT(r, ==, 1);
		CHECK_INT(c + rest, ==, 'q');
		close_both(fds);
	}
}

TEST_BOTH(a_frame_can_be_used_again_at_once_after_a_cancellation)
{
	struct asked a;
	int fds[2];
	char c;

	make_pair(SOCK_STREAM, fds);
	for (int i = 0; i < 200; i++) {
		ask(&a, recv_op(fds[1], &c, 1));
		if (i % 2)
			turn_some(1);
		smi_op_cancel(&loop, &a.op);
		CHECK_INT(answer(&a), ==, -ECANCELED);
		/* The same address: a late cancellation must not hit this. */
		ask(&a, recv_op(fds[1], &c, 1));
		put(fds[0], "n");
		CHECK_INT(answer(&a), ==, 1);
	}
	close_both(fds);
}

TEST_BOTH(what_is_to_be_closed_is_closed_even_if_that_is_cancelled)
{
	struct asked a[40];
	int fds[2];

	for (int i = 0; i < 40; i += 2) {
		make_pair(SOCK_STREAM, fds);
		for (int k = 0; k < 2; k++) {
			ask(&a[i + k], (struct smi_op){ .kind = SMI_OP_CLOSE,
							.fd = fds[k] });
			if (!a[i + k].done)
				smi_op_cancel(&loop, &a[i + k].op);
		}
	}
	for (int i = 0; i < 40; i++)
		CHECK_INT(answer(&a[i]), ==, 0);
	for (int i = 0; i < 40; i++)
		CHECK_INT(fcntl(a[i].op.fd, F_GETFD), ==, -1);
}

/* ---- Numbers that come again */

TEST_BOTH(a_descriptor_that_was_closed_and_came_again_is_a_new_one)
{
	char c;

	for (int i = 0; i < 20; i++) {
		int fds[2];

		make_pair(SOCK_STREAM, fds);
		put(fds[0], "a");
		CHECK_INT(ask_and_wait(recv_op(fds[1], &c, 1)), ==, 1);
		if (i % 3 == 0) /* something remains unread */
			put(fds[0], "bcd");
		if (i % 3 == 1) /* an event is on its way */
			put(fds[1], "x");
		close_both(fds);
	}
}

TEST_BOTH(a_duplicate_may_outlive_the_descriptor_and_take_its_number)
{
	int fds[2], copy;
	char c;

	make_pair(SOCK_STREAM, fds);
	put(fds[0], "a");
	CHECK_INT(ask_and_wait(recv_op(fds[1], &c, 1)), ==, 1);
	copy = dup(fds[1]);
	close_by_op(fds[1]);
	turn_some(1);
	put(fds[0], "b");
	turn_some(1);
	CHECK_INT(dup2(copy, fds[1]), ==, fds[1]);
	close(copy);
	CHECK_INT(ask_and_wait(recv_op(fds[1], &c, 1)), ==, 1);
	CHECK_INT(c, ==, 'b');
	close_both(fds);
}
