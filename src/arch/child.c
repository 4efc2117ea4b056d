/* SPDX-License-Identifier: MIT
 * arch/child.c - a process is born: what is done between clone and exec.
 *
 * After clone(2), vfork(2), and what glibc's posix_spawn does.
 */
#include "arch/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/valgrind.h"
#include "base/alloc.h"

/* What is not in every C library's headers, though it is in kernels. */
enum {
	CLONE_WITH_PIDFD = 0x1000, /* Linux 5.2 */
	WAIT_FOR_PIDFD = 3,	   /* Linux 5.4 */
	PIDFD_SEND_SIGNAL = 424,
	PIDFD_OPEN = 434, /* the same on every processor */
	CLOSE_RANGE = 436 /* Linux 5.9 */
};

/* The child's few frames, and what it is about. */
enum { STACK = 32768, SIGNALS = 64, KERNEL_SET = SIGNALS / 8 };

struct birth {
	_Alignas(16) char stack[STACK];
	struct smi_child child;
	pid_t parent;
};

/* ---- In the child. Sanitizers must not see it: what they write down about
 * the stack and the descriptors of our thread would be wrong afterwards. */

#define IN_CHILD                                                               \
	__attribute__((noinline, no_sanitize_address, no_sanitize_thread,      \
		       no_sanitize_undefined))

IN_CHILD static void fail(struct birth *b, int error)
{
	b->child.error = error;
	for (;;)
		syscall(SYS_exit_group, 127);
}

IN_CHILD static long must(struct birth *b, long result)
{
	if (result < 0)
		fail(b, errno);
	return result;
}

/* The kernel's struct sigaction begins with the handler. */
struct kernel_action {
	void (*handler)(int signal);
	char rest[56]; /* more than it has */
};

IN_CHILD static bool is_caught(int signal)
{
	struct kernel_action action;

	return syscall(SYS_rt_sigaction, signal, NULL, &action, KERNEL_SET) ==
		       0 &&
	       action.handler != SIG_DFL && action.handler != SIG_IGN;
}

/* A handler of ours would run in our memory. Exec forgets it anyway, so until
 * then the default will do. Only here is it certain which there are: another
 * thread of ours could install one until the child had its own copy of them.
 * Who reads from a pipe of the child's may go, and the child is to notice. What
 * is ignored otherwise stays so (see nohup). */
IN_CHILD static void reset_signals(void)
{
	static const struct kernel_action by_default;

	for (int i = 1; i <= SIGNALS; i++)
		if (i == SIGPIPE || i == SIGXFSZ || is_caught(i))
			syscall(SYS_rt_sigaction, i, &by_default, NULL,
				KERNEL_SET);
}

IN_CHILD static void join_session(struct birth *b)
{
	const struct smi_child *c = &b->child;

	b->child.step = SMI_CHILD_SESSION;
	if (c->new_session)
		must(b, syscall(SYS_setsid));
	if (c->set_group)
		must(b, syscall(SYS_setpgid, 0, c->group));
}

IN_CHILD static void close_range_of(unsigned first, unsigned last)
{
	if (first > last || syscall(CLOSE_RANGE, first, last, 0) == 0)
		return;
	/* An old kernel, or valgrind. */
	for (unsigned fd = first; fd <= last && fd < 65536; fd++)
		syscall(SYS_close, fd);
}

/* No source may lie where a target is to be: first out of the way with those
 * that could. */
IN_CHILD static void move_sources(struct birth *b)
{
	struct smi_child *c = &b->child;
	int last = c->fds[c->fd_count - 1].to;

	for (size_t i = 0; i < c->fd_count; i++) {
		struct smi_child_fd *f = &c->fds[i];

		if (f->from <= last && f->from != f->to)
			f->from = (int)must(b,
					    syscall(SYS_fcntl, f->from,
						    F_DUPFD_CLOEXEC, last + 1));
	}
}

IN_CHILD static void arrange_descriptors(struct birth *b)
{
	struct smi_child *c = &b->child;
	int next = 0;

	c->step = SMI_CHILD_DESCRIPTORS;
	if (c->fd_count > 0)
		move_sources(b);
	for (size_t i = 0; i < c->fd_count; i++) {
		const struct smi_child_fd *f = &c->fds[i];

		if (f->from == f->to)
			must(b, syscall(SYS_fcntl, f->to, F_SETFD, 0));
		else
			must(b, syscall(SYS_dup3, f->from, f->to, 0));
	}
	for (size_t i = 0; i < c->fd_count; i++) {
		if (c->fds[i].to > next)
			close_range_of((unsigned)next,
				       (unsigned)c->fds[i].to - 1);
		next = c->fds[i].to + 1;
	}
	close_range_of((unsigned)next, UINT32_MAX);
}

IN_CHILD static void take_terminal(struct birth *b)
{
	b->child.step = SMI_CHILD_TERMINAL;
	if (b->child.set_terminal)
		must(b, syscall(SYS_ioctl, b->child.terminal, TIOCSCTTY, 0));
}

/* Raised limits and priorities need the rights that a change of the user may
 * take away; so they come before it. */
IN_CHILD static void set_limits(struct birth *b)
{
	const struct smi_child *c = &b->child;

	if (c->set_umask)
		syscall(SYS_umask, c->umask);
	b->child.step = SMI_CHILD_LIMITS;
	for (size_t i = 0; i < c->limit_count; i++)
		must(b, syscall(SYS_prlimit64, 0, c->limits[i].resource,
				&c->limits[i].limit, NULL));
	b->child.step = SMI_CHILD_PRIORITY;
	if (c->nice) {
		/* The kernel tells it as 20 - n, so that it is no error. */
		long ours = 20 - syscall(SYS_getpriority, PRIO_PROCESS, 0);

		must(b,
		     syscall(SYS_setpriority, PRIO_PROCESS, 0, ours + c->nice));
	}
}

/* The C library's setuid would change our other threads, too. */
IN_CHILD static void change_user(struct birth *b)
{
	const struct smi_child *c = &b->child;

	b->child.step = SMI_CHILD_USER;
	if (!c->set_user)
		return;
	must(b, syscall(SYS_setgroups, c->group_count, c->groups));
	must(b, syscall(SYS_setresgid, c->gid, c->gid, c->gid));
	must(b, syscall(SYS_setresuid, c->uid, c->uid, c->uid));
}

/* If we have ended before it could be asked for, nobody would tell. */
IN_CHILD static void ask_for_death_signal(struct birth *b)
{
	b->child.step = SMI_CHILD_DEATH_SIGNAL;
	if (!b->child.death_signal)
		return;
	must(b, syscall(SYS_prctl, PR_SET_PDEATHSIG, b->child.death_signal, 0,
			0, 0));
	if (syscall(SYS_getppid) != b->parent)
		fail(b, ESRCH);
}

/* A file that may not be executed is remembered, while one that may is looked
 * for; see execvp(3). */
IN_CHILD static void execute(struct birth *b)
{
	const struct smi_child *c = &b->child;
	int error = ENOENT;

	b->child.step = SMI_CHILD_EXEC;
	for (size_t i = 0; c->programs[i]; i++) {
		syscall(SYS_execve, c->programs[i], c->argv, c->environment);
		if (errno == EACCES)
			error = EACCES;
		else if (errno != ENOENT && errno != ENOTDIR)
			fail(b, errno);
	}
	fail(b, error);
}

IN_CHILD static int be_born(void *arg)
{
	static const char none[KERNEL_SET];
	struct birth *b = arg;

	reset_signals();
	join_session(b);
	take_terminal(b);
	arrange_descriptors(b);
	set_limits(b);
	change_user(b);
	b->child.step = SMI_CHILD_DIRECTORY;
	if (b->child.directory)
		must(b, syscall(SYS_chdir, b->child.directory));
	ask_for_death_signal(b);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, KERNEL_SET);
	execute(b);
	return 127;
}

/* ---- In the parent */

/* What clone(2) is behind its name, which ThreadSanitizer takes for itself: it
 * would see a fork here and mark our own thread as the child. */
int real_clone(int (*fn)(void *arg), void *stack, int flags, void *arg,
	       ...) __asm__("__clone");

static pid_t clone_child(struct birth *b, int *ret_pidfd)
{
	const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
	int pidfd = -1;
	pid_t pid = real_clone(be_born, b->stack + STACK,
			       flags | CLONE_WITH_PIDFD, b, &pidfd);

	/* An old kernel, or valgrind. */
	if (pid < 0 && errno == EINVAL)
		pid = real_clone(be_born, b->stack + STACK, flags, b);
	if (pid < 0)
		return -errno;
	if (pidfd < 0)
		pidfd = (int)syscall(PIDFD_OPEN, pid, 0);
	if (pidfd < 0) {
		int error = errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return -error;
	}
	*ret_pidfd = pidfd;
	return pid;
}

/* No handler of ours may run in the child. */
static pid_t clone_with_signals_blocked(struct birth *b, int *ret_pidfd)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone_child(b, ret_pidfd);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

/* Under valgrind a child never has our memory, but sees what is shared. */
static struct birth *new_birth(void)
{
	int how = smi_on_valgrind() ? MAP_SHARED : MAP_PRIVATE;
	void *b = mmap(NULL, sizeof(struct birth), PROT_READ | PROT_WRITE,
		       how | MAP_ANONYMOUS, -1, 0);

	return b == MAP_FAILED ? NULL : b;
}

pid_t smi_child_start(struct smi_child *c, int *ret_pidfd)
{
	struct birth *b = smi_alloc_refused() ? NULL : new_birth();
	int pidfd = -1, error;
	pid_t pid;

	c->step = SMI_CHILD_CLONE;
	if (!b)
		return -ENOMEM;
	b->child = *c;
	b->parent = getpid();
	pid = clone_with_signals_blocked(b, &pidfd);
	c->step = b->child.step;
	error = b->child.error;
	munmap(b, sizeof *b);
	if (pid < 0)
		return pid;
	if (error) {
		siginfo_t info;

		waitid((idtype_t)WAIT_FOR_PIDFD, (id_t)pidfd, &info, WEXITED);
		close(pidfd);
		return -error;
	}
	*ret_pidfd = pidfd;
	return pid;
}

int smi_pidfd_send_signal(int pidfd, int signal, unsigned flags)
{
	return syscall(PIDFD_SEND_SIGNAL, pidfd, signal, NULL, flags) < 0
		       ? -errno
		       : 0;
}

int smi_pidfd_reap(int pidfd, bool leave, int *ret_code, int *ret_status)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid((idtype_t)WAIT_FOR_PIDFD, (id_t)pidfd, &info,
		   WEXITED | WNOHANG | (leave ? WNOWAIT : 0)) < 0)
		return -errno;
	if (info.si_pid == 0)
		return 0;
	*ret_code = info.si_code;
	*ret_status = info.si_status;
	return 1;
}
