/* SPDX-License-Identifier: MIT
 * file/mounts.h - which file systems are mounted.
 *
 * io_uring opens a file in the loop's thread if its cache knows the name, and
 * what the file system does at an opening it does there: FUSE asks its server,
 * NFS its own (seen with FUSE and Linux 6.18). On which file system a path
 * will end nobody knows before; but often none is mounted that has anybody to
 * ask. */
#ifndef SMI_FILE_MOUNTS_H
#define SMI_FILE_MOUNTS_H

#include <stdbool.h>

#include "loop/loop.h"

/* Are all that are mounted of kinds that keep nobody waiting? Asks the system
 * again a moment after something was mounted. false if it doesn't tell. */
bool smi_mounts_are_quick(struct smi_loop *loop);

/* Was anything mounted or unmounted since *seen, which is brought up to date?
 * Asks as the other does. true if the system doesn't tell. */
bool smi_mounts_have_changed(struct smi_loop *loop, unsigned *seen);

#endif /* SMI_FILE_MOUNTS_H */
