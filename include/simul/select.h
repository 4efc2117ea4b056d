/* SPDX-License-Identifier: MIT
 * simul/select.h - wait for several things at once, and take exactly one.
 *
 *	simul_case cases[] = {
 *		simul_case_get(&jobs, &job),
 *		simul_case_event(&stop),
 *		simul_case_sleep(30),
 *	};
 *
 *	switch (simul_select(cases, 3)) {
 *	case 0: work(job); break;
 *	case 1: return 0;
 *	case 2: puts("nothing to do for 30 s"); break;
 *	default: ...
 *	}
 *
 * The first case that is ready, in the order given, is taken; if none is, the
 * first that becomes ready. What was not taken is untouched: no item is lost
 * from a queue, no permit from a semaphore.
 */
#ifndef SIMUL_SELECT_H
#define SIMUL_SELECT_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/future.h>
#include <simul/queue.h>
#include <simul/stream.h>
#include <simul/sync.h>
#include <simul/task.h>

#ifdef __cplusplus
extern "C" {
#endif

enum simul_case_kind {
	SIMUL_CASE_NONE, /* never ready: a case switched off */
	SIMUL_CASE_GET,
	SIMUL_CASE_PUT,
	SIMUL_CASE_EVENT,
	SIMUL_CASE_FUTURE,
	SIMUL_CASE_TASK,
	SIMUL_CASE_ACQUIRE,
	SIMUL_CASE_READABLE,
	SIMUL_CASE_WRITABLE,
	SIMUL_CASE_SLEEP,
	SIMUL_CASE_STREAM
};

/* One thing to wait for. Make it with the functions below. */
typedef struct simul_case {
	enum simul_case_kind kind;
	void *object;
	void **value; /* GET: where the item goes */
	void *item;   /* PUT: what to put */
	double seconds;
	int fd;
	int result; /* of the case taken: 0 or more, or its own error */
} simul_case;

/* Wait for n cases, take one, and return its index; its .result says how that
 * went (-EPIPE from a queue that was shut down; a future's or task's result).
 * n may not exceed 64, else -EINVAL; -ENOMEM.
 * Suspends: if no case is ready. Cancelled: none was taken. */
SIMUL_API int simul_select(simul_case *cases, size_t n);

/* Take a case if one is ready now, else return -EAGAIN. Descriptors are asked,
 * too.
 * Suspends: never. */
SIMUL_API int simul_try_select(simul_case *cases, size_t n);

/* An item of queue, stored in *ret_item.
 * Suspends: never. */
static inline simul_case simul_case_get(simul_queue *queue, void **ret_item)
{
	simul_case c = { SIMUL_CASE_GET, queue, ret_item, NULL, 0, -1, 0 };

	return c;
}

/* Room in queue, filled with item.
 * Suspends: never. */
static inline simul_case simul_case_put(simul_queue *queue, void *item)
{
	simul_case c = { SIMUL_CASE_PUT, queue, NULL, item, 0, -1, 0 };

	return c;
}

/* event is set.
 * Suspends: never. */
static inline simul_case simul_case_event(simul_event *event)
{
	simul_case c = { SIMUL_CASE_EVENT, event, NULL, NULL, 0, -1, 0 };

	return c;
}

/* future is set; its value goes to *ret_value, if that is not NULL.
 * Suspends: never. */
static inline simul_case simul_case_future(simul_future *future,
					   void **ret_value)
{
	simul_case c = { SIMUL_CASE_FUTURE, future, ret_value, NULL, 0, -1, 0 };

	return c;
}

/* task has ended; its handle is not consumed.
 * Suspends: never. */
static inline simul_case simul_case_task(simul_task *task)
{
	simul_case c = { SIMUL_CASE_TASK, task, NULL, NULL, 0, -1, 0 };

	return c;
}

/* One permit of semaphore.
 * Suspends: never. */
static inline simul_case simul_case_acquire(simul_semaphore *semaphore)
{
	simul_case c = { SIMUL_CASE_ACQUIRE, semaphore, NULL, NULL, 0, -1, 0 };

	return c;
}

/* fd is readable (or has an error, or its peer has gone).
 * Suspends: never. */
static inline simul_case simul_case_readable(int fd)
{
	simul_case c = { SIMUL_CASE_READABLE, NULL, NULL, NULL, 0, fd, 0 };

	return c;
}

/* fd is writable (or has an error).
 * Suspends: never. */
static inline simul_case simul_case_writable(int fd)
{
	simul_case c = { SIMUL_CASE_WRITABLE, NULL, NULL, NULL, 0, fd, 0 };

	return c;
}

/* Something can be read from stream: bytes, its end, or an error, which the
 * next read tells. Nothing is taken from it. -EBUSY as its result if another
 * task is reading from it. A file is ready at once. A TLS stream (simul/tls.h)
 * is ready when there is plain text, not when half a record has come; over a
 * terminal, where nobody would use it, its result is -SIMUL_EUNSUPPORTED. The
 * stream must not be closed meanwhile.
 * Suspends: never. */
SIMUL_API simul_case simul_case_stream(simul_stream *stream);

/* So many seconds have passed.
 * Suspends: never. */
static inline simul_case simul_case_sleep(double seconds)
{
	simul_case c = { SIMUL_CASE_SLEEP, NULL, NULL, NULL, seconds, -1, 0 };

	return c;
}

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SELECT_H */
