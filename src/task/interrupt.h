/* SPDX-License-Identifier: MIT
 * task/interrupt.h - SIGINT cancels the main task. */
#ifndef SMI_TASK_INTERRUPT_H
#define SMI_TASK_INTERRUPT_H

#include <stdbool.h>

struct simul_loop;

/* Catch SIGINT for loop, if its action is the default one and this is the main
 * thread. */
void smi_catch_interrupt(struct simul_loop *loop);

/* Has the first one come for loop, and nobody asked before? */
bool smi_was_interrupted(const struct simul_loop *loop);

/* Restore the default action, if it was changed. */
void smi_release_interrupt(struct simul_loop *loop);

#endif /* SMI_TASK_INTERRUPT_H */
