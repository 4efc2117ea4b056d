/* SPDX-License-Identifier: MIT
 * file/directory.c - what is in a directory. */
#include <simul/directory.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "file/listing.h"
#include "io/perform.h"
#include "task/threads.h"
#include "task/wait.h"

struct simul_directory {
	struct smi_listing listing;
	char block[SMI_LISTING_ROOM];
};

/* ---- Open, next, close */

struct open_call {
	simul_directory *directory;
	int dir;
	const char *path;
	int flags;
};

static int call_open(void *arg)
{
	const struct open_call *call = arg;

	return smi_listing_open(&call->directory->listing, call->dir,
				call->path, call->flags);
}

int simul_directory_open_at(int dir, const char *path, int flags,
			    simul_directory **ret_directory)
{
	struct open_call call = { NULL, dir, path, flags };
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (flags & ~O_NOFOLLOW)
		return -EINVAL;
	call.directory = smi_alloc(sizeof *call.directory);
	if (!call.directory)
		return -ENOMEM;
	call.directory->listing =
		(struct smi_listing){ .block = call.directory->block };
	r = smi_call_in_worker(call_open, &call);
	if (r < 0) {
		smi_free(call.directory);
		return r;
	}
	*ret_directory = call.directory;
	return 0;
}

int simul_directory_open(const char *path, simul_directory **ret_directory)
{
	return simul_directory_open_at(AT_FDCWD, path, 0, ret_directory);
}

static int call_fill(void *arg)
{
	smi_listing_fill(arg);
	return 0;
}

/* Something to be taken; or NULL, and 0 if there is no more, or an error. */
static const struct dirent64 *have(struct smi_listing *l, int *ret_error)
{
	const struct dirent64 *entry;
	int r = 0;

	while (!(entry = smi_listing_peek(l)) && r >= 0) {
		if (l->ended || l->error) {
			*ret_error = l->error;
			return NULL;
		}
		r = smi_call_in_worker(call_fill, l);
	}
	*ret_error = r;
	return entry;
}

int simul_directory_next(simul_directory *directory, simul_entry *ret_entry)
{
	const struct dirent64 *entry;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	entry = have(&directory->listing, &r);
	if (!entry)
		return r < 0 ? r : 0;
	*ret_entry = (simul_entry){ .name = entry->d_name,
				    .type = DTTOIF(entry->d_type),
				    .inode = entry->d_ino };
	smi_listing_take(&directory->listing);
	return 1;
}

int simul_directory_fd(const simul_directory *directory)
{
	return directory->listing.fd;
}

int simul_directory_close(simul_directory *directory)
{
	int r;

	if (!directory)
		return 0;
	if (!smi_current)
		return -EPERM;
	r = smi_close_fd(directory->listing.fd);
	smi_free(directory);
	return r;
}

/* ---- All at once
 *
 * The names are gathered one behind the other, and then get their pointers in
 * front of them: one block for its user to free. */

static int gather_names(simul_directory *directory, struct smi_buffer *names)
{
	simul_entry entry;
	int r, count = 0;

	while ((r = simul_directory_next(directory, &entry)) > 0) {
		if (count == INT_MAX)
			return -EOVERFLOW;
		r = smi_buffer_append(names, entry.name,
				      strlen(entry.name) + 1);
		if (r < 0)
			return r;
		count++;
	}
	return r < 0 ? r : count;
}

static int arrange(const struct smi_buffer *names, size_t count,
		   char ***ret_names)
{
	size_t pointers = (count + 1) * sizeof(char *);
	size_t length = smi_buffer_length(names);
	char **list = smi_alloc(pointers + length);
	char *text;

	if (!list)
		return -ENOMEM;
	text = (char *)list + pointers;
	if (length > 0)
		memcpy(text, smi_buffer_bytes(names), length);
	for (size_t i = 0; i < count; i++) {
		list[i] = text;
		text += strlen(text) + 1;
	}
	list[count] = NULL;
	*ret_names = list;
	return (int)count;
}

int simul_listdir(const char *path, char ***ret_names)
{
	struct smi_buffer names = { 0 };
	simul_directory *directory;
	int r = simul_directory_open(path, &directory);

	if (r < 0)
		return r;
	r = gather_names(directory, &names);
	simul_directory_close(directory);
	if (r >= 0)
		r = arrange(&names, (size_t)r, ret_names);
	smi_buffer_done(&names);
	return r;
}
