/* SPDX-License-Identifier: MIT
 * loop/backend.h - the contract between the loop and what is under it.
 *
 * A backend carries out operations. The loop counts them, knows the time and
 * decides how long to wait; the backend calls it only by
 * smi_op_finish, from inside wait or cancel.
 */
#ifndef SMI_LOOP_BACKEND_H
#define SMI_LOOP_BACKEND_H

#include <stdint.h>

#include "loop/op.h"

struct smi_backend {
	const char *name;

	/* Flags for socket(2) that its operations need. */
	int socket_flags;

	/* Does a receipt call provide? */
	bool provides;

	/* Make the backend's own state for loop: *ret_state. From then on
	 * whatever is written to the eventfd of the loop's mailbox ends a wait,
	 * once. -ENOSYS, -EPERM and the like: the kernel has no such thing for
	 * us. */
	int (*open)(struct smi_loop *loop, void **ret_state);

	/* Free it. No operation is under way. */
	void (*close)(void *state);

	/* See smi_op_submit and smi_op_cancel. */
	int (*submit)(void *state, struct smi_op *op);
	void (*cancel)(void *state, struct smi_op *op);

	/* fd goes to another loop: know no more of it. No operation on it is
	 * under way. NULL: nothing is known. */
	void (*forget)(void *state, int fd);

	/* Start what was submitted, wait until an operation has ended or
	 * timeout ns have passed (0: don't wait; SMI_NEVER: as long as it
	 * takes), and finish all that have ended. A signal ends the
	 * wait early. 0 or a negative error. */
	int (*wait)(void *state, uint64_t timeout);

	/* A descriptor that is readable when wait would find something. */
	int (*descriptor)(void *state);
};

/* In the order of preference, ended by NULL. */
extern const struct smi_backend *const smi_backends[];

extern const struct smi_backend smi_uring_backend;
extern const struct smi_backend smi_epoll_backend;

#endif /* SMI_LOOP_BACKEND_H */
