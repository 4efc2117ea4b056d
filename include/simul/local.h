/* SPDX-License-Identifier: MIT
 * simul/local.h - values that belong to a task and that its children inherit.
 *
 * What Python calls a context variable: set it once near the top (who the user
 * is, the id of the request) and read it anywhere below without handing it
 * through every call. A task starts with what its creator had at that moment;
 * what it sets is seen by itself and by children that it creates afterwards.
 *
 *	static simul_local request_id;
 *
 *	simul_local_set(&request_id, id);
 *	...
 *	log("request %s", (const char *)simul_local_get(&request_id));
 *
 * The address of the variable is its identity. What the value points to is
 * yours and must live as long as the task and its children may ask for it.
 */
#ifndef SIMUL_LOCAL_H
#define SIMUL_LOCAL_H

#include <simul/export.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_local {
	void *initial; /* the value where none was set */
} simul_local;

/* The variable's value in the current task.
 * Suspends: never. */
SIMUL_API void *simul_local_get(const simul_local *local);

/* Give the variable a value in the current task. -ENOMEM: it has the old one.
 * Suspends: never. */
SIMUL_API int simul_local_set(const simul_local *local, void *value);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_LOCAL_H */
