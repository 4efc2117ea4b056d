/* SPDX-License-Identifier: MIT
 * file/send_file.c - from a file into a socket, past our memory.
 *
 * By sendfile(2), which needs no copy, in a thread, as the file may be on a
 * disk. The thread doesn't wait until there is room in the socket: that is done
 * by the loop. Meanwhile others may write, and the file is nobody's.
 */
#include "file/send_file.h"

#include <errno.h>

#include "file/file.h"
#include "io/perform.h"
#include "io/way.h"

/* A thread is busy with so much; then others have their turn. */
enum { AT_ONCE = 1 << 20 };

static int perform(struct smi_descriptor *file, int fd, size_t n)
{
	struct smi_op op = { .kind = SMI_OP_SENDFILE,
			     .fd = fd,
			     .other_fd = file->fd,
			     .offset = file->shared ? SMI_OP_CURSOR
						    : file->position,
			     .length = n };
	int r = smi_perform(&op);

	if (r > 0)
		file->position += (unsigned)r;
	return r;
}

/* Both are ours meanwhile. */
static int send_some(simul_stream *from, simul_stream *to, int fd, size_t n)
{
	int r;

	from->reader = smi_current;
	to->users++;
	r = smi_file_settle(smi_file_of(from));
	if (r >= 0 && smi_stream_seize(to)) {
		r = perform(smi_file_of(from), fd, n);
		if (smi_way_is_broken(fd, r))
			smi_stream_let_go(to, r);
		else
			smi_stream_let_go(to, r > 0 ? r : 0);
	}
	to->users--;
	from->reader = NULL;
	return r;
}

ptrdiff_t smi_send_file(simul_stream *from, simul_stream *to, int *way,
			uint64_t most)
{
	size_t n = most < AT_ONCE ? (size_t)most : AT_ONCE;
	int r;

	if (smi_file_of(from)->patient) {
		*way = -1;
		return 0;
	}
	do {
		r = smi_way_clear(from, to, *way);
		if (r <= 0)
			return r;
		r = send_some(from, to, *way, n);
	} while (r == -EAGAIN);
	if (r >= 0 || r == -ECANCELED || smi_way_is_broken(*way, r))
		return r;
	*way = -1;
	return 0;
}
