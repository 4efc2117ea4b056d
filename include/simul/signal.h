/* SPDX-License-Identifier: MIT
 * simul/signal.h - wait for signals in a task.
 *
 * A server that ends in order when it is asked to:
 *
 *	simul_task *server = simul_create_task(serve, listener);
 *
 *	simul_wait_signal(SIGTERM, SIGINT);
 *	simul_cancel(server);
 *	return simul_await(server);
 *
 * (If all that it takes is to cancel the main task, simul_options has
 * catch_sigterm for that.) To hear each signal of a row, and none too many by
 * its default action in between, keep an object open:
 *
 *	simul_signals *s;
 *	int r = simul_signals_open(SIMUL_SIGNALS(SIGHUP, SIGTERM), &s);
 *
 *	while (r >= 0 && (r = simul_signals_next(s)) == SIGHUP)
 *		read_configuration();
 *	simul_signals_close(s);
 *
 * While somebody waits for a signal it does nothing else: its action, the
 * default or a handler of yours, is put aside for the whole process, and put
 * back when nobody waits for it any more. That holds for SIGINT, too, and for
 * what simul_run does about it. In the loop's thread it is unblocked meanwhile;
 * other threads may have it blocked or not.
 *
 * Each object hears each signal; of the tasks that wait at one object, one
 * does. Several loops may wait for the same signal. As ever, two of a kind
 * that come before the process has run are one, except for the real-time
 * signals (SIGRTMIN and up).
 */
#ifndef SIMUL_SIGNAL_H
#define SIMUL_SIGNAL_H

#include <signal.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_signals simul_signals;

/* A list of signals: SIMUL_SIGNALS(SIGHUP, SIGTERM). Neither this nor
 * simul_wait_signal is for C++: make an array there, that ends with 0.
 * Suspends: never. */
#define SIMUL_SIGNALS(...) ((const int[]){ __VA_ARGS__, 0 })

/* Begin to listen for signals; the list ends with 0. -EINVAL if one of them
 * can't be waited for: SIGKILL, SIGSTOP, those of the C library, and those
 * that tell of a mistake the moment it is made, such as SIGSEGV. -ENOMEM,
 * -EMFILE.
 * Suspends: never. */
SIMUL_API int simul_signals_open(const int *numbers,
				 simul_signals **ret_signals);

/* Wait for the next one, and return its number. Of several that have come, the
 * smallest number is first.
 * Suspends: if none has come. Cancelled: none was taken. */
SIMUL_API int simul_signals_next(simul_signals *signals);

/* Stop to listen. What nobody has taken is forgotten. NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_signals_close(simul_signals *signals);

/* Wait once for one of a list of signals, that ends with 0, and return its
 * number. Errors are as for simul_signals_open.
 * Suspends: always. Cancelled: none has come. */
SIMUL_API int simul_wait_signals(const int *numbers);

/* The same with the signals as arguments: simul_wait_signal(SIGTERM, SIGINT).
 * Suspends: always. Cancelled: none has come. */
#define simul_wait_signal(...) simul_wait_signals(SIMUL_SIGNALS(__VA_ARGS__))

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_SIGNAL_H */
