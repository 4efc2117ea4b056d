/* SPDX-License-Identifier: MIT
 * net/unix_path.h - the files of Unix sockets: how they come and go. */
#ifndef SMI_NET_UNIX_PATH_H
#define SMI_NET_UNIX_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include <simul/address.h>

/* The file that a socket of ours has made, to be known again. */
struct smi_unix_file {
	bool exists;
	dev_t device;
	ino_t inode;
};

/* Has it a path, rather than an abstract name or another kind of address? */
bool smi_unix_has_path(const simul_address *address);

/* Bind a socket that has_path. The file gets this mode, unless that is 0; one
 * that was left by somebody who is gone is replaced. 0 or a negative error;
 * after one there is no file of ours. */
int smi_unix_bind(int fd, const simul_address *address, unsigned mode,
		  struct smi_unix_file *ret_file);

/* Remove the file, if it is still the one. */
void smi_unix_remove(const simul_address *address,
		     const struct smi_unix_file *file);

#endif /* SMI_NET_UNIX_PATH_H */
