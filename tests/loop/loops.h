/* SPDX-License-Identifier: MIT
 * tests/loop/loops.h - a loop without tasks, on a backend of one's choice. */
#ifndef TEST_LOOP_LOOPS_H
#define TEST_LOOP_LOOPS_H

#include "test.h"

#include <errno.h>
#include <string.h>

#include "loop/loop.h"

/* Define a test for each backend; it starts with `loop` there. */
#define TEST_BOTH(sentence)                                                    \
	static void sentence(void);                                            \
	TEST(sentence##_by_io_uring)                                           \
	{                                                                      \
		start_loop("io_uring", false);                                 \
		sentence();                                                    \
		end_loop();                                                    \
	}                                                                      \
	TEST(sentence##_by_epoll)                                              \
	{                                                                      \
		start_loop("epoll", false);                                    \
		sentence();                                                    \
		end_loop();                                                    \
	}                                                                      \
	static void sentence(void)

static struct smi_loop loop;

/* backend: NULL for whichever works. */
static inline void start_loop(const char *backend, bool virtual_clock)
{
	int r = smi_loop_init(&loop, &(struct smi_loop_options){
					     .backend = backend,
					     .virtual_clock = virtual_clock });

	if (backend && (r == -ENOSYS || r == -EPERM))
		SKIP("%s is not to be had here", backend);
	CHECK_INT(r, ==, 0);
}

static inline void end_loop(void)
{
	smi_loop_close(&loop);
	smi_loop_done(&loop);
	smi_mailbox_done(&loop.mailbox);
}

/* Turn, and wait, until *done is true. Once it is, there may be nothing left
 * that could happen. */
static inline void turn_until(const bool *done)
{
	while (!*done) {
		int r = smi_loop_turn(&loop, true);

		if (!*done)
			CHECK_INT(r, ==, 0);
	}
}

/* Some turns that wait for nothing. */
static inline void turn_some(int n)
{
	while (n-- > 0)
		CHECK_INT(smi_loop_turn(&loop, false), ==, 0);
}

/* ---- Operations that say when they are done */

struct asked {
	struct smi_op op; /* the first member */
	bool done;
	int times;
};

static inline void op_is_done(struct smi_op *op)
{
	struct asked *a = (struct asked *)op;

	a->done = true;
	a->times++;
}

/* Begin an operation. */
static inline void ask(struct asked *a, struct smi_op op)
{
	int r;

	a->op = op;
	a->op.done = op_is_done;
	a->done = false;
	a->times = 0;
	r = smi_op_submit(&loop, &a->op);
	if (r < 0)
		a->op.result = r;
	a->done = r != 0;
}

/* Wait for its end; what came of it. */
static inline int answer(struct asked *a)
{
	turn_until(&a->done);
	CHECK_INT(a->times, <=, 1);
	return a->op.result;
}

/* Both at once. */
static inline int ask_and_wait(struct smi_op op)
{
	struct asked a;

	ask(&a, op);
	return answer(&a);
}

static inline void close_by_op(int fd)
{
	CHECK_INT(
		ask_and_wait((struct smi_op){ .kind = SMI_OP_CLOSE, .fd = fd }),
		==, 0);
}

#endif /* TEST_LOOP_LOOPS_H */
