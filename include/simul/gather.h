/* SPDX-License-Identifier: MIT
 * simul/gather.h - wait for several tasks.
 *
 *	gather          all of them, with their results
 *	wait            until one, or all, have ended; leaves the rest running
 *	as completed    one after the other, in the order in which they end
 *
 * For "one fails, the others are cancelled" see simul/group.h.
 */
#ifndef SIMUL_GATHER_H
#define SIMUL_GATHER_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Wait until all n tasks have ended, consume their handles (which become NULL),
 * and store each result where its task stood, if results is not NULL. Returns
 * 0, or the failure that came first in time. Unlike asyncio's, it does not
 * return at the first failure, and nobody is cancelled because of it: every
 * task has ended when it returns. A NULL handle counts as a failure that came
 * before all others. The caller must be the parent of all tasks, else -EINVAL.
 * Suspends: if a task still runs. Cancelled: all have been cancelled and have
 * ended; the result is -ECANCELED, and results say how each ended. */
SIMUL_API int simul_gather(simul_task **tasks, size_t n, int *results);

/* When simul_wait is content. */
enum simul_when {
	SIMUL_ALL_COMPLETED,
	SIMUL_FIRST_COMPLETED, /* any one has ended */
	SIMUL_FIRST_ERROR      /* one has failed other than by -ECANCELED, or
				* all have ended */
};

/* Wait until enough tasks have ended, and return how many have. Consumes and
 * cancels nothing; simul_task_is_done tells which. With a deadline around it,
 * too, the tasks go on. -ENOMEM; 0 tasks are 0 at once.
 * Suspends: if not enough have ended. Cancelled: the tasks were left alone
 * (but those created inside the cancelled scope are cancelled by it). */
SIMUL_API int simul_wait(simul_task **tasks, size_t n, enum simul_when when);

/* ---- As completed
 *
 *	simul_completed done = { .tasks = t, .count = n };
 *	size_t i;
 *
 *	while (simul_next_completed(&done, &i) > 0)
 *		printf("task %zu: %d\n", i, simul_task_result(t[i]));
 *	simul_completed_done(&done);
 *
 * Each task is reported once. The handles stay yours: await or gather them
 * when you want them released, but after simul_completed_done. */

struct simul_completion; /* one for each task watched */

typedef struct simul_completed {
	simul_task **tasks; /* set these two, leave the rest zero */
	size_t count;
	struct simul_completion *watched;
	struct simul_completion *first; /* ended, not yet reported */
	struct simul_completion *last;
	size_t reported;
	struct simul_task *waiting;
} simul_completed;

/* Store the index of the next task that has ended, and return 1; 0 when all
 * have been reported; -ENOMEM; -EBUSY while another task waits in it for c.
 * Suspends: if none has ended that was not reported. Cancelled: nothing was
 * reported, the tasks were left alone. */
SIMUL_API int simul_next_completed(simul_completed *c, size_t *ret_index);

/* Stop watching. The object may be used again with other tasks.
 * Suspends: never. */
SIMUL_API void simul_completed_done(simul_completed *c);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_GATHER_H */
