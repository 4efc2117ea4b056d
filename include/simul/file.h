/* SPDX-License-Identifier: MIT
 * simul/file.h - files as streams.
 *
 *	simul_stream *f;
 *	int r = simul_open("urls.txt", O_RDONLY, 0, &f);
 *
 *	while (r >= 0 && (r = simul_read_line(f, &line, NULL)) > 0)
 *		...
 *	simul_close(f);
 *
 * No call here blocks the loop: the kernel does the work by itself (io_uring),
 * or a thread does.
 */
#ifndef SIMUL_FILE_H
#define SIMUL_FILE_H

#include <fcntl.h>

#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Open the file path with the flags of open(2), O_RDONLY or O_WRONLY and
 * perhaps O_CREAT, O_APPEND, O_TRUNC, O_EXCL, ..., and mode for a file that is
 * created. It is not inherited by programs that are started. O_RDWR is
 * -SIMUL_EUNSUPPORTED so far. What was written is in the file, and its errors
 * are known, when simul_flush or simul_close has returned 0. To open a FIFO
 * doesn't wait for somebody at its other end: to read does, and to write where
 * nobody reads is -ENXIO here and -EPIPE later, but no signal.
 * Suspends: always. Cancelled: nothing is open, though the file may have been
 * created. */
SIMUL_API int simul_open(const char *path, int flags, unsigned mode,
			 simul_stream **ret_stream);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_FILE_H */
