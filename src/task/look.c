/* SPDX-License-Identifier: MIT
 * task/look.c - questions about tasks. */
#include <errno.h>

#include "task/task.h"

simul_task *simul_current_task(void)
{
	return smi_current;
}

simul_loop *simul_current_loop(void)
{
	return smi_current_loop;
}

size_t simul_all_tasks(simul_task **tasks, size_t room)
{
	const struct simul_loop *loop = smi_current_loop;
	struct simul_task *task = NULL;
	size_t n = 0;

	if (!loop)
		return 0;
	while ((task = smi_task_after(loop, task))) {
		if (task->state == SMI_DONE)
			continue;
		if (n < room)
			tasks[n] = task;
		n++;
	}
	return n;
}

bool simul_task_is_done(const simul_task *task)
{
	return !task || task->state == SMI_DONE;
}

int simul_task_result(const simul_task *task)
{
	if (!task)
		return -ENOMEM;
	if (task->state != SMI_DONE)
		return -EBUSY;
	((struct simul_task *)(uintptr_t)task)->observed = true;
	return task->result;
}

simul_task *simul_task_parent(const simul_task *task)
{
	return task ? smi_parent(task) : NULL;
}

const char *simul_task_name(const simul_task *task)
{
	return task && task->name ? task->name : "task";
}

void simul_task_set_name(simul_task *task, const char *name)
{
	if (task)
		task->name = name;
}
