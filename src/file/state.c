/* SPDX-License-Identifier: MIT
 * file/state.c - what an open file is, and what becomes of it on its
 * disk. */
#include <simul/file.h>

#include <errno.h>
#include <unistd.h>

#include <simul/path.h>

#include "file/file.h"
#include "file/spool.h"
#include "file/stat.h"
#include "io/perform.h"
#include "task/wait.h"

int simul_file_fd(simul_stream *s)
{
	const struct smi_descriptor *file = smi_file_of(s);

	return file ? file->fd : -EBADF;
}

bool simul_is_terminal(simul_stream *s)
{
	const struct smi_descriptor *file = smi_file_of(s);

	/* Of another file somebody else might have to be asked. */
	return file && file->patient && isatty(file->fd) == 1;
}

/* The file that s is, when all that was written to it has left. */
static int settle(simul_stream *s, struct smi_descriptor **ret_file)
{
	struct smi_descriptor *file = smi_file_of(s);
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!file)
		return -EBADF;
	*ret_file = file;
	return smi_file_settle(file);
}

/* ---- Its state */

static int look(simul_stream *s, unsigned mask, struct statx *ret_state)
{
	struct smi_descriptor *file;
	int r = settle(s, &file);

	return r < 0 ? r
		     : smi_statx(file->fd, "", AT_EMPTY_PATH, mask, ret_state);
}

int simul_file_stat(simul_stream *s, struct stat *ret_stat)
{
	struct statx x;
	int r = look(s, STATX_BASIC_STATS, &x);

	if (r >= 0)
		smi_stat_from(&x, ret_stat);
	return r;
}

int64_t simul_file_size(simul_stream *s)
{
	struct statx x;
	int r = look(s, STATX_SIZE, &x);

	return r < 0 ? r : (int64_t)x.stx_size;
}

/* ---- Its disk */

/* An operation on the file after all that was written to it. */
static int perform_after(simul_stream *s, struct smi_op *op)
{
	struct smi_descriptor *file;
	int r = settle(s, &file);

	if (r < 0)
		return r;
	op->fd = file->fd;
	s->users++;
	r = smi_perform(op);
	s->users--;
	return r;
}

int simul_sync(simul_stream *s)
{
	struct smi_op op = { .kind = SMI_OP_SYNC };

	return perform_after(s, &op);
}

int simul_sync_data(simul_stream *s)
{
	struct smi_op op = { .kind = SMI_OP_SYNC, .flags = SMI_OP_DATA };

	return perform_after(s, &op);
}

int simul_allocate(simul_stream *s, int64_t offset, int64_t length)
{
	struct smi_op op = { .kind = SMI_OP_ALLOCATE,
			     .offset = (uint64_t)offset,
			     .length = (size_t)length };
	struct smi_descriptor *file;
	int r;

	if (offset < 0 || length <= 0)
		return -EINVAL;
	r = settle(s, &file);
	if (r >= 0)
		r = smi_spool_begin(file, (uint64_t)offset + (uint64_t)length);
	if (r < 0)
		return r;
	r = perform_after(s, &op);
	smi_spool_end(file);
	return r;
}

int simul_advise(simul_stream *s, int64_t offset, int64_t length, int advice)
{
	struct smi_op op = { .kind = SMI_OP_ADVISE,
			     .offset = (uint64_t)offset,
			     .length = (size_t)length,
			     .flags = advice };

	return offset < 0 || length < 0 ? -EINVAL : perform_after(s, &op);
}
