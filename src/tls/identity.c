/* SPDX-License-Identifier: MIT
 * tls/identity.c - who we are: certificates, keys, and which one to show. */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tls/failure.h"
#include "tls/material.h"

static const char *name_of(const char *file)
{
	return file ? file : "the text";
}

/* OpenSSL would ask at the terminal. */
static int give_password(char *buffer, int room, int writing, void *password)
{
	size_t n = password ? strlen(password) : 0;

	if (n > (size_t)room)
		return -1;
	memcpy(buffer, password ? password : "", n);
	return (int)n;
}

/* ---- Reading */

static int read_chain(struct smi_tls_identity *identity, BIO *bio)
{
	X509 *x;

	identity->certificate =
		PEM_read_bio_X509(bio, NULL, give_password, NULL);
	identity->chain = sk_X509_new_null();
	if (!identity->certificate || !identity->chain)
		return -EINVAL;
	while ((x = PEM_read_bio_X509(bio, NULL, give_password, NULL))) {
		if (!sk_X509_push(identity->chain, x)) {
			X509_free(x);
			return -ENOMEM;
		}
	}
	return smi_tls_pem_ended() ? 0 : -EINVAL;
}

static int load_certificate(struct smi_tls_identity *identity,
			    const simul_tls_identity *from,
			    simul_tls_failure *failure)
{
	BIO *bio;
	int r = smi_tls_open_pem(from->certificate_file, from->certificate_pem,
				 failure, &bio);

	if (r < 0)
		return r;
	r = read_chain(identity, bio);
	BIO_free(bio);
	if (r < 0)
		smi_tls_fail_because(failure, r, "no certificate in %s",
				     name_of(from->certificate_file));
	return r;
}

static int load_key(struct smi_tls_identity *identity,
		    const simul_tls_identity *from, simul_tls_failure *failure)
{
	bool apart = from->key_file || from->key_pem;
	const char *file = apart ? from->key_file : from->certificate_file;
	const char *text = apart ? from->key_pem : from->certificate_pem;
	BIO *bio;
	int r = smi_tls_open_pem(file, text, failure, &bio);

	if (r < 0)
		return r;
	identity->key = PEM_read_bio_PrivateKey(bio, NULL, give_password,
						(void *)from->password);
	BIO_free(bio);
	if (!identity->key)
		return smi_tls_fail_because(failure, -EINVAL, "no key in %s",
					    name_of(file));
	if (!X509_check_private_key(identity->certificate, identity->key))
		return smi_tls_fail_because(failure, -EINVAL,
					    "the key in %s is for another "
					    "certificate than that in %s",
					    name_of(file),
					    name_of(from->certificate_file));
	return 0;
}

int smi_tls_identity_load(struct smi_tls_identity *identity,
			  const simul_tls_identity *from,
			  simul_tls_failure *failure)
{
	int r = load_certificate(identity, from, failure);

	return r < 0 ? r : load_key(identity, from, failure);
}

void smi_tls_identity_done(struct smi_tls_identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
	sk_X509_pop_free(identity->chain, X509_free);
}

/* ---- Choosing */

static bool is_for(const struct smi_tls_identity *identity, const char *name)
{
	return X509_check_host(identity->certificate, name, 0,
			       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
				       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
			       NULL) == 1;
}

static bool show(SSL *ssl, const struct smi_tls_identity *identity)
{
	return SSL_use_cert_and_key(ssl, identity->certificate, identity->key,
				    identity->chain, 1);
}

/* All that are for the name, as they may be of different kinds (RSA, ECDSA);
 * of one kind, the first. */
int smi_tls_choose_identity(SSL *ssl, void *material)
{
	const struct smi_tls_material *m = material;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	bool chosen = false;

	for (size_t i = m->count; name && i-- > 0;) {
		const struct smi_tls_identity *identity = &m->identities[i];

		if (!is_for(identity, name))
			continue;
		if (!chosen)
			SSL_certs_clear(ssl);
		chosen = true;
		if (!show(ssl, identity))
			return 0;
	}
	if (chosen || m->count < 2)
		return 1;
	/* The context has the first of each kind, of which OpenSSL chooses. */
	SSL_certs_clear(ssl);
	return show(ssl, &m->identities[0]);
}
