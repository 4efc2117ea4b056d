/* SPDX-License-Identifier: MIT
 * file/file_system.h - what is known of the file systems that files are on. */
#ifndef SMI_FILE_FILE_SYSTEM_H
#define SMI_FILE_FILE_SYSTEM_H

#include <stdbool.h>

#include "loop/op.h"

/* Might the kernel, asked for bytes of this file by the loop's thread, keep it
 * waiting for somebody else? io_uring tries a read there first, and some file
 * systems wait although they are told not to: FUSE for one asks its server
 * whether the file has changed (seen with Linux 6.18). Such files are left to
 * workers. May suspend, for the first file of a device. */
bool smi_file_is_slow(int fd);

/* Carry out op, an SMI_OP_OPEN, as smi_perform does, where it keeps nobody
 * waiting. *ret_slow, unless NULL, is whether what was opened is_slow. */
int smi_file_open(struct smi_op *op, bool *ret_slow);

#endif /* SMI_FILE_FILE_SYSTEM_H */
