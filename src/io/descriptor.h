/* SPDX-License-Identifier: MIT
 * io/descriptor.h - streams over a descriptor: what files and sockets have in
 * common. */
#ifndef SMI_IO_DESCRIPTOR_H
#define SMI_IO_DESCRIPTOR_H

#include "io/stream.h"
#include "loop/op.h"

struct smi_descriptor {
	simul_stream stream;
	int fd;
	bool patient;	      /* wait until it is ready, as it may never be */
	bool lent;	      /* fd is somebody else's to close */
	bool slow;	      /* the loop's thread must not ask for its bytes */
	bool shared;	      /* its position is the system's to move */
	uint64_t position;    /* of the next read or write, else */
	char *name_to_remove; /* when it is closed, or NULL; smi_alloc'd */
	struct smi_spool *spool; /* it is in memory so far, if not NULL */
	int broken;		 /* the error that ended reading */
	struct smi_op op;	 /* the write that is under way */
};

/* Make a stream of size bytes without its descriptor, which the caller sets, or
 * NULL. That comes first, so that no connection is lost for want of memory. */
struct smi_descriptor *smi_descriptor_new(const struct smi_stream_ops *ops,
					  size_t size);

/* Free one that has none. */
void smi_descriptor_discard(struct smi_descriptor *d);

/* For ops->write: begin op, of which kind and flags are set. */
ptrdiff_t smi_descriptor_write(struct smi_descriptor *d,
			       const struct smi_op *op, const void *bytes,
			       size_t n);

/* d->op has ended. If it was a signal of the kernel's own that has ended it,
 * the write begins anew: true. */
bool smi_descriptor_writes_again(struct smi_descriptor *d);

/* For ops->is_quiet: has none of events (POLLIN ...) come to fd, nor an error?
 */
bool smi_fd_is_quiet(int fd, short events);

/* For ops->cancel_write. */
void smi_descriptor_cancel_write(simul_stream *s);

#endif /* SMI_IO_DESCRIPTOR_H */
