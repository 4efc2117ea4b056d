/* SPDX-License-Identifier: MIT
 * simul/process_pool.h - work for other processes: bytes in, bytes out.
 *
 * For work that keeps a core busy, or that may crash: it runs in a worker, a
 * process of its own that executes the same program. A function that is to
 * run there is in a table that main hands over first of all:
 *
 *	static int square(void *input, size_t size, simul_answer *answer)
 *	{
 *		long n = *(const long *)input;
 *
 *		n *= n;
 *		return simul_answer_append(answer, &n, sizeof n);
 *	}
 *
 *	static simul_work *const works[] = { square, NULL };
 *
 *	int main(void)
 *	{
 *		simul_worker_main(works);	// in a worker, it stays there
 *		return simul_run(amain, NULL) < 0;
 *	}
 *
 * and in a task:
 *
 *	r = simul_process_pool_open(NULL, &pool);
 *	...
 *	r = simul_process_pool_call(pool, square, &n, sizeof n, &result);
 *	if (r >= 0) {
 *		printf("%ld\n", *(long *)result.data);
 *		simul_work_result_done(&result);
 *	}
 *	...
 *	simul_process_pool_close(pool);
 *
 * Workers share nothing with the program but what they are given. One that
 * crashes fails the job that it had, with the signal that ended it, and is
 * replaced; the program and all other jobs go on. Inputs and results of more
 * than 64 KiB travel in shared memory.
 */
#ifndef SIMUL_PROCESS_POOL_H
#define SIMUL_PROCESS_POOL_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/process.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- In the worker */

/* What a job answers. */
typedef struct simul_answer simul_answer;

/* A function for workers. It may block, use all of the C library, and must not
 * use Simul's tasks, as there is no loop. input is its own, to read and write,
 * and is aligned as malloc's memory is. The result, zero or more or a negative
 * error, is the caller's, and so are the answer's bytes if it is not an
 * error. */
typedef int simul_work(void *input, size_t size, simul_answer *answer);

/* In a worker: do jobs until there are no more, and exit. In any other process:
 * remember the table of functions, ended by NULL, and return. To be called
 * before main does anything else, as workers run what is before it, too.
 * Where executing the program gives it more rights than whoever executes it has
 * (setuid, setgid, file capabilities), a worker can't tell its pool from a
 * stranger and exits with 127: there each call is -SIMUL_EWORKER.
 * Suspends: never. */
SIMUL_API void simul_worker_main(simul_work *const works[]);

/* Let the answer have this many bytes; those that it had are kept, new ones are
 * zero. Returns where they are, until the next call; NULL if there is no
 * memory.
 * Suspends: never; it is called in a worker. */
SIMUL_API void *simul_answer_resize(simul_answer *answer, size_t size);

/* Put n more bytes at the end of the answer. 0 or -ENOMEM.
 * Suspends: never; it is called in a worker. */
SIMUL_API int simul_answer_append(simul_answer *answer, const void *bytes,
				  size_t n);

/* ---- The pool */

typedef struct simul_process_pool simul_process_pool;

/* How it is to be; all zero is a good choice. */
typedef struct simul_process_pool_options {
	size_t count;	   /* workers; 0: one for each core */
	size_t max_jobs;   /* a worker is replaced after so many, lest what it
			    * leaks gets large; 0: never */
	size_t max_memory; /* address space of a worker, in bytes: beyond it,
			    * malloc fails there; 0: no limit */
	int nice;	   /* added to our priority; see nice(2) */
} simul_process_pool_options;

/* Start the workers. options may be NULL. -EINVAL if simul_worker_main was not
 * called, else errors as for simul_process_start.
 * Suspends: always. Cancelled: there are no workers. */
SIMUL_API int simul_process_pool_open(const simul_process_pool_options *options,
				      simul_process_pool **ret_pool);

/* What has come of a job. */
typedef struct simul_work_result {
	void *data; /* aligned as malloc's memory is; NULL if size is 0 */
	size_t size;
	simul_exit how; /* of the worker, if it died of the job */
	size_t mapped;	/* the library's business */
} simul_work_result;

/* Have work(input, size) done by the next worker that is free, and return its
 * result. Jobs are taken in the order in which they come. *ret_result is yours
 * if that is zero or more: simul_work_result_done frees it.
 * -SIMUL_EWORKER: the worker died of it, by a crash or exit, or because
 * somebody killed it; then ret_result->how tells how, and there is nothing to
 * free. -EINVAL: work is not in the table. What else can fail is to replace a
 * worker (see simul_process_start), and -ENOMEM, here or in the worker. input
 * is lent until the call returns.
 * Suspends: always. Cancelled: if it had begun, the worker was killed. So a
 * timeout bounds any work. */
SIMUL_API int simul_process_pool_call(simul_process_pool *pool,
				      simul_work *work, const void *input,
				      size_t size,
				      simul_work_result *ret_result);

/* Free what is in a result; it is then empty.
 * Suspends: never. */
SIMUL_API void simul_work_result_done(simul_work_result *result);

/* End the workers. Nobody may be using the pool. NULL does nothing.
 * Suspends: until they have ended, which a cancellation can't cut short; who
 * does not go within a second is killed. */
SIMUL_API void simul_process_pool_close(simul_process_pool *pool);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_PROCESS_POOL_H */
