/* SPDX-License-Identifier: MIT
 * bench/floors/tls.h - a TLS server's context, for servers by hand. */
#ifndef FLOOR_TLS_H
#define FLOOR_TLS_H

#include "socket.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

/* SIMUL_BENCH_PEM names a file with the certificate and the key. */
static inline SSL_CTX *tls_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	const char *pem = getenv("SIMUL_BENCH_PEM");

	if (!pem || !SSL_CTX_use_certificate_chain_file(context, pem) ||
	    !SSL_CTX_use_PrivateKey_file(context, pem, SSL_FILETYPE_PEM)) {
		fprintf(stderr, "SIMUL_BENCH_PEM names no certificate\n");
		exit(1);
	}
	/* OpenSSL knows no MSG_NOSIGNAL. */
	signal(SIGPIPE, SIG_IGN);
	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	/* A record in one call instead of two. */
	SSL_CTX_set_read_ahead(context, 1);
	return context;
}

#endif /* FLOOR_TLS_H */
