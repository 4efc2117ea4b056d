/* SPDX-License-Identifier: MIT
 * bench/load/secure_absent.c - a build without OpenSSL. */
#include "load.h"

#include "secure.h"

void secure_prepare(const char *pem)
{
	load_fail("%s: this is a build without OpenSSL", pem);
}

/* Nobody comes here. */

struct secure *secure_begin(int fd, void **session)
{
	(void)fd;
	(void)session;
	return NULL;
}

bool secure_handshake(struct secure *tls)
{
	(void)tls;
	return false;
}

bool secure_was_resumed(struct secure *tls)
{
	(void)tls;
	return false;
}

ssize_t secure_send(struct secure *tls, const void *bytes, size_t n)
{
	(void)tls;
	(void)bytes;
	(void)n;
	return -1;
}

ssize_t secure_receive(struct secure *tls, void *bytes, size_t n)
{
	(void)tls;
	(void)bytes;
	(void)n;
	return -1;
}

void secure_goodbye(struct secure *tls)
{
	(void)tls;
}

void secure_end(struct secure *tls)
{
	(void)tls;
}

void secure_forget(void *session)
{
	(void)session;
}
