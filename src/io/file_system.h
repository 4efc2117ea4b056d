/* SPDX-License-Identifier: MIT
 * io/file_system.h - what is known of the file systems that files are on. */
#ifndef SMI_IO_FILE_SYSTEM_H
#define SMI_IO_FILE_SYSTEM_H

#include <stdbool.h>

/* Might the kernel, asked for bytes of this file by the loop's thread, keep it
 * waiting for somebody else? io_uring tries a read there first, and some file
 * systems wait although they are told not to: FUSE for one asks its server
 * whether the file has changed (seen with Linux 6.18). Such files are left to
 * workers. May suspend, for the first file of a device. */
bool smi_file_is_slow(int fd);

#endif /* SMI_IO_FILE_SYSTEM_H */
