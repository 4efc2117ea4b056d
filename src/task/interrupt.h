/* SPDX-License-Identifier: MIT
 * task/interrupt.h - SIGINT, and perhaps SIGTERM, cancel the main
 * task. */
#ifndef SMI_TASK_INTERRUPT_H
#define SMI_TASK_INTERRUPT_H

#include <stdbool.h>

struct simul_loop;

/* Catch SIGINT for loop, and SIGTERM if that is asked for, each if its action
 * is the default one and this is the main thread. */
void smi_catch_interrupt(struct simul_loop *loop, bool sigint, bool sigterm);

/* Has the first one come for loop, and nobody asked before? */
bool smi_was_interrupted(const struct simul_loop *loop);

/* Restore the default actions, if they were changed. */
void smi_release_interrupt(struct simul_loop *loop);

/* Somebody has put back the action that this signal had before. If that was to
 * tell a loop which has ended meanwhile, it is the default now. */
void smi_settle_interrupt(int number);

#endif /* SMI_TASK_INTERRUPT_H */
