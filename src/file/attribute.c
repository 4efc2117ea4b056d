/* SPDX-License-Identifier: MIT
 * file/attribute.c - extended attributes, by threads.
 *
 * io_uring has operations for some of these calls, but gives each of them to a
 * thread of its own, too (IORING_OP_GETXATTR and its like: REQ_F_FORCE_ASYNC).
 */
#include <simul/file.h>
#include <simul/path.h>

#include <errno.h>
#include <sys/xattr.h>

#include "file/file.h"
#include "task/threads.h"
#include "task/wait.h"

struct call {
	ssize_t (*carry_out)(const struct call *c);
	const char *path; /* NULL: fd */
	int fd;
	bool itself; /* not what the link path leads to */
	const char *name;
	void *value; /* or the names */
	size_t size;
	int flags;
};

/* ---- In a thread */

static ssize_t get(const struct call *c)
{
	if (!c->path)
		return fgetxattr(c->fd, c->name, c->value, c->size);
	return c->itself ? lgetxattr(c->path, c->name, c->value, c->size)
			 : getxattr(c->path, c->name, c->value, c->size);
}

static ssize_t set(const struct call *c)
{
	if (!c->path)
		return fsetxattr(c->fd, c->name, c->value, c->size, c->flags);
	return c->itself ? lsetxattr(c->path, c->name, c->value, c->size,
				     c->flags)
			 : setxattr(c->path, c->name, c->value, c->size,
				    c->flags);
}

static ssize_t list(const struct call *c)
{
	if (!c->path)
		return flistxattr(c->fd, c->value, c->size);
	return c->itself ? llistxattr(c->path, c->value, c->size)
			 : listxattr(c->path, c->value, c->size);
}

static ssize_t take_away(const struct call *c)
{
	if (!c->path)
		return fremovexattr(c->fd, c->name);
	return c->itself ? lremovexattr(c->path, c->name)
			 : removexattr(c->path, c->name);
}

static int carry_out(void *arg)
{
	const struct call *c = arg;
	ssize_t r = c->carry_out(c);

	return r < 0 ? -errno : (int)r;
}

static int call(struct call c)
{
	return smi_call_in_worker(carry_out, &c);
}

/* The file must stay open meanwhile. */
static int call_on_file(simul_stream *s, struct call c)
{
	const struct smi_descriptor *file = smi_file_of(s);
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!file)
		return -EBADF;
	c.fd = file->fd;
	s->users++;
	r = call(c);
	s->users--;
	return r;
}

/* ---- By path */

int simul_getxattr(const char *path, const char *name, void *value, size_t room)
{
	return call((struct call){ .carry_out = get,
				   .path = path,
				   .name = name,
				   .value = value,
				   .size = room });
}

int simul_lgetxattr(const char *path, const char *name, void *value,
		    size_t room)
{
	return call((struct call){ .carry_out = get,
				   .path = path,
				   .itself = true,
				   .name = name,
				   .value = value,
				   .size = room });
}

int simul_setxattr(const char *path, const char *name, const void *value,
		   size_t size, int flags)
{
	return call((struct call){ .carry_out = set,
				   .path = path,
				   .name = name,
				   .value = (void *)value,
				   .size = size,
				   .flags = flags });
}

int simul_lsetxattr(const char *path, const char *name, const void *value,
		    size_t size, int flags)
{
	return call((struct call){ .carry_out = set,
				   .path = path,
				   .itself = true,
				   .name = name,
				   .value = (void *)value,
				   .size = size,
				   .flags = flags });
}

int simul_listxattr(const char *path, char *names, size_t room)
{
	return call((struct call){ .carry_out = list,
				   .path = path,
				   .value = names,
				   .size = room });
}

int simul_llistxattr(const char *path, char *names, size_t room)
{
	return call((struct call){ .carry_out = list,
				   .path = path,
				   .itself = true,
				   .value = names,
				   .size = room });
}

int simul_removexattr(const char *path, const char *name)
{
	return call((struct call){
		.carry_out = take_away, .path = path, .name = name });
}

int simul_lremovexattr(const char *path, const char *name)
{
	return call((struct call){ .carry_out = take_away,
				   .path = path,
				   .itself = true,
				   .name = name });
}

/* ---- Of an open file */

int simul_file_getxattr(simul_stream *s, const char *name, void *value,
			size_t room)
{
	return call_on_file(s, (struct call){ .carry_out = get,
					      .name = name,
					      .value = value,
					      .size = room });
}

int simul_file_setxattr(simul_stream *s, const char *name, const void *value,
			size_t size, int flags)
{
	return call_on_file(s, (struct call){ .carry_out = set,
					      .name = name,
					      .value = (void *)value,
					      .size = size,
					      .flags = flags });
}

int simul_file_listxattr(simul_stream *s, char *names, size_t room)
{
	return call_on_file(s, (struct call){ .carry_out = list,
					      .value = names,
					      .size = room });
}

int simul_file_removexattr(simul_stream *s, const char *name)
{
	return call_on_file(
		s, (struct call){ .carry_out = take_away, .name = name });
}
