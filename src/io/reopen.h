/* SPDX-License-Identifier: MIT
 * io/reopen.h - what others share with us, opened once more for ourselves. */
#ifndef SMI_IO_REOPEN_H
#define SMI_IO_REOPEN_H

/* The pipe or terminal that fd stands for, opened once more, not to be waited
 * for, in the directions of flags: then nobody else's flags change. -1 if that
 * may not be. */
int smi_reopen(int fd, int flags);

#endif /* SMI_IO_REOPEN_H */
