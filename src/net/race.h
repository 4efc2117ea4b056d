/* SPDX-License-Identifier: MIT
 * net/race.h - several addresses, of which the quickest wins. */
#ifndef SMI_NET_RACE_H
#define SMI_NET_RACE_H

#include <simul/connect.h>

/* Connect to one of n addresses (1 to SIMUL_MOST_ATTEMPTS), in this order but
 * not waiting for each, as options say. Returns the descriptor of the
 * connection; all other attempts have ended and are closed. Or the error that
 * tells most. May suspend, and looks for cancellation. */
int smi_race(const simul_connect_options *options,
	     const simul_address *addresses, size_t n);

#endif /* SMI_NET_RACE_H */
