/* SPDX-License-Identifier: MIT
 * arch/child.h - a process is born: what is done between clone and exec.
 *
 * The child borrows our memory until it has become another program, and the
 * thread that makes it sleeps meanwhile, as with vfork(2): that takes the same
 * time however large we are, where fork would copy our page tables. Other
 * threads go on. So what the child does is made of system calls only, nothing
 * of the C library's, and all that it needs is prepared before.
 */
#ifndef SMI_ARCH_CHILD_H
#define SMI_ARCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What the child was at when it failed. */
enum smi_child_step {
	SMI_CHILD_CLONE, /* it was never there */
	SMI_CHILD_SESSION,
	SMI_CHILD_TERMINAL,
	SMI_CHILD_DESCRIPTORS,
	SMI_CHILD_LIMITS,
	SMI_CHILD_PRIORITY,
	SMI_CHILD_USER,
	SMI_CHILD_DIRECTORY,
	SMI_CHILD_DEATH_SIGNAL,
	SMI_CHILD_EXEC
};

/* The child's descriptor number `to` is ours `from`. */
struct smi_child_fd {
	int from;
	int to;
};

struct smi_child_limit {
	int resource;
	struct rlimit limit;
};

struct smi_child {
	const char **programs; /* files to try in this order; NULL ends them */
	const char **argv;
	const char **environment;
	struct smi_child_fd *fds; /* `to` grows; all others are closed. The
				   * child changes what is in here. */
	size_t fd_count;
	const char *directory;
	const struct smi_child_limit *limits;
	size_t limit_count;
	bool new_session;
	bool set_terminal; /* the session's: */
	int terminal;	   /* of ours */
	bool set_group;	   /* of processes: */
	pid_t group;	   /* 0: a new one */
	bool set_umask;
	mode_t umask;
	bool set_user;
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
	int nice;	  /* added to ours */
	int death_signal; /* when the thread that makes it ends */
	/* What became of it. */
	enum smi_child_step step;
	int error;
};

/* Make the process. Returns its number, and *ret_pidfd for it; or a negative
 * error, and c->step says at what. Blocks until it runs its program. */
pid_t smi_child_start(struct smi_child *c, int *ret_pidfd);

/* Of glibc 2.36; kernels have them for longer. Negative errors. */
int smi_pidfd_send_signal(int pidfd, int signal, unsigned flags);

/* How the process of pidfd has ended, and forget it, or leave it so that its
 * number stays its own: 1, 0 if it has not, or -ECHILD if somebody else was
 * told. As waitid(2) puts it: */
int smi_pidfd_reap(int pidfd, bool leave, int *ret_code, int *ret_status);

#endif /* SMI_ARCH_CHILD_H */
