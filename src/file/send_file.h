/* SPDX-License-Identifier: MIT
 * file/send_file.h - from a file into a socket, past our memory. */
#ifndef SMI_FILE_SEND_FILE_H
#define SMI_FILE_SEND_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <simul/stream.h>

/* For ops->send_into of files. */
ptrdiff_t smi_send_file(simul_stream *from, simul_stream *to, int *way,
			uint64_t most);

#endif /* SMI_FILE_SEND_FILE_H */
