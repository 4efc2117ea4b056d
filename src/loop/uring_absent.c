/* SPDX-License-Identifier: MIT
 * loop/uring_absent.c - io_uring in a build without liburing: not there. */
#include <errno.h>

#include "loop/backend.h"

static int open_uring(struct smi_loop *loop, void **ret_state)
{
	(void)loop;
	(void)ret_state;
	return -ENOSYS;
}

const struct smi_backend smi_uring_backend = {
	.name = "io_uring",
	.open = open_uring,
};
