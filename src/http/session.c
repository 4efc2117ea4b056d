/* SPDX-License-Identifier: MIT
 * http/session.c - sessions: their options, their beginning and their end. */
#include "http/session.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "config.h"
#include "http/chars.h"
#include "tls/table.h"

static const simul_http_session_options defaults = {
	.max_connections = 100,
	.timeout = 300,
	.connect_timeout = 30,
	.keep_alive = 15,
	.max_redirects = 10,
	.max_body = (size_t)64 * 1024 * 1024,
	.user_agent = "Simul/" SMI_VERSION,
};

static simul_http_session_options
fill_in(const simul_http_session_options *given)
{
	static const simul_http_session_options none;
	simul_http_session_options o = given ? *given : none;

	if (o.max_connections == 0)
		o.max_connections = defaults.max_connections;
	if (o.max_connections_per_host == 0 ||
	    o.max_connections_per_host > o.max_connections)
		o.max_connections_per_host = o.max_connections;
	if (o.timeout == 0)
		o.timeout = defaults.timeout;
	if (o.connect_timeout == 0)
		o.connect_timeout = defaults.connect_timeout;
	if (o.keep_alive == 0)
		o.keep_alive = defaults.keep_alive;
	if (o.max_redirects == 0)
		o.max_redirects = defaults.max_redirects;
	if (o.max_body == 0)
		o.max_body = defaults.max_body;
	if (o.max_body > PTRDIFF_MAX)
		o.max_body = PTRDIFF_MAX;
	if (!o.user_agent)
		o.user_agent = defaults.user_agent;
	return o;
}

/* So written, a NaN is not. */
static bool are_valid(const simul_http_session_options *o)
{
	const char *end = o->user_agent + strlen(o->user_agent);

	return o->timeout > 0 && o->connect_timeout > 0 &&
	       (o->keep_alive > 0 || o->keep_alive < 0) &&
	       !(o->tls && o->tls->is_server) &&
	       smi_skip_text(o->user_agent, end) == end;
}

int simul_http_session_open(const simul_http_session_options *options,
			    simul_http_session **ret_session)
{
	simul_http_session_options o = fill_in(options);
	simul_http_session *session;
	size_t size = strlen(o.user_agent) + 1;

	if (!are_valid(&o))
		return -EINVAL;
	session = smi_alloc_zero(sizeof(*session) + size);
	if (!session)
		return -ENOMEM;
	session->pool.limit = o.max_connections;
	session->pool.host_limit = o.max_connections_per_host;
	session->pool.connect_timeout = o.connect_timeout;
	session->pool.keep_alive = o.keep_alive;
	session->pool.tls = o.tls;
	smi_client_pool_init(&session->pool);
	session->timeout = o.timeout;
	session->max_redirects =
		o.max_redirects > 0 ? (size_t)o.max_redirects : 0;
	session->max_body = o.max_body;
	memcpy(session->user_agent, o.user_agent, size);
	*ret_session = session;
	return 0;
}

void simul_http_session_close(simul_http_session *session)
{
	if (!session)
		return;
	if (session->responses > 0)
		smi_bug("a HTTP session is closed while %zu of its responses "
			"are open",
			session->responses);
	smi_client_pool_done(&session->pool);
	smi_free(session);
}

const char *simul_http_session_error(const simul_http_session *session)
{
	return session->fault.text;
}
