/* SPDX-License-Identifier: MIT
 * file/file.h - files as streams, for those who do more with them than to read
 * and write.
 *
 * The position is ours, so that nothing depends on how far the system came
 * before a failure; but for files that others move in, too (standard input
 * and output), or that are appended to: there it is that of the system. What
 * was read ahead lies before it, what waits to leave comes after it. If a file
 * is open for both, at most one of these two is there at a time: to read waits
 * until everything has left, and to write takes back what was read ahead.
 */
#ifndef SMI_FILE_FILE_H
#define SMI_FILE_FILE_H

#include "io/descriptor.h"

/* The file that s is, or NULL if it is something else. */
struct smi_descriptor *smi_file_of(simul_stream *s);

/* Make a stream of fd, which was opened with these flags. It is the stream's
 * unless lent; after an error it is still the caller's. */
int smi_file_adopt(int fd, int flags, bool lent, simul_stream **ret_stream);

/* Forget what was read ahead: the next read begins where the reader is. -EBUSY
 * while somebody reads; -ESPIPE if there is no position. */
int smi_file_take_back(struct smi_descriptor *file);

/* Wait until all that was written has left. */
int smi_file_settle(struct smi_descriptor *file);

/* What a read from it is to have in its flags. */
int smi_file_read_flags(const struct smi_descriptor *file);

/* What a write to it is to have in its flags just now. */
int smi_file_write_flags(const struct smi_descriptor *file);

#endif /* SMI_FILE_FILE_H */
