/* SPDX-License-Identifier: MIT
 * tests/file/slow.h - a file system that answers when it is allowed to.
 *
 * It is a process behind /dev/fuse (see linux/fuse.h), with a file and a FIFO
 * in it, the file also by a name that isn't asked for again once it is known,
 * and a file that can't be read, for its disk is broken, nor written, for the
 * quota is used up. For each thing that it is asked it writes a byte to
 * `asked`, and answers when it has read one from `allowed`. So who blocks the
 * thread that would allow it waits for ever. */
#ifndef SLOW_H
#define SLOW_H

#include <linux/fuse.h>
#include <sys/wait.h>

#include "folder.h"

enum { SLOW_ROOT = FUSE_ROOT_ID, SLOW_FILE, SLOW_FIFO, SLOW_BAD };

static const char slow_text[] = "slowly\n";
static int slow_asked[2], slow_allowed[2];
static pid_t slow_server;

struct slow_request {
	struct fuse_in_header in;
	char rest[70000];
};

static inline void slow_answer(int fd, const struct slow_request *request,
			       int error, const void *bytes, size_t n)
{
	struct {
		struct fuse_out_header out;
		char bytes[4096];
	} answer = { .out = { .len = (uint32_t)(sizeof answer.out + n),
			      .error = error,
			      .unique = request->in.unique } };

	memcpy(answer.bytes, bytes, n);
	if (write(fd, &answer, answer.out.len) < 0)
		return; /* nobody waits for it any more */
}

static inline struct fuse_attr slow_attributes(uint64_t node)
{
	static const uint32_t modes[] = { [SLOW_ROOT] = S_IFDIR | 0755,
					  [SLOW_FILE] = S_IFREG | 0644,
					  [SLOW_FIFO] = S_IFIFO | 0600,
					  [SLOW_BAD] = S_IFREG | 0644 };
	bool file = node == SLOW_FILE || node == SLOW_BAD;

	return (struct fuse_attr){ .ino = node,
				   .size = file ? strlen(slow_text) : 0,
				   .mode = modes[node],
				   .nlink = 1,
				   .blksize = 4096 };
}

static inline void slow_list(int fd, const struct slow_request *request)
{
	const struct fuse_read_in *in = (const void *)request->rest;
	struct {
		struct fuse_dirent entry;
		char name[8];
	} one = { { .ino = SLOW_FILE, .off = 1, .namelen = 4, .type = 8 },
		  "file" };

	slow_answer(fd, request, 0, &one,
		    in->offset == 0 ? FUSE_DIRENT_SIZE(&one.entry) : 0);
}

static inline void slow_read(int fd, const struct slow_request *request)
{
	const struct fuse_read_in *in = (const void *)request->rest;
	size_t size = strlen(slow_text);

	if (request->in.nodeid == SLOW_BAD)
		return slow_answer(fd, request, -EIO, "", 0);
	slow_answer(fd, request, 0, slow_text,
		    in->offset < size ? size - (size_t)in->offset : 0);
}

static inline void slow_look_up(int fd, const struct slow_request *request)
{
	bool known = strcmp(request->rest, "known") == 0;
	uint64_t node = known				     ? SLOW_FILE
			: strcmp(request->rest, "file") == 0 ? SLOW_FILE
			: strcmp(request->rest, "fifo") == 0 ? SLOW_FIFO
			: strcmp(request->rest, "bad") == 0  ? SLOW_BAD
							     : 0;
	struct fuse_entry_out out = { .nodeid = node,
				      .entry_valid = known ? 1000 : 0,
				      .attr = slow_attributes(node) };

	slow_answer(fd, request, node ? 0 : -ENOENT, &out,
		    node ? sizeof out : 0);
}

static inline void slow_wait(void)
{
	char c = 'x';

	if (write(slow_asked[1], &c, 1) < 1 || read(slow_allowed[0], &c, 1) < 1)
		_exit(1);
}

static inline void slow_serve_one(int fd, const struct slow_request *request)
{
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_write = 65536,
	};
	struct fuse_attr_out attributes = { .attr = slow_attributes(
						    request->in.nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (request->in.opcode) {
	case FUSE_INIT:
		slow_answer(fd, request, 0, &init, sizeof init);
		break;
	case FUSE_LOOKUP:
		slow_wait();
		slow_look_up(fd, request);
		break;
	case FUSE_GETATTR:
		slow_wait();
		slow_answer(fd, request, 0, &attributes, sizeof attributes);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		slow_wait();
		slow_answer(fd, request, 0, &opened, sizeof opened);
		break;
	case FUSE_READ:
		slow_wait();
		slow_read(fd, request);
		break;
	case FUSE_WRITE:
		slow_wait();
		slow_answer(fd, request, -EDQUOT, "", 0);
		break;
	case FUSE_READDIR:
		slow_wait();
		slow_list(fd, request);
		break;
	case FUSE_IOCTL:
		slow_wait();
		slow_answer(fd, request, -ENOTTY, "", 0);
		break;
	case FUSE_FLUSH:
		slow_wait();
		slow_answer(fd, request, 0, "", 0);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		slow_answer(fd, request, 0, "", 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		slow_answer(fd, request, -ENOSYS, "", 0);
	}
}

static inline void slow_serve(int fd)
{
	static struct slow_request request;

	for (;;) {
		ssize_t n = read(fd, &request, sizeof request);

		if (n < 0 && errno == ENODEV)
			_exit(0); /* it was unmounted */
		if (n > 0)
			slow_serve_one(fd, &request);
	}
}

/* ---- To have one */

static int slow_device = -1;

/* A world of its own, and in it a process that waits until it is needed. Before
 * any thread is there. */
static inline void prepare_slow(void)
{
	char c;

	slow_device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (slow_device < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		SKIP("a file system of our own can't be mounted here");
	CHECK_INT(mkdir("slow", 0755), ==, 0);
	CHECK_INT(pipe2(slow_asked, O_CLOEXEC), ==, 0);
	CHECK_INT(pipe2(slow_allowed, O_CLOEXEC), ==, 0);
	slow_server = fork();
	CHECK_INT(slow_server, >=, 0);
	if (slow_server == 0) {
		close(slow_asked[0]);
		close(slow_allowed[1]);
		if (read(slow_allowed[0], &c, 1) < 1)
			_exit(1);
		slow_serve(slow_device);
	}
	close(slow_asked[1]);
	close(slow_allowed[0]);
}

/* It is at "slow". */
static inline void mount_slow(void)
{
	char options[100];

	snprintf(options, sizeof options,
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", slow_device);
	if (mount("slow", "slow", "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		SKIP("a file system of our own can't be mounted here");
	CHECK_INT(write(slow_allowed[1], "x", 1), ==, 1);
	close(slow_device);
}

static inline void unmount_slow(void)
{
	CHECK_INT(umount2("slow", MNT_DETACH), ==, 0);
	CHECK_INT(waitpid(slow_server, NULL, 0), ==, slow_server);
	close(slow_asked[0]);
	close(slow_allowed[1]);
}

#endif /* SLOW_H */
