/* SPDX-License-Identifier: MIT
 * bench/load/secure.c - TLS for the load, by OpenSSL. */
#include "load.h"

#include "secure.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static const char cipher[] = "TLS_AES_128_GCM_SHA256";
static SSL_CTX *context;

static SSL *ssl_of(struct secure *tls)
{
	return (SSL *)tls;
}

__attribute__((noreturn)) static void fail(const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	load_fail("%s: %s", what, reason ? reason : strerror(errno));
}

/* A session has come: put it where the next connection looks for it. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	void **place = SSL_get_app_data(ssl);

	if (!place)
		return 0;
	secure_forget(*place);
	*place = session;
	return 1;
}

void secure_prepare(const char *pem)
{
	context = SSL_CTX_new(TLS_client_method());
	if (!context || !SSL_CTX_load_verify_locations(context, pem, NULL) ||
	    !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(context, cipher) ||
	    !SSL_CTX_set1_groups_list(context, "X25519"))
		fail(pem);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	/* A record in one call instead of two. */
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_session_cache_mode(
		context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, keep_session);
}

struct secure *secure_begin(int fd, void **session)
{
	SSL *ssl = SSL_new(context);

	if (!ssl || !SSL_set_fd(ssl, fd) ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		fail("TLS");
	SSL_set_connect_state(ssl);
	SSL_set_app_data(ssl, session);
	if (session && *session && !SSL_set_session(ssl, *session))
		fail("session");
	return (struct secure *)ssl;
}

/* 0 if it is only to be tried again later. */
static int explain(SSL *ssl, int r, const char *what)
{
	int error = SSL_get_error(ssl, r);

	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		fail(what);
	return 0;
}

bool secure_handshake(struct secure *tls)
{
	SSL *ssl = ssl_of(tls);
	int r = SSL_do_handshake(ssl);

	if (r != 1)
		return explain(ssl, r, "handshake");
	if (SSL_version(ssl) != TLS1_3_VERSION ||
	    strcmp(SSL_get_cipher_name(ssl), cipher) != 0)
		load_fail("%s with %s was agreed on", SSL_get_version(ssl),
			  SSL_get_cipher_name(ssl));
	return true;
}

bool secure_was_resumed(struct secure *tls)
{
	return SSL_session_reused(ssl_of(tls));
}

ssize_t secure_send(struct secure *tls, const void *bytes, size_t n)
{
	int r = SSL_write(ssl_of(tls), bytes, (int)n);

	if (r > 0)
		return r;
	errno = EAGAIN;
	explain(ssl_of(tls), r, "send by TLS");
	return -1;
}

ssize_t secure_receive(struct secure *tls, void *bytes, size_t n)
{
	int r = SSL_read(ssl_of(tls), bytes, (int)n);

	if (r > 0)
		return r;
	if (SSL_get_error(ssl_of(tls), r) == SSL_ERROR_ZERO_RETURN)
		return 0;
	explain(ssl_of(tls), r, "receive by TLS");
	errno = EAGAIN;
	return -1;
}

void secure_goodbye(struct secure *tls)
{
	SSL_shutdown(ssl_of(tls));
	ERR_clear_error();
}

void secure_end(struct secure *tls)
{
	SSL_free(ssl_of(tls));
}

void secure_forget(void *session)
{
	SSL_SESSION_free(session);
}
