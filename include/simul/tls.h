/* SPDX-License-Identifier: MIT
 * simul/tls.h - TLS: streams that nobody else can read or change.
 *
 * A client:
 *
 *	simul_tls *tls;
 *	simul_stream *s;
 *	int r = simul_tls_new_client(NULL, &tls);
 *
 *	if (r >= 0)
 *		r = simul_connect_tls(tls, "example.org", 443, NULL, &s);
 *	if (r < 0)
 *		puts(simul_tls_error(tls));
 *
 * A server:
 *
 *	simul_tls_options options = {
 *		.identity = { .certificate_file = "example.pem",
 *			      .key_file = "example.key" },
 *	};
 *
 *	r = simul_tls_new_server(&options, &tls);
 *	...
 *	r = simul_serve_tls(listener, tls, echo, NULL, NULL);
 *
 * A context (simul_tls) has what many connections share: who we are, whom we
 * trust, which sessions can be resumed. A connection is a stream like any
 * other, with the verbs of simul/stream.h. It lies over another one: a socket,
 * or anything else that is made of bytes.
 *
 * TLS 1.2 and 1.3 (RFC 5246, RFC 8446), without compression, renegotiation and
 * 0-RTT, with forward secrecy and authenticated ciphers only. A server's
 * certificate is verified, and so is that it is for the host that was asked
 * for (RFC 6125), by its subject alternative names.
 *
 * The end. A stream that ends without the peer's goodbye (close_notify) may
 * have been cut off by somebody in between: that is -SIMUL_ETRUNCATED, not
 * the end. simul_shutdown_write says our goodbye, and reading goes on;
 * simul_close says it, too. simul_abort does not, so that the peer knows.
 *
 * What was written may fail to be encrypted later, for want of memory
 * (-ENOMEM): then the peer knows nothing of it, and may never answer. So
 * reading ends with that error, too, when what had come by then was read.
 *
 * Memory. A connection that is idle has no buffers. What it takes beyond a
 * plain one is some 15 kB, of which 14 are OpenSSL's own (3.0).
 *
 * Errors, besides those of the stream below:
 *   -SIMUL_ECERTIFICATE  the peer's certificate is not to be trusted
 *   -SIMUL_EHOSTNAME     it is for another host
 *   -SIMUL_EALERT        the peer has refused us, and says why
 *   -SIMUL_EPROTOCOL     what the peer sends is not proper TLS, or OpenSSL
 *                        can't go on; or it has sent more than 256
 *                        records in a row with nothing to read in them
 *   -SIMUL_ETRUNCATED    the connection was cut off
 * Each is explained in words: simul_tls_error, simul_tls_stream_error.
 *
 * This is a library of its own, so that who doesn't use TLS needs no OpenSSL:
 * link with what `pkg-config --libs simul-tls` says. In a build without
 * OpenSSL, contexts are -SIMUL_EUNSUPPORTED.
 */
#ifndef SIMUL_TLS_H
#define SIMUL_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <simul/export.h>
#include <simul/net.h>
#include <simul/server.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Contexts */

typedef struct simul_tls simul_tls;

/* Why there is no context, in words. */
typedef struct simul_tls_failure {
	char text[256]; /* cut off if it is longer */
} simul_tls_failure;

/* A certificate and its private key, in PEM. */
typedef struct simul_tls_identity {
	/* The certificate, and behind it those that lead to the one that is
	 * known to be trusted. */
	const char *certificate_file;
	const char *key_file; /* NULL: it is in certificate_file, too */
	const char *password; /* of the key; NULL: it has none */

	/* The same two as text, in place of files. */
	const char *certificate_pem;
	const char *key_pem; /* NULL: it is in certificate_pem, too */
} simul_tls_identity;

/* What a server wants to see of its clients. */
enum simul_tls_clients {
	SIMUL_TLS_ANY_CLIENT,	  /* nothing */
	SIMUL_TLS_REQUEST_CLIENT, /* a certificate, if they have one */
	SIMUL_TLS_REQUIRE_CLIENT  /* a certificate */
};

enum simul_tls_version { SIMUL_TLS_1_2, SIMUL_TLS_1_3 };

/* How to speak TLS; all zero is a good choice for a client, and a server needs
 * an identity besides. All is copied; files are read now, and again by
 * simul_tls_reload. */
typedef struct simul_tls_options {
	/* Who we are. A client needs this only for servers that want to know;
	 * a server must have it. */
	simul_tls_identity identity;

	/* Further ones, for a server of several names: it shows those whose
	 * certificate is for the name that the client asks for ("*.b.example"
	 * is one for "a.b.example"), and .identity if none is. */
	const simul_tls_identity *identities;
	size_t identity_count;

	/* Whom we trust: those who have signed the peer's certificate. A file
	 * of certificates, a folder of such files, a text. If all are NULL: for
	 * a client whom the system trusts (SSL_CERT_FILE, and SSL_CERT_DIR
	 * with ":" between several, in the environment say otherwise, unless
	 * the program is setuid); for a server nobody. */
	const char *ca_file;
	const char *ca_dir;
	const char *ca_pem;

	/* A file of certificates that were revoked (CRLs), one of each who has
	 * signed a peer's certificate. NULL: nobody asks. */
	const char *crl_file;

	/* For a client: believe every server to be the one it says it is. Then
	 * anybody between here and there can read and change everything. */
	bool insecure_no_verification;

	/* For a server. */
	enum simul_tls_clients clients;

	/* The oldest version that will do. */
	enum simul_tls_version min_version;

	/* The protocols that may be spoken inside, best first: "h2,http/1.1"
	 * (ALPN, RFC 7301). NULL: nothing is said about that. A server refuses
	 * a client that offers others only. */
	const char *alpn;

	/* Sessions that a client keeps to resume them, which is faster.
	 * 0: 256. */
	size_t max_sessions;
	bool no_resumption; /* keep none, and give none out */

	double handshake_timeout; /* seconds for it; 0: 60 */
	double shutdown_timeout;  /* seconds for our goodbye to leave when a
				   * stream is closed; and, if a client has
				   * written and never read, for the server to
				   * close, too: what it sends to a closed
				   * connection, such as tickets, could cost
				   * what we have written. 0: 30 */

	/* Have the kernel encrypt what is sent (Linux: TLS 1.2 and 1.3, the
	 * module "tls"; the program can't load it unless it is root's). It
	 * spares a copy of all that is sent in large pieces, and a file goes
	 * from the system's memory to the network (simul_copy) without coming
	 * into the program's. Where it can't be done nothing changes:
	 * simul_tls_uses_kernel tells. What is different is that a peer who
	 * asks for a new key in the middle of a connection (KeyUpdate, which
	 * hardly anybody does) gets an alert, and the connection ends with
	 * -SIMUL_EPROTOCOL: the kernel keeps the first one. */
	bool use_kernel;

	simul_tls_failure *failure; /* unless NULL, is told why there is no
				     * context */
} simul_tls_options;

/* Make a context for connections that we begin, with files and the system's
 * store read in a thread. options may be NULL. -ENOENT and the like for a file
 * that can't be read; -EINVAL for one that has in it what it should not, or
 * for options that make no sense; -ENOMEM, -SIMUL_EUNSUPPORTED. A context is
 * for the loop that made it.
 * Suspends: always. Cancelled: there is no context. */
SIMUL_API int simul_tls_new_client(const simul_tls_options *options,
				   simul_tls **ret_tls);

/* The same for connections that others begin.
 * Suspends: always. Cancelled: there is no context. */
SIMUL_API int simul_tls_new_server(const simul_tls_options *options,
				   simul_tls **ret_tls);

/* Read all files again, for handshakes from now on. A client forgets its
 * sessions; those of a server stay good, unless it asks for clients'
 * certificates. If anything is wrong with any of the files, nothing changes:
 * the result is an error as above, and simul_tls_error has the words.
 * Suspends: always. Cancelled: nothing has changed. */
SIMUL_API int simul_tls_reload(simul_tls *tls);

/* Free a context. Streams that were made with it live on; nobody may be
 * within a call that was given it. NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_tls_free(simul_tls *tls);

/* What was wrong when a call with this context last failed, in words:
 * "certificate has expired (CN=a.example)". As other tasks may fail, too, look
 * before you suspend.
 * Suspends: never. */
SIMUL_API const char *simul_tls_error(const simul_tls *tls);

/* ---- Streams */

/* What is particular to a connection. */
typedef struct simul_tls_start_options {
	/* For a client: the name or the address in numbers that the server's
	 * certificate must be for. A name is also what the server is asked for
	 * (SNI, RFC 6066). NULL: the one that we connect to. */
	const char *host;

	const char *alpn; /* in place of the context's */

	/* For a client: resume a session that was begun with this text, and
	 * the same host, only. NULL: the host and port that we connect to. */
	const char *session;
} simul_tls_start_options;

/* Speak TLS over plain from here on: do the handshake, as the client or the
 * server, whichever the context is for. *ret_stream then has plain, and closes
 * it when it is closed. What plain has received and nobody has taken is taken
 * for the beginning of the handshake. If this fails, plain is still yours, to
 * be closed; an error that the peer should know of has been written to it.
 * options may be NULL, but a client that verifies needs a .host: -EINVAL.
 * -ETIMEDOUT if the handshake takes longer than it may. -EBUSY if others are
 * using plain.
 * Suspends: always. Cancelled: plain is in the middle of a handshake. */
SIMUL_API int simul_start_tls(simul_tls *tls, simul_stream *plain,
			      const simul_tls_start_options *options,
			      simul_stream **ret_stream);

/* Connect to host at a TCP port, and start TLS. options may be NULL. Errors as
 * for simul_connect and simul_start_tls.
 * Suspends: always. Cancelled: there is no connection. */
SIMUL_API int simul_connect_tls(simul_tls *tls, const char *host, int port,
				const simul_tls_start_options *options,
				simul_stream **ret_stream);

/* simul_serve with TLS: each connection does its handshake in its own task, so
 * that none has to wait for another; one that fails is closed. The handler gets
 * the TLS stream, which is lent as in simul_serve. options may be NULL;
 * .failed is told of a handshake with the stream below, while simul_tls_error
 * still has the words, and of a handler with the TLS stream. -EINVAL for a
 * context of a client's, and errors as for simul_serve.
 * Suspends: always. Cancelled: as simul_serve. */
SIMUL_API int simul_serve_tls(simul_listener *listener, simul_tls *tls,
			      simul_handler *handler, void *arg,
			      const simul_serve_options *options);

/* ---- What a stream is
 *
 * All strings are the stream's. */

/* "TLSv1.3" or "TLSv1.2"; NULL for a stream that is not TLS.
 * Suspends: never. */
SIMUL_API const char *simul_tls_protocol(const simul_stream *s);

/* The cipher suite, by its name in the standard: "TLS_AES_256_GCM_SHA384".
 * NULL as above.
 * Suspends: never. */
SIMUL_API const char *simul_tls_cipher(const simul_stream *s);

/* The protocol inside that was agreed on: "h2". NULL if none was, and as
 * above.
 * Suspends: never. */
SIMUL_API const char *simul_tls_alpn(const simul_stream *s);

/* The name that the client has asked for. NULL if for none, and as above.
 * Suspends: never. */
SIMUL_API const char *simul_tls_server_name(const simul_stream *s);

/* Was a session resumed?
 * Suspends: never. */
SIMUL_API bool simul_tls_was_resumed(const simul_stream *s);

/* Does the kernel encrypt what is sent? See .use_kernel.
 * Suspends: never. */
SIMUL_API bool simul_tls_uses_kernel(const simul_stream *s);

/* What went wrong with a stream, in words; "" if nothing did.
 * Suspends: never. */
SIMUL_API const char *simul_tls_stream_error(const simul_stream *s);

/* ---- Certificates */

typedef struct simul_tls_certificate {
	const char *subject; /* "CN=example.org,O=Example" (RFC 2253) */
	const char *issuer;
	int64_t not_before; /* seconds since 1970 */
	int64_t not_after;
	const char *const *names; /* whom it is for: host names, and addresses
				   * in numbers */
	size_t name_count;
	const char *pem;
} simul_tls_certificate;

/* The peer's own certificate, and those that it has sent to lead to one that
 * is trusted. */
typedef struct simul_tls_chain {
	size_t count;
	const simul_tls_certificate *certificates; /* the peer's own first */
} simul_tls_chain;

/* The peer's certificates; a server that resumes a session knows the peer's own
 * only. Free them with simul_tls_chain_free. -ENODATA if it has shown none,
 * -EINVAL if this is not TLS; -ENOMEM.
 * Suspends: never. */
SIMUL_API int simul_tls_peer_chain(const simul_stream *s,
				   simul_tls_chain **ret_chain);

/* NULL does nothing.
 * Suspends: never. */
SIMUL_API void simul_tls_chain_free(simul_tls_chain *chain);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_TLS_H */
