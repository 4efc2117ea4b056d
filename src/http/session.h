/* SPDX-License-Identifier: MIT
 * http/session.h - what a client's requests have in common. */
#ifndef SMI_HTTP_SESSION_H
#define SMI_HTTP_SESSION_H

#include <simul/http_client.h>

#include "http/client_fault.h"
#include "http/pool.h"

struct simul_http_session {
	struct smi_client_pool pool;
	double timeout;
	size_t max_redirects;
	size_t max_body;
	size_t responses; /* that are not closed, calls under way included */
	struct smi_client_fault fault; /* of the last call that failed */
	char user_agent[];
};

#endif /* SMI_HTTP_SESSION_H */
