/* SPDX-License-Identifier: MIT
 * io/splice.h - from descriptor to descriptor, past our memory.
 *
 * splice(2) hands on the pages that bytes are in, but one of the two has to be
 * a pipe. So between two sockets is one of the loop's, which is empty whenever
 * a task suspends: what comes in goes out at once, and what there is no room
 * for is read from it and waits in the stream, as if it had been written. So
 * a cancellation finds no bytes on the way, and connections that idle have no
 * pipe.
 */
#ifndef SMI_IO_SPLICE_H
#define SMI_IO_SPLICE_H

#include <stddef.h>
#include <stdint.h>

#include <simul/stream.h>

/* Send up to most bytes that have come to the descriptor fd of from, of which
 * nobody has read ahead, to to, of which nothing is unsent and to which *way
 * leads. Does not suspend. How many; 0 at the end, or where it takes reading
 * and writing to go on, and *way is -1 if that is so for good; -EAGAIN: nothing
 * has come. Or an error: of to, which is its write_error then, or else of from.
 * Neither has lost anything. */
ptrdiff_t smi_splice_over(simul_stream *from, int fd, simul_stream *to,
			  int *way, uint64_t most);

/* The same from a pipe, which needs no other. */
ptrdiff_t smi_splice(simul_stream *from, int fd, simul_stream *to, int *way,
		     uint64_t most);

#endif /* SMI_IO_SPLICE_H */
