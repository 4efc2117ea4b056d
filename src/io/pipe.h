/* SPDX-License-Identifier: MIT
 * io/pipe.h - streams over the ends of pipes and over terminals. */
#ifndef SMI_IO_PIPE_H
#define SMI_IO_PIPE_H

#include <simul/stream.h>

/* Make a stream without a descriptor, or NULL. That comes first, so that
 * nothing that was opened is lost for want of memory. */
simul_stream *smi_pipe_new(void);

/* Give it fd, which is nobody else's and non-blocking. */
void smi_pipe_set(simul_stream *s, int fd);

/* Free one that has none. */
void smi_pipe_discard(simul_stream *s);

/* Its descriptor; -1 when it has been shut down. */
int smi_pipe_fd(const simul_stream *s);

#endif /* SMI_IO_PIPE_H */
