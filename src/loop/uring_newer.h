/* SPDX-License-Identifier: MIT
 * loop/uring_newer.h - what io_uring(7) has and our liburing has no name for.
 * Whether the kernel has it is to be asked. */
#ifndef SMI_LOOP_URING_NEWER_H
#define SMI_LOOP_URING_NEWER_H

enum {
	SMI_URING_FTRUNCATE = 55, /* Linux 6.9 */
	/* 6.12: a buffer of a ring is used up bit by bit, ... */
	SMI_URING_BUFFERS_INCREMENTAL = 2,
	/* ... and a completion says whether something is left of it. */
	SMI_URING_BUFFER_HAS_MORE = 1 << 4
};

#endif /* SMI_LOOP_URING_NEWER_H */
