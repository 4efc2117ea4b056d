/* SPDX-License-Identifier: MIT
 * tls/kernel.h - the kernel encrypts what is sent.
 *
 * OpenSSL hands over its key during the handshake, by way of its BIO, and from
 * then on writes plain text (linux/tls.h, and Documentation/networking/tls.rst
 * of the kernel). What the program writes goes past it into the stream below,
 * which is a socket:
 *
 *	simul_write                        SSL_shutdown, SSL_do_handshake, ...
 *	    | plain text                      | alerts, tickets, in plain, too
 *	below->ops->write_now, pending    apart, going
 *	    |                                 | each by a sendmsg, with its kind
 *	    +----------- the socket ----------+
 *	                     | records
 *
 * A record of another kind leaves when nothing else is under way below. What is
 * received is OpenSSL's to decrypt, as without the kernel.
 *
 * The kernel takes more than fits into the socket's buffer, sends the rest when
 * it can, and drops it if the socket is closed before. So who closes it waits
 * for that: smi_tls_kernel_flush. */
#ifndef SMI_TLS_KERNEL_H
#define SMI_TLS_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct smi_tls_stream;

/* Let the kernel encrypt what t sends from here on, by info, which OpenSSL
 * gives with BIO_CTRL_SET_KTLS_SEND. false: it does not, and nothing has
 * changed. That is so where the kernel doesn't know the protocol or the cipher,
 * and where what lies below is no TCP connection, or has something to send that
 * does not leave at once. Does not suspend. */
bool smi_tls_kernel_begin(struct smi_tls_stream *t, const void *info);

/* What OpenSSL writes next is one record of this kind: alert, handshake ... */
void smi_tls_kernel_announce(struct smi_tls_stream *t, int kind);

/* Is that so? Then here it is. 0, or an error. */
bool smi_tls_kernel_is_announced(const struct smi_tls_stream *t);
int smi_tls_kernel_write_apart(struct smi_tls_stream *t, const void *bytes,
			       size_t n);

/* The peer's messages were read: if it wants us to change our key, break t, as
 * that can't be done. */
void smi_tls_kernel_check_key(struct smi_tls_stream *t);

/* Send what goes at once: how many bytes; -EAGAIN: none; or another error. */
ptrdiff_t smi_tls_kernel_send(struct smi_tls_stream *t,
			      const struct iovec *parts, int count);

/* The rest is for all streams: where the kernel is not in, it does nothing. */

/* How much waits that is of another kind. */
size_t smi_tls_kernel_unsent(const struct smi_tls_stream *t);

/* Has it passed on to TCP all that it was given? 1, 0, or an error: it never
 * will. */
int smi_tls_kernel_is_empty(const struct smi_tls_stream *t);

/* As simul_flush of what lies below, and until nothing of another kind
 * waits. Suspends. */
int smi_tls_kernel_send_all(struct smi_tls_stream *t);

/* Then until the kernel is empty, too. Suspends. */
int smi_tls_kernel_flush(struct smi_tls_stream *t);

/* Nothing is under way any more, and no close will wait for the peer. Suspends
 * if anything is under way; not to be cancelled. */
void smi_tls_kernel_end(struct smi_tls_stream *t);

#endif /* SMI_TLS_KERNEL_H */
