/* SPDX-License-Identifier: MIT
 * tls/bio.h - where OpenSSL reads and writes: the buffers of the stream below.
 *
 * It never suspends inside: what is not there yet is to be tried again, and
 * what is written gathers there. */
#ifndef SMI_TLS_BIO_H
#define SMI_TLS_BIO_H

#include <openssl/bio.h>

struct smi_tls_stream;

/* The functions, or NULL. */
BIO_METHOD *smi_tls_bio_method(void);

/* Have one for stream, or NULL. */
BIO *smi_tls_bio_new(const BIO_METHOD *method, struct smi_tls_stream *stream);

#endif /* SMI_TLS_BIO_H */
