/* SPDX-License-Identifier: MIT
 * loop/awake.h - a wait in which the thread stays awake, if that is likely to
 * be enough.
 *
 * To put a thread to sleep and to wake it again takes longer than many a peer
 * needs to answer, above all in a virtual machine. So a loop may be told to
 * stay awake for so long (loop->spin), which it does as long as its last waits
 * have been that short. At rest none is.
 */
#ifndef SMI_LOOP_AWAKE_H
#define SMI_LOOP_AWAKE_H

#include "loop/loop.h"

/* Have the loop stay awake for spin ns; 0: never. At first it doesn't. */
void smi_loop_set_spin(struct smi_loop *loop, uint64_t spin);

/* The backend's wait, for a loop that has nothing ready and may stay
 * awake. It may return early for no reason. */
int smi_loop_wait_awake(struct smi_loop *loop, uint64_t timeout);

#endif /* SMI_LOOP_AWAKE_H */
