/* SPDX-License-Identifier: MIT
 * tls/material.c - what was read from files, as OpenSSL wants it. */
#include "tls/material.h"

#include <errno.h>

#include <openssl/err.h>

#include "base/alloc.h"
#include "tls/bio.h"
#include "tls/failure.h"
#include "tls/stream.h"

/* With forward secrecy and authenticated; TLS 1.3 has no others. */
static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char groups[] = "X25519:P-256:P-384";

/* ---- The context */

/* Idle connections hold no buffers; see tls/stream.c for the others. */
static void set_modes(SSL_CTX *ctx, const simul_tls_options *o)
{
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_PRIORITIZE_CHACHA);
	if (o->use_kernel)
		SSL_CTX_set_options(ctx, SSL_OP_ENABLE_KTLS);
}

static bool set_strength(SSL_CTX *ctx, const simul_tls_options *o)
{
	SSL_CTX_set_security_level(ctx, 2);
	return SSL_CTX_set_min_proto_version(
		       ctx, o->min_version == SIMUL_TLS_1_3 ? TLS1_3_VERSION
							    : TLS1_2_VERSION) &&
	       SSL_CTX_set_max_proto_version(ctx, 0) &&
	       SSL_CTX_set_cipher_list(ctx, ciphers) &&
	       SSL_CTX_set1_groups_list(ctx, groups);
}

/* A ticket costs a server as much as it saves when it is used, and who resumes
 * gets another: a second one, as OpenSSL has it, would seldom pay. */
enum { TICKETS = 1 };

/* Sessions of clients are kept by tls/sessions.c, and a server's are in the
 * tickets that it gives out. */
static bool set_sessions(SSL_CTX *ctx, const struct smi_tls_settings *settings)
{
	static const unsigned char name[] = "simul";

	SSL_CTX_set_session_cache_mode(
		ctx, settings->is_server ? SSL_SESS_CACHE_OFF
					 : SSL_SESS_CACHE_CLIENT |
						   SSL_SESS_CACHE_NO_INTERNAL);
	if (!settings->is_server)
		SSL_CTX_sess_set_new_cb(ctx, smi_tls_keep_session);
	if (settings->options.no_resumption)
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx,
				settings->options.no_resumption ? 0 : TICKETS);
	return SSL_CTX_set_session_id_context(ctx, name, sizeof name - 1);
}

static int verify_mode(const struct smi_tls_settings *settings)
{
	const simul_tls_options *o = &settings->options;

	if (!settings->is_server)
		return o->insecure_no_verification ? SSL_VERIFY_NONE
						   : SSL_VERIFY_PEER;
	switch (o->clients) {
	case SIMUL_TLS_REQUEST_CLIENT:
		return SSL_VERIFY_PEER;
	case SIMUL_TLS_REQUIRE_CLIENT:
		return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	default:
		return SSL_VERIFY_NONE;
	}
}

/* Tell clients whose certificates we like. */
static bool name_issuers(SSL_CTX *ctx)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	STACK_OF(X509) *all = X509_STORE_get1_all_certs(store);
	bool ok = all != NULL;

	for (int i = 0; ok && i < sk_X509_num(all); i++)
		ok = SSL_CTX_add_client_CA(ctx, sk_X509_value(all, i));
	sk_X509_pop_free(all, X509_free);
	return ok;
}

static bool prepare(struct smi_tls_material *m,
		    const struct smi_tls_settings *settings)
{
	m->bio = smi_tls_bio_method();
	m->ctx = SSL_CTX_new(settings->is_server ? TLS_server_method()
						 : TLS_client_method());
	if (!m->bio || !m->ctx)
		return false;
	set_modes(m->ctx, &settings->options);
	SSL_CTX_set_verify(m->ctx, verify_mode(settings), smi_tls_note_verdict);
	if (settings->is_server) {
		SSL_CTX_set_cert_cb(m->ctx, smi_tls_choose_identity, m);
		SSL_CTX_set_alpn_select_cb(m->ctx, smi_tls_choose_alpn, NULL);
	}
	return set_strength(m->ctx, &settings->options) &&
	       set_sessions(m->ctx, settings);
}

/* ---- Who we are */

/* Each kind of key has a place of its own, for the last one that is used. */
static int use_identity(struct smi_tls_material *m,
			const struct smi_tls_settings *settings, size_t i,
			simul_tls_failure *failure)
{
	const simul_tls_identity *from = smi_tls_settings_identity(settings, i);
	struct smi_tls_identity *identity = &m->identities[i];
	int r = smi_tls_identity_load(identity, from, failure);

	if (r < 0)
		return r;
	if (!SSL_CTX_use_cert_and_key(m->ctx, identity->certificate,
				      identity->key, identity->chain, 1))
		return smi_tls_fail_because(
			failure, -EINVAL, "the certificate in %s is no good",
			from->certificate_file ? from->certificate_file
					       : "the text");
	return 0;
}

static int use_identities(struct smi_tls_material *m,
			  const struct smi_tls_settings *settings,
			  simul_tls_failure *failure)
{
	int r = 0;

	for (size_t i = m->count; i-- > 0 && r >= 0;)
		r = use_identity(m, settings, i, failure);
	return r;
}

/* ---- Life */

static int fill(struct smi_tls_material *m,
		const struct smi_tls_settings *settings,
		simul_tls_failure *failure)
{
	int r;

	ERR_clear_error();
	if (!prepare(m, settings))
		return smi_tls_fail_because(failure, -ENOMEM,
					    "no context for OpenSSL");
	r = smi_tls_trust(m->ctx, settings, failure);
	if (r >= 0)
		r = use_identities(m, settings, failure);
	if (r >= 0 && settings->options.clients && !name_issuers(m->ctx))
		r = smi_tls_fail(failure, -ENOMEM, "no memory");
	return r;
}

int smi_tls_material_new(const struct smi_tls_settings *settings,
			 simul_tls_failure *failure,
			 struct smi_tls_material **ret_material)
{
	size_t n = settings->options.identity_count;
	struct smi_tls_material *m;
	int r;

	n += smi_tls_is_given(&settings->options.identity);
	m = smi_alloc_zero(sizeof *m + n * sizeof m->identities[0]);
	if (!m)
		return smi_tls_fail(failure, -ENOMEM, "no memory");
	m->users = 1;
	m->count = n;
	r = fill(m, settings, failure);
	if (r < 0)
		smi_tls_material_release(m);
	else
		*ret_material = m;
	return r;
}

void smi_tls_material_release(struct smi_tls_material *m)
{
	if (!m || --m->users > 0)
		return;
	for (size_t i = 0; i < m->count; i++)
		smi_tls_identity_done(&m->identities[i]);
	SSL_CTX_free(m->ctx);
	BIO_meth_free(m->bio);
	smi_free(m);
}
