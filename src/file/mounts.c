/* SPDX-License-Identifier: MIT
 * file/mounts.c - which file systems are mounted. */
#include "file/mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

/* How long what we know holds, in nanoseconds. */
enum { HOLDS = 50 * 1000000 };

struct mounts {
	struct smi_belonging belonging;
	int fd; /* of /proc/thread-self/mountinfo, or -1 */
	uint64_t asked;
	unsigned changes;
	bool quick;
};

/* ---- The kinds */

/* Those that have their files on disks of this machine, or in its memory, or
 * none at all. */
static bool is_quick(const char *type)
{
	static const char quick[][16] = {
		"ext2",	      "ext3",	     "ext4",	   "xfs",
		"btrfs",      "f2fs",	     "squashfs",   "erofs",
		"vfat",	      "iso9660",     "tmpfs",	   "ramfs",
		"rootfs",     "devtmpfs",    "devpts",	   "hugetlbfs",
		"overlay",    "proc",	     "sysfs",	   "cgroup",
		"cgroup2",    "cpuset",	     "mqueue",	   "bpf",
		"debugfs",    "tracefs",     "securityfs", "configfs",
		"pstore",     "binfmt_misc", "fusectl",	   "nsfs",
		"rpc_pipefs", "efivarfs",    "selinuxfs",  "autofs",
	};

	for (size_t i = 0; i < sizeof quick / sizeof *quick; i++)
		if (strcmp(quick[i], type) == 0)
			return true;
	return false;
}

/* ---- The list
 *
 * A line is words with a space between, see proc_pid_mountinfo(5): the one
 * after "-" is the kind. */

struct reader {
	char word[32]; /* the beginning of it */
	size_t length;
	bool kind; /* it is the next one */
	bool quick;
};

static void end_word(struct reader *r)
{
	r->word[r->length] = 0;
	if (r->kind && !is_quick(r->word))
		r->quick = false;
	r->kind = strcmp(r->word, "-") == 0;
	r->length = 0;
}

static void read_words(struct reader *r, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == ' ' || bytes[i] == '\n')
			end_word(r);
		else if (r->length < sizeof r->word - 1)
			r->word[r->length++] = bytes[i];
	}
}

static bool read_list(int fd)
{
	struct reader reader = { .quick = true };
	char bytes[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof bytes, at)) > 0) {
		read_words(&reader, bytes, (size_t)n);
		at += n;
	}
	return n == 0 && at > 0 && reader.quick;
}

/* ---- What a loop knows of it */

static void free_mounts(struct smi_belonging *belonging)
{
	struct mounts *m = (struct mounts *)belonging;

	if (m->fd >= 0)
		close(m->fd);
	smi_free(m);
}

static struct mounts *mounts_of(struct smi_loop *loop)
{
	struct mounts *m =
		(struct mounts *)smi_loop_belonging(loop, free_mounts);

	if (m)
		return m;
	m = smi_alloc_zero(sizeof *m);
	if (!m)
		return NULL;
	m->belonging.free = free_mounts;
	smi_loop_keep(loop, &m->belonging);
	m->fd = -1;
	return m;
}

static bool has_changed(const struct mounts *m)
{
	struct pollfd p = { .fd = m->fd, .events = POLLPRI };

	return poll(&p, 1, 0) > 0;
}

/* There may have been no descriptor left. */
static void ask(struct mounts *m)
{
	bool new = m->fd < 0;

	if (new)
		m->fd = open("/proc/thread-self/mountinfo",
			     O_RDONLY | O_CLOEXEC);
	if (!new && !has_changed(m))
		return;
	m->changes++;
	m->quick = m->fd >= 0 && read_list(m->fd);
}

/* Exact enough, and for a few nanoseconds. */
static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

bool smi_mounts_are_quick(struct smi_loop *loop)
{
	struct mounts *m = mounts_of(loop);
	uint64_t t = now();

	if (!m)
		return false;
	if (t - m->asked >= HOLDS) {
		m->asked = t;
		ask(m);
	}
	return m->quick;
}

bool smi_mounts_have_changed(struct smi_loop *loop, unsigned *seen)
{
	const struct mounts *m = mounts_of(loop);
	unsigned before = *seen;

	if (!m)
		return true;
	smi_mounts_are_quick(loop); /* it asks */
	*seen = m->changes;
	return *seen != before;
}
