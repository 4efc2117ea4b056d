/* SPDX-License-Identifier: MIT
 * file/file_system.c - what is known of the file systems that files are on. */
#include "file/file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "file/mounts.h"
#include "io/perform.h"
#include "task/threads.h"
#include "task/wait.h"

/* What linux/magic.h leaves out. */
enum { XFS_MAGIC = 0x58465342 };

/* Those that have their files on disks of this machine, or in its memory, and
 * that do as they are told. */
static bool is_quick(unsigned long type)
{
	static const unsigned long quick[] = {
		EXT4_SUPER_MAGIC,  XFS_MAGIC,
		BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
		TMPFS_MAGIC,	   RAMFS_MAGIC,
		PROC_SUPER_MAGIC,  OVERLAYFS_SUPER_MAGIC,
	};

	for (size_t i = 0; i < sizeof quick / sizeof *quick; i++)
		if (quick[i] == (type & UINT32_MAX))
			return true;
	return false;
}

/* ---- What a loop has found out: of the last few devices */

enum { DEVICES = 8 };

struct device {
	unsigned major;
	unsigned minor;
	bool known;
	bool slow;
};

struct devices {
	struct smi_belonging belonging;
	struct device some[DEVICES];
	size_t next;	 /* to be forgotten */
	unsigned mounts; /* as they were then */
};

static void free_devices(struct smi_belonging *belonging)
{
	smi_free(belonging);
}

static struct devices *devices_of(struct smi_loop *loop)
{
	struct devices *d =
		(struct devices *)smi_loop_belonging(loop, free_devices);

	if (d)
		return d;
	d = smi_alloc_zero(sizeof *d);
	if (!d)
		return NULL;
	smi_loop_keep(loop, &d->belonging);
	d->belonging.free = free_devices;
	return d;
}

static const struct device *find(const struct devices *d, const struct statx *x)
{
	for (size_t i = 0; d && i < DEVICES; i++) {
		const struct device *one = &d->some[i];

		if (one->known && one->major == x->stx_dev_major &&
		    one->minor == x->stx_dev_minor)
			return one;
	}
	return NULL;
}

static void remember(struct devices *d, const struct statx *x, bool slow)
{
	if (!d)
		return;
	d->some[d->next] = (struct device){ x->stx_dev_major, x->stx_dev_minor,
					    true, slow };
	d->next = (d->next + 1) % DEVICES;
}

/* ---- Asking */

struct statfs_call {
	int fd;
	unsigned long type;
};

static int call_statfs(void *arg)
{
	struct statfs_call *call = arg;
	struct statfs s;

	if (fstatfs(call->fd, &s) < 0)
		return -errno;
	call->type = (unsigned long)s.f_type;
	return 0;
}

/* Who is not told must expect the worst. */
static bool ask(struct smi_loop *loop, int fd, const struct statx *x)
{
	struct statfs_call call = { .fd = fd };
	bool slow;

	if (smi_call_in_worker(call_statfs, &call) < 0)
		return true;
	slow = !is_quick(call.type);
	remember(devices_of(loop), x, slow);
	return slow;
}

static bool workers_do_all(const struct smi_loop *loop)
{
	return loop->backend != &smi_uring_backend;
}

/* What is unmounted leaves its number to what is mounted next. */
static void forget_what_has_gone(struct smi_loop *loop, struct devices *d)
{
	if (d && smi_mounts_have_changed(loop, &d->mounts))
		memset(d->some, 0, sizeof d->some);
}

/* Which device it is on the kernel knows without asking anybody. */
bool smi_file_is_slow(int fd)
{
	struct smi_loop *loop = &smi_current->loop->loop;
	const struct device *known;
	struct devices *d;
	struct statx x;

	if (workers_do_all(loop))
		return false;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &x) < 0)
		return true;
	d = devices_of(loop);
	forget_what_has_gone(loop, d);
	known = find(d, &x);
	return known ? known->slow : ask(loop, fd, &x);
}

int smi_file_open(struct smi_op *op, bool *ret_slow)
{
	struct smi_loop *loop = &smi_current->loop->loop;
	bool quick = workers_do_all(loop) || smi_mounts_are_quick(loop);
	int fd;

	op->length = quick ? 0 : SMI_OP_APART;
	fd = smi_perform(op);
	if (fd >= 0 && ret_slow)
		*ret_slow = !quick && smi_file_is_slow(fd);
	return fd;
}
