/* SPDX-License-Identifier: MIT
 * file/position.c - where in a file is read and written. */
#include <simul/file.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "file/file.h"
#include "file/spool.h"
#include "io/perform.h"
#include "task/threads.h"
#include "task/wait.h"

/* ---- The position */

/* Everything has left, nobody reads, and this is the file. */
static int settle(simul_stream *s, struct smi_descriptor **ret_file)
{
	struct smi_descriptor *file = smi_file_of(s);
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!file || file->patient)
		return -ESPIPE;
	r = smi_file_settle(file);
	if (r < 0)
		return r;
	if (s->reader)
		return -EBUSY;
	*ret_file = file;
	return 0;
}

struct lseek_call {
	int fd;
	int whence;
	int64_t offset;
};

static int call_lseek(void *arg)
{
	struct lseek_call *call = arg;

	call->offset = lseek(call->fd, call->offset, call->whence);
	return call->offset < 0 ? -errno : 0;
}

/* Where the end of a file is, or a hole in it, only its disk may know. */
static int64_t ask_system(const struct smi_descriptor *file, int64_t offset,
			  int whence)
{
	bool known = whence == SEEK_SET || whence == SEEK_CUR;
	struct lseek_call call = { file->fd, whence, offset };
	int r = known ? call_lseek(&call)
		      : smi_call_in_worker(call_lseek, &call);

	return r < 0 ? r : call.offset;
}

/* What was read ahead included. */
static int64_t position_of(const struct smi_descriptor *file)
{
	return file->shared ? ask_system(file, 0, SEEK_CUR)
			    : (int64_t)file->position;
}

static int64_t go_to(const struct smi_descriptor *file, int64_t offset)
{
	if (offset < 0)
		return -EINVAL;
	return file->shared ? ask_system(file, offset, SEEK_SET) : offset;
}

static int64_t go_on(const struct smi_descriptor *file, int64_t offset)
{
	int64_t position = position_of(file);

	if (position < 0)
		return position;
	position -= (int64_t)smi_input_length(&file->stream.in);
	return offset > INT64_MAX - position ? -EOVERFLOW
					     : go_to(file, position + offset);
}

static int64_t go(simul_stream *s, const struct smi_descriptor *file,
		  int64_t offset, int whence)
{
	int64_t position;

	if (whence == SEEK_SET)
		return go_to(file, offset);
	if (whence == SEEK_CUR)
		return go_on(file, offset);
	/* While a thread looks, nobody reads or writes. */
	s->reader = smi_current;
	position = ask_system(file, offset, whence);
	s->reader = NULL;
	return position;
}

int64_t simul_seek(simul_stream *s, int64_t offset, int whence)
{
	struct smi_descriptor *file;
	int64_t position;
	int r = settle(s, &file);

	if (r < 0)
		return r;
	position = go(s, file, offset, whence);
	if (position < 0)
		return position;
	file->position = (uint64_t)position;
	smi_input_take(&s->in, smi_input_length(&s->in));
	return position;
}

int64_t simul_tell(simul_stream *s)
{
	struct smi_descriptor *file;
	int64_t position;
	int r = settle(s, &file);

	if (r < 0)
		return r;
	position = position_of(file);
	return position < 0 ? position
			    : position - (int64_t)smi_input_length(&s->in);
}

static int perform_for(simul_stream *s, struct smi_op *op)
{
	int r;

	s->users++;
	r = smi_perform(op);
	s->users--;
	return r;
}

int simul_truncate(simul_stream *s, int64_t length)
{
	struct smi_op op = { .kind = SMI_OP_TRUNCATE,
			     .offset = (uint64_t)length };
	struct smi_descriptor *file;
	int r = settle(s, &file);

	if (r >= 0)
		r = smi_file_take_back(file);
	if (r < 0)
		return r;
	if (length < 0)
		return -EINVAL;
	r = smi_spool_begin(file, (uint64_t)length);
	if (r < 0)
		return r;
	op.fd = file->fd;
	r = perform_for(s, &op);
	smi_spool_end(file);
	return r;
}

/* ---- At a place of one's own */

/* What was written before is there, and the stream stays. */
static int begin_at(simul_stream *s, int64_t offset,
		    struct smi_descriptor **ret_file)
{
	struct smi_descriptor *file = smi_file_of(s);
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!file || file->patient)
		return -ESPIPE;
	if (offset < 0)
		return -EINVAL;
	*ret_file = file;
	return smi_file_settle(file);
}

ptrdiff_t simul_pread(simul_stream *s, void *buffer, size_t n, int64_t offset)
{
	struct smi_descriptor *file;
	struct smi_op op = { .kind = SMI_OP_READ,
			     .buffer = buffer,
			     .length = n,
			     .offset = (uint64_t)offset };
	int r = begin_at(s, offset, &file);

	if (r < 0 || n == 0)
		return r;
	op.fd = file->fd;
	op.flags = smi_file_read_flags(file);
	return perform_for(s, &op);
}

static int write_at(struct smi_descriptor *file, const void *bytes, size_t n,
		    int64_t offset)
{
	size_t done = 0;
	int r = 0;

	while (r >= 0 && done < n) {
		struct smi_op op = { .kind = SMI_OP_WRITE,
				     .fd = file->fd,
				     .buffer = (char *)bytes + done,
				     .length = n - done,
				     .offset = (uint64_t)offset + done,
				     .flags = smi_file_write_flags(file) };

		r = perform_for(&file->stream, &op);
		if (r == 0)
			r = -EIO;
		if (r > 0)
			done += (size_t)r;
	}
	return r < 0 ? r : 0;
}

int simul_pwrite(simul_stream *s, const void *bytes, size_t n, int64_t offset)
{
	struct smi_descriptor *file;
	int r = begin_at(s, offset, &file);

	/* It may be what was read ahead that is written now. */
	if (r >= 0)
		r = smi_file_take_back(file);
	if (r >= 0)
		r = smi_spool_begin(file, (uint64_t)offset + n);
	if (r < 0)
		return r;
	r = write_at(file, bytes, n, offset);
	smi_spool_end(file);
	return r;
}
