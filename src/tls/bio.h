/* SPDX-License-Identifier: MIT
 * tls/bio.h - where OpenSSL reads and writes: the buffers of the stream below.
 *
 * It never suspends inside: what is not there yet is to be tried again, and
 * what is written gathers there.
 *
 * No kernel TLS. OpenSSL hands its keys to a socket only where it reads and
 * writes that socket by itself, and ours is any stream. To hand them over from
 * here, after the handshake (TCP_ULP "tls", TLS_TX and TLS_RX; linux/tls.h),
 * would mean to derive them from what SSL_CTX_set_keylog_callback tells, and to
 * pass alerts, tickets and changes of keys on as control messages. It would
 * spare a copy of what is sent, and a file could go from the system's memory into
 * the socket (sendfile); the encryption is the same work, unless the network
 * card does it. It needs a kernel with the tls module to be tested on, which was
 * not at hand, and nobody should trust such code untested. */
#ifndef SMI_TLS_BIO_H
#define SMI_TLS_BIO_H

#include <openssl/bio.h>

struct smi_tls_stream;

/* The functions, or NULL. */
BIO_METHOD *smi_tls_bio_method(void);

/* Have one for stream, or NULL. */
BIO *smi_tls_bio_new(const BIO_METHOD *method, struct smi_tls_stream *stream);

#endif /* SMI_TLS_BIO_H */
