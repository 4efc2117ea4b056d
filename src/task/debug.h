/* SPDX-License-Identifier: MIT
 * task/debug.h - what is said on stderr in debug mode, and only then. */
#ifndef SMI_TASK_DEBUG_H
#define SMI_TASK_DEBUG_H

#include <stdbool.h>

struct simul_loop;
struct simul_task;

/* A task failed, and its handle was released without anybody having seen
 * that. */
void smi_report_unseen(const struct simul_task *task);

/* The task that was resumed last has suspended or ended: if it has run for
 * long, say so. */
void smi_report_hog(const struct simul_loop *loop);

/* A task is about to suspend, or to be left for good: if it has run for long,
 * remember where. On its own stack. */
void smi_note_place(struct simul_task *task);

/* task has returned, and its child, which still runs, was given an argument in
 * task's frame. */
void smi_report_frame(const struct simul_task *task,
		      const struct simul_task *child);

/* Nothing can wake anybody: who waits for what. */
void smi_report_deadlock(const struct simul_loop *loop);

/* A run has ended: if streams are open that nobody can close now, say so. */
void smi_report_open(const struct simul_loop *loop);

/* Watch for tasks that keep the loop to themselves, and for overflowing
 * stacks, until smi_debug_stop. */
void smi_debug_start(struct simul_loop *loop);
void smi_debug_stop(struct simul_loop *loop);

#endif /* SMI_TASK_DEBUG_H */
