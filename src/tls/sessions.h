/* SPDX-License-Identifier: MIT
 * tls/sessions.h - what a client keeps to resume sessions (RFC 8446, 2.2).
 *
 * A server gives out tickets, each good for one connection to come. They are
 * kept by the name that was verified and a text of the caller's, the latest
 * last, and the oldest of all goes first. */
#ifndef SMI_TLS_SESSIONS_H
#define SMI_TLS_SESSIONS_H

#include <openssl/ssl.h>

struct smi_tls_kept;

struct smi_tls_sessions {
	size_t count;
	size_t most;
	struct smi_tls_kept *oldest, *newest;
};

/* Keep session, which is taken over, for host and text, unless there is no
 * memory: then it is dropped. */
void smi_tls_sessions_put(struct smi_tls_sessions *all, const char *host,
			  const char *text, SSL_SESSION *session);

/* Take out the latest one that can be resumed, or NULL. */
SSL_SESSION *smi_tls_sessions_take(struct smi_tls_sessions *all,
				   const char *host, const char *text);

/* Drop all of them. */
void smi_tls_sessions_done(struct smi_tls_sessions *all);

#endif /* SMI_TLS_SESSIONS_H */
