/* SPDX-License-Identifier: MIT
 * bench/load/secure.h - TLS for the load. All servers get the same of it: TLS
 * 1.3, TLS_AES_128_GCM_SHA256, X25519, and whatever key the certificate has. */
#ifndef SECURE_H
#define SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct secure;

/* Trust this certificate (a file in PEM). Ends the program if it can't be
 * read, or if this is a build without OpenSSL. */
void secure_prepare(const char *pem);

/* A client on this socket, which is set not to block. With a place for a
 * session, one that lies there is resumed, and the next one put there. */
struct secure *secure_begin(int fd, void **session);

/* Go on with the handshake. True if it is done: then what was agreed on is
 * what it should be. */
bool secure_handshake(struct secure *tls);

bool secure_was_resumed(struct secure *tls);

/* As send(2) and recv(2) on a socket that does not block. */
ssize_t secure_send(struct secure *tls, const void *bytes, size_t n);
ssize_t secure_receive(struct secure *tls, void *bytes, size_t n);

/* Say that there is no more to come. */
void secure_goodbye(struct secure *tls);

/* NULL does nothing. */
void secure_end(struct secure *tls);
void secure_forget(void *session);

#endif /* SECURE_H */
