/* SPDX-License-Identifier: MIT
 * tls/bio.h - where OpenSSL reads and writes: the buffers of the stream below.
 *
 * It never suspends inside: what is not there yet is to be tried again, and
 * what is written gathers there.
 *
 * Where the kernel is to encrypt what is sent, OpenSSL gives its key to the
 * BIO, and then plain text: see tls/kernel.h. What is received OpenSSL decrypts
 * in any case. The kernel could (TLS_RX), but OpenSSL 3.0 hands over no key of
 * TLS 1.3 for that; and it would cost what reading is made of: no bytes would
 * come by themselves (io_uring's multishot receive), and a record that is no
 * data would have to be asked for apart. */
#ifndef SMI_TLS_BIO_H
#define SMI_TLS_BIO_H

#include <openssl/bio.h>

struct smi_tls_stream;

/* The functions, or NULL. */
BIO_METHOD *smi_tls_bio_method(void);

/* Have one for stream, or NULL. */
BIO *smi_tls_bio_new(const BIO_METHOD *method, struct smi_tls_stream *stream);

#endif /* SMI_TLS_BIO_H */
