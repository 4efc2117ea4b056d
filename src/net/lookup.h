/* SPDX-License-Identifier: MIT
 * net/lookup.h - the system's resolver, which blocks. */
#ifndef SMI_NET_LOOKUP_H
#define SMI_NET_LOOKUP_H

#include <simul/address.h>

/* The longest name that the domain name system knows, with its last dot. */
enum { SMI_LONGEST_NAME = 254 };

/* Look host up, in whatever thread this is. Returns how many addresses it has,
 * at least one, and them in a block from smi_alloc; or a negative error. */
int smi_look_up(const char *host, simul_address **ret_addresses);

/* Look up the name of an address. 0 or a negative error. */
int smi_look_up_name(const simul_address *address, char *host, size_t room);

#endif /* SMI_NET_LOOKUP_H */
