/* SPDX-License-Identifier: MIT
 * arch/guard.c - pages that fault when they are touched. */
#include "arch/guard.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "arch/valgrind.h"

/* <asm-generic/mman-common.h> of Linux 6.13. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Pages in a call. They are listed on the stack of a task, which may be the
 * smallest there is. */
enum { AT_ONCE = 64 };

/* What works here is found out once, by trying. */
enum { UNKNOWN, LIGHT, MAPPED };

static atomic_int kind = UNKNOWN;

size_t smi_page_size(void)
{
	static atomic_size_t size;

	if (!size)
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}

static int install_mapped(char *base, size_t stride, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mprotect(base + i * stride, smi_page_size(), PROT_NONE) < 0)
			return -errno;
	return 0;
}

static int install_each(char *base, size_t stride, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (madvise(base + i * stride, smi_page_size(),
			    MADV_GUARD_INSTALL) < 0)
			return -errno;
	return 0;
}

/* Many by one process_madvise(2) on ourselves. */
static bool install_some(int self, char *base, size_t stride, size_t count)
{
	struct iovec pages[AT_ONCE];

	for (size_t i = 0; i < count; i++)
		pages[i] = (struct iovec){ base + i * stride, smi_page_size() };
	return syscall(SYS_process_madvise, self, pages, count,
		       MADV_GUARD_INSTALL,
		       0) == (ssize_t)(count * smi_page_size());
}

static int install_light(char *base, size_t stride, size_t count)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	size_t done = 0;

	while (self >= 0 && done < count) {
		size_t n = count - done < AT_ONCE ? count - done : AT_ONCE;

		if (!install_some(self, base + done * stride, stride, n))
			break;
		done += n;
	}
	if (self >= 0)
		close(self);
	return install_each(base + done * stride, stride, count - done);
}

/* Emulators accept advice that they don't know and ignore it: ask the kernel
 * to read the page, which has to fail. */
static bool is_guarded(char *page)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { page, 1 };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) < 0 &&
	       errno == EFAULT;
}

static bool light_works(char *page)
{
	return !smi_on_valgrind() && install_light(page, 0, 1) == 0 &&
	       is_guarded(page);
}

int smi_guard_install(char *base, size_t stride, size_t count)
{
	if (kind == UNKNOWN)
		kind = light_works(base) ? LIGHT : MAPPED;
	return kind == LIGHT ? install_light(base, stride, count)
			     : install_mapped(base, stride, count);
}
