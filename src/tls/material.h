/* SPDX-License-Identifier: MIT
 * tls/material.h - what was read from files, as OpenSSL wants it.
 *
 * It is made in a thread and does not change afterwards; to reload is to make
 * a new one. Streams keep the one that they began with. */
#ifndef SMI_TLS_MATERIAL_H
#define SMI_TLS_MATERIAL_H

#include <openssl/ssl.h>

#include "tls/settings.h"

struct smi_tls_identity {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
};

struct smi_tls_material {
	size_t users;
	SSL_CTX *ctx;
	BIO_METHOD *bio;
	size_t count;
	struct smi_tls_identity identities[];
};

/* Make it. Not in the loop's thread, as it reads files. */
int smi_tls_material_new(const struct smi_tls_settings *settings,
			 simul_tls_failure *failure,
			 struct smi_tls_material **ret_material);

/* One user less; the last one takes it along. NULL does nothing. */
void smi_tls_material_release(struct smi_tls_material *material);

/* ---- identity.c */

/* Read a certificate and key. */
int smi_tls_identity_load(struct smi_tls_identity *identity,
			  const simul_tls_identity *from,
			  simul_tls_failure *failure);

void smi_tls_identity_done(struct smi_tls_identity *identity);

/* For SSL_CTX_set_cert_cb, with the material: show what fits the name that the
 * client asks for. */
int smi_tls_choose_identity(SSL *ssl, void *material);

/* ---- trust.c */

/* Have ctx trust whom the settings say. */
int smi_tls_trust(SSL_CTX *ctx, const struct smi_tls_settings *settings,
		  simul_tls_failure *failure);

/* ---- pem.c */

/* Open a file, or text if there is some, to read PEM from. */
int smi_tls_open_pem(const char *file, const char *text,
		     simul_tls_failure *failure, BIO **ret_bio);

/* Was it the end of it that OpenSSL met? Then the queue is empty. */
bool smi_tls_pem_ended(void);

#endif /* SMI_TLS_MATERIAL_H */
