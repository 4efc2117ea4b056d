/* SPDX-License-Identifier: MIT
 * simul/pipe.h - pipes and terminals as streams.
 *
 *	simul_stream *from, *to;
 *	int r = simul_pipe(&from, &to);
 *
 * What is written to one end is read from the other, by this program or by a
 * child that has the end (see simul/process.h). Within one loop a pair in
 * memory (simul_stream_pair) is cheaper.
 *
 * simul_shutdown_write closes an end that is written to, which is what its
 * reader sees as the end of the stream. To write where nobody reads any more
 * is -EPIPE, never a SIGPIPE.
 */
#ifndef SIMUL_PIPE_H
#define SIMUL_PIPE_H

#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make a pipe: what is written to *ret_to is read from *ret_from. Neither end
 * is inherited by programs that are started. -ENOMEM, -EMFILE, -ENFILE.
 * Suspends: never. */
SIMUL_API int simul_pipe(simul_stream **ret_from, simul_stream **ret_to);

/* Make a stream of a descriptor of yours that is one end of a pipe, a FIFO or
 * a terminal, in the directions that it was opened for. From then on the
 * stream owns it: it is closed with the stream, and may have another number.
 * After an error it is still yours. -EINVAL: it is something else. (For sockets
 * there is simul_socket_adopt, for files simul_file_adopt.)
 *
 * A descriptor that you have inherited is often shared with other processes,
 * which would be surprised to find it non-blocking. Its flags are not changed:
 * where it is not non-blocking already, the stream opens the same pipe or
 * terminal once more for itself; and where that may not be, threads do the
 * reading and writing.
 * Suspends: never. */
SIMUL_API int simul_pipe_adopt(int fd, simul_stream **ret_stream);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_PIPE_H */
