/* SPDX-License-Identifier: MIT
 * io/quiet.h - write where perhaps nobody reads, without a signal. */
#ifndef SMI_IO_QUIET_H
#define SMI_IO_QUIET_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* write(2), but where nobody reads any more it is -EPIPE and no SIGPIPE.
 * How many bytes, or a negative error. */
ssize_t smi_write_quietly(int fd, const void *bytes, size_t n);

/* What else may raise a SIGPIPE, as a signal to the thread, goes between these
 * two; broken: it may have, if it was free to. */
struct smi_hush {
	sigset_t old;
	bool was_pending;
};
void smi_hush(struct smi_hush *hush);
void smi_unhush(const struct smi_hush *hush, bool broken);

#endif /* SMI_IO_QUIET_H */
