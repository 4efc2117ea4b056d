/* SPDX-License-Identifier: MIT
 * file/stat.h - the state of a file. */
#ifndef SMI_FILE_STAT_H
#define SMI_FILE_STAT_H

#include <sys/stat.h>

/* statx(2), as a call that suspends. */
int smi_statx(int dir, const char *path, int flags, unsigned mask,
	      struct statx *ret_state);

/* The same in the words of stat(2). */
void smi_stat_from(const struct statx *x, struct stat *ret_stat);

#endif /* SMI_FILE_STAT_H */
