/* SPDX-License-Identifier: MIT
 * bench/tls_ends.h - both ends of TLS connections of one loop to itself, by
 * TCP, with a certificate (ECDSA, P-256) that signs itself. */
#ifndef TLS_ENDS_H
#define TLS_ENDS_H

#include "bench.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <simul.h>

struct ends {
	simul_tls *client_tls, *server_tls;
	simul_listener *listener;
	int port;
	simul_stream *client, *server; /* of the latest connection */
};

static inline void name_it(X509 *x)
{
	X509_NAME *name = X509_get_subject_name(x);
	X509V3_CTX context;
	X509_EXTENSION *names;

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
				   (const unsigned char *)"bench", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	names = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name,
				    "IP:127.0.0.1");
	X509_add_ext(x, names, -1);
	X509_EXTENSION_free(names);
}

/* A certificate and its key. */
static inline void make_pem(char *text, size_t room)
{
	X509 *x = X509_new();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	int n;

	X509_set_version(x, 2);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	name_it(x);
	X509_sign(x, key, EVP_sha256());
	PEM_write_bio_X509(bio, x);
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	n = BIO_read(bio, text, (int)room - 1);
	text[n > 0 ? n : 0] = 0;
	BIO_free(bio);
	EVP_PKEY_free(key);
	X509_free(x);
}

static inline int open_ends(struct ends *e, bool resume)
{
	char pem[4096];
	simul_tls_options client = { .ca_pem = pem, .no_resumption = !resume };
	simul_tls_options server = { .no_resumption = !resume };
	simul_address address;
	int r;

	make_pem(pem, sizeof pem);
	server.identity.certificate_pem = pem;
	r = simul_tls_new_client(&client, &e->client_tls);
	if (r >= 0)
		r = simul_tls_new_server(&server, &e->server_tls);
	if (r >= 0)
		r = simul_address_parse("127.0.0.1", 0, &address);
	if (r >= 0)
		r = simul_listen(&address, NULL, &e->listener);
	if (r >= 0)
		r = simul_listener_address(e->listener, &address);
	e->port = simul_address_port(&address);
	return r;
}

static inline int accept_end(void *arg)
{
	struct ends *e = arg;
	simul_stream *plain;
	int r = simul_accept(e->listener, &plain);

	return r < 0 ? r
		     : simul_start_tls(e->server_tls, plain, NULL, &e->server);
}

/* One connection more: e->client and e->server. */
static inline int connect_ends(struct ends *e)
{
	simul_task *t = simul_create_task(accept_end, e);
	int r = simul_connect_tls(e->client_tls, "127.0.0.1", e->port, NULL,
				  &e->client);
	int s = simul_await(t);

	return r < 0 ? r : s;
}

static inline void close_ends(struct ends *e)
{
	simul_listener_close(e->listener);
	simul_tls_free(e->client_tls);
	simul_tls_free(e->server_tls);
}

#endif /* TLS_ENDS_H */
