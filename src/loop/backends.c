/* SPDX-License-Identifier: MIT
 * loop/backends.c - what a loop can have under it, the best first. */
#include "loop/backend.h"

#include <stddef.h>

const struct smi_backend *const smi_backends[] = {
	&smi_uring_backend,
	&smi_epoll_backend,
	NULL,
};
