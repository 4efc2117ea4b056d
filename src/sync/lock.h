/* SPDX-License-Identifier: MIT
 * sync/lock.h - taking a lock that must be taken. */
#ifndef SMI_SYNC_LOCK_H
#define SMI_SYNC_LOCK_H

#include <stdbool.h>

#include <simul/sync.h>

/* Does the current task hold it? */
bool smi_lock_is_mine(const simul_lock *lock);

/* Take the lock, however long that takes: cancellation does not cut it short.
 * The current task does not hold it. */
void smi_lock_take(simul_lock *lock);

#endif /* SMI_SYNC_LOCK_H */
