/* SPDX-License-Identifier: MIT
 * tests/arch/test_guard.c - pages that fault when they are touched. */
#include "test.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/guard.h"

static bool kills(volatile char *addr)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*addr = 1;
		_exit(0);
	}
	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

enum { STRIDE = 16384, COUNT = 200 };

static char *map(void)
{
	char *base = mmap(NULL, STRIDE * COUNT, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(base != MAP_FAILED);
	return base;
}

static void check_guards(void)
{
	char *base = map();
	size_t page = smi_page_size();

	CHECK_INT(smi_guard_install(base, STRIDE, COUNT), ==, 0);
	for (int i = 0; i < COUNT; i += 33) {
		CHECK(kills(base + i * STRIDE));
		CHECK(kills(base + i * STRIDE + page - 1));
		CHECK(!kills(base + i * STRIDE + page));
		CHECK(!kills(base + i * STRIDE + STRIDE - 1));
	}
	munmap(base, STRIDE * COUNT);
}

TEST(a_guard_is_the_first_page_of_each_and_no_other)
{
	check_guards();
}

TEST(installing_guards_twice_does_no_harm)
{
	char *base = map();

	CHECK_INT(smi_guard_install(base, STRIDE, 10), ==, 0);
	CHECK_INT(smi_guard_install(base, STRIDE, COUNT), ==, 0);
	CHECK(kills(base));
	CHECK(kills(base + (COUNT - 1) * STRIDE));
	munmap(base, STRIDE * COUNT);
}

TEST(guards_that_can_not_be_installed_are_an_error)
{
	char *base = map();

	munmap(base, STRIDE * COUNT);
	CHECK_INT(smi_guard_install(base, STRIDE, COUNT), <, 0);
}

/* ---- Kernels that are older, or forbid it */

/* From here on a system call fails with error, if its argument-th argument is
 * value (-1: any). */
static void deny(long number, int argument, unsigned value, int error)
{
	bool any = argument < 0;
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 (unsigned)(offsetof(struct seccomp_data, args) +
				    (any ? 0 : (size_t)argument * 8))),
		BPF_JUMP(BPF_JMP | (any ? BPF_JGE : BPF_JEQ) | BPF_K,
			 any ? 0 : value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof *filter, filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		SKIP("no seccomp filter is to be had here");
}

enum { GUARD_INSTALL = 102 };

TEST(where_light_guards_are_unknown_pages_are_protected)
{
	deny(SYS_madvise, 2, GUARD_INSTALL, EINVAL);
	deny(SYS_process_madvise, 3, GUARD_INSTALL, EINVAL);
	check_guards();
}

TEST(where_process_madvise_is_forbidden_pages_are_marked_one_by_one)
{
	deny(SYS_process_madvise, -1, 0, EPERM);
	check_guards();
}

TEST(where_there_are_no_descriptors_of_processes_pages_are_marked_one_by_one)
{
	deny(SYS_pidfd_open, -1, 0, ENOSYS);
	check_guards();
}

TEST(where_the_guard_can_not_be_looked_at_pages_are_protected)
{
	deny(SYS_process_vm_readv, -1, 0, EPERM);
	check_guards();
}
