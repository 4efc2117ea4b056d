/* SPDX-License-Identifier: MIT
 * net/names.h - what a loop knows of host names. */
#ifndef SMI_NET_NAMES_H
#define SMI_NET_NAMES_H

#include <simul/address.h>

struct smi_workers;

/* The addresses of host, which is neither too long nor in numbers, without
 * their ports: up to room of them, and how many, or a negative error. May
 * suspend, and the caller has asked smi_may_suspend. */
int smi_names_find(const char *host, simul_address *addresses, size_t room);

/* The threads that look names up for the current loop, or NULL. */
struct smi_workers *smi_names_workers(void);

#endif /* SMI_NET_NAMES_H */
