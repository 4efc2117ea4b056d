/* SPDX-License-Identifier: MIT
 * io/way.h - the way into a stream that leads past our memory. */
#ifndef SMI_IO_WAY_H
#define SMI_IO_WAY_H

#include <stdbool.h>
#include <stddef.h>

#include <simul/stream.h>

/* Wait until to has no bytes of ours left and its descriptor has room. 1: that
 * is so, and from has none that were read ahead. 0: it has, or somebody was
 * quicker, so that it takes reading and writing to go on. Or an error.
 * Suspends; looks for cancellation first. */
int smi_way_clear(simul_stream *from, simul_stream *to, int fd);

/* Wait until something has come to fd, which is from's, as long as it can be
 * written to to: >= 0 or an error. Suspends. */
ptrdiff_t smi_way_await(simul_stream *from, int fd, simul_stream *to);

/* Is it the connection behind fd that has failed? Of most errors only that can
 * tell, as two are concerned. */
bool smi_way_is_broken(int fd, int error);

#endif /* SMI_IO_WAY_H */
