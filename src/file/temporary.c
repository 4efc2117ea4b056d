/* SPDX-License-Identifier: MIT
 * file/temporary.c - files and directories that go away by themselves. */
#include "file/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include <simul/copy.h>
#include <simul/file.h>
#include <simul/path.h>
#include <simul/scope.h>
#include <simul/temporary.h>

#include "base/alloc.h"
#include "file/file.h"
#include "file/random_name.h"
#include "task/wait.h"

/* The environment of a program with more rights than its caller is not to be
 * trusted. */
const char *smi_temporary_place(const char *directory)
{
	const char *place = directory ? directory : secure_getenv("TMPDIR");

	return place && *place ? place : "/tmp";
}

static const char *or_else(const char *text, const char *other)
{
	return text ? text : other;
}

/* ---- Files */

static int make_named(const char *path, void *arg)
{
	simul_stream **ret_stream = arg;

	return simul_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, ret_stream);
}

int simul_temporary_named_file(const char *directory, const char *prefix,
			       const char *suffix, simul_stream **ret_stream,
			       const char **ret_path)
{
	simul_stream *s;
	char *path;
	int r = smi_with_random_name(smi_temporary_place(directory),
				     or_else(prefix, "simul-"), suffix,
				     make_named, &s, &path);

	if (r < 0)
		return r;
	smi_file_of(s)->name_to_remove = path;
	*ret_stream = s;
	*ret_path = path;
	return 0;
}

/* File systems that can't make one without a name say so in these ways. */
static bool needs_name(int error)
{
	return error == -EOPNOTSUPP || error == -EISDIR || error == -ENOENT;
}

static int without_its_name(simul_stream *s, simul_stream **ret_stream)
{
	struct smi_descriptor *file = smi_file_of(s);
	int r = simul_unlink(file->name_to_remove);

	if (r < 0) {
		simul_close(s);
		return r;
	}
	smi_free(file->name_to_remove);
	file->name_to_remove = NULL;
	*ret_stream = s;
	return 0;
}

int simul_temporary_file(const char *directory, simul_stream **ret_stream)
{
	simul_stream *s;
	const char *path;
	int r = simul_open(smi_temporary_place(directory), O_TMPFILE | O_RDWR,
			   0600, ret_stream);

	if (!needs_name(r))
		return r;
	r = simul_temporary_named_file(directory, NULL, NULL, &s, &path);
	return r < 0 ? r : without_its_name(s, ret_stream);
}

/* ---- Directories */

struct simul_temporary_directory {
	char *path;
};

static int make_directory(const char *path, void *arg)
{
	return simul_mkdir(path, 0700);
}

int simul_temporary_directory_open(const char *directory, const char *prefix,
				   simul_temporary_directory **ret_temporary)
{
	simul_temporary_directory *t = smi_alloc(sizeof *t);
	int r;

	if (!t)
		return -ENOMEM;
	r = smi_with_random_name(smi_temporary_place(directory),
				 or_else(prefix, "simul-"), NULL,
				 make_directory, NULL, &t->path);
	if (r < 0)
		smi_free(t);
	else
		*ret_temporary = t;
	return r;
}

const char *
simul_temporary_directory_path(const simul_temporary_directory *temporary)
{
	return temporary->path;
}

static int remove_all(void *path)
{
	return simul_remove_tree(path);
}

int simul_temporary_directory_close(simul_temporary_directory *temporary)
{
	int r;

	if (!temporary)
		return 0;
	if (!smi_current)
		return -EPERM;
	r = simul_shield(remove_all, temporary->path);
	smi_free(temporary->path);
	smi_free(temporary);
	return r == -ENOENT ? 0 : r;
}
