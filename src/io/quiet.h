/* SPDX-License-Identifier: MIT
 * io/quiet.h - write where perhaps nobody reads, without a signal. */
#ifndef SMI_IO_QUIET_H
#define SMI_IO_QUIET_H

#include <stddef.h>
#include <sys/types.h>

/* write(2), but where nobody reads any more it is -EPIPE and no SIGPIPE.
 * How many bytes, or a negative error. */
ssize_t smi_write_quietly(int fd, const void *bytes, size_t n);

#endif /* SMI_IO_QUIET_H */
