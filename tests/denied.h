/* SPDX-License-Identifier: MIT
 * tests/denied.h - a kernel that refuses. */
#ifndef DENIED_H
#define DENIED_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "test.h"

/* What poll(3) is: newer processors have only its successor. */
#ifdef SYS_poll
enum { SYSTEM_POLL = SYS_poll };
#else
enum { SYSTEM_POLL = SYS_ppoll };
#endif

static inline void install_filter(struct sock_filter *filter, size_t count)
{
	struct sock_fprog program = { (unsigned short)count, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		SKIP("no seccomp filter is to be had here");
}

/* From here on this system call fails. */
static inline void deny(unsigned number, unsigned error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	install_filter(filter, sizeof filter / sizeof *filter);
}

/* Or fails if the lower half of argument i of it is this, or is anything else.
 */
static inline void deny_value(unsigned number, unsigned i, unsigned value,
			      bool equal, unsigned error)
{
	const bool little = *(const char *)&(const int){ 1 };
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args) + 8 * i +
				 (little ? 0 : 4)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, !equal, equal),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	install_filter(filter, sizeof filter / sizeof *filter);
}

/* Or fails if argument i of it isn't zero. */
static inline void deny_argument(unsigned number, unsigned i, unsigned error)
{
	deny_value(number, i, 0, false, error);
}

/* Or fails if argument i of it is this descriptor. */
static inline void deny_descriptor(unsigned number, unsigned i, int fd,
				   unsigned error)
{
	deny_value(number, i, (unsigned)fd, true, error);
}

#endif /* DENIED_H */
