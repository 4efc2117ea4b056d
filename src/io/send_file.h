/* SPDX-License-Identifier: MIT
 * io/send_file.h - from a file into a socket, past our memory. */
#ifndef SMI_IO_SEND_FILE_H
#define SMI_IO_SEND_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <simul/stream.h>

/* Where what is in from may go to without us: to's descriptor, or -1. */
int smi_send_file_to(simul_stream *from, simul_stream *to);

/* Send up to most bytes of from there, when all that was written to to before
 * has left: how many; an error, as of simul_copy; or 0 at the end of the file,
 * and wherever else it takes reading and writing to go on. If that is so for
 * good, *way becomes -1. */
ptrdiff_t smi_send_file(simul_stream *from, simul_stream *to, int *way,
			uint64_t most);

#endif /* SMI_IO_SEND_FILE_H */
