/* SPDX-License-Identifier: MIT
 * tests/tls/papers.h - certificates of all sorts, made when a test needs
 * them. */
#ifndef PAPERS_H
#define PAPERS_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "test.h"

/* A certificate and its key, and both as text. */
struct paper {
	X509 *x;
	EVP_PKEY *key;
	char pem[4096]; /* the key, too */
};

/* What is to be written in it. */
struct wish {
	const char *cn;	   /* of the subject */
	const char *names; /* "DNS:a.example,IP:127.0.0.1" */
	const char *usage; /* "serverAuth"; NULL: for anything */
	bool is_ca;
	bool is_ed25519; /* the key, not ECDSA */
	long from_days;	 /* from now; 0: since yesterday */
	long to_days;	 /* from now; 0: for a month */
};

static inline void add_extension(X509 *x, X509 *by, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, by, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	CHECK(extension && X509_add_ext(x, extension, -1));
	X509_EXTENSION_free(extension);
}

static inline void write_wish(X509 *x, const struct wish *w)
{
	static long serial;
	long from = w->from_days ? w->from_days : -1;
	long to = w->to_days ? w->to_days : 30;
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x),
			 time(NULL) * 1000 + ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x), from * 86400);
	X509_gmtime_adj(X509_getm_notAfter(x), to * 86400);
	CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
					 (const unsigned char *)w->cn, -1, -1,
					 0));
}

static inline void write_text(struct paper *p)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long n;

	CHECK(PEM_write_bio_X509(bio, p->x));
	CHECK(PEM_write_bio_PrivateKey(bio, p->key, NULL, NULL, 0, NULL, NULL));
	n = BIO_get_mem_data(bio, &text);
	CHECK_INT(n, <, sizeof p->pem);
	memcpy(p->pem, text, (size_t)n);
	p->pem[n] = 0;
	BIO_free(bio);
}

/* Until the end of the program, so that it is not taken for a leak. */
static inline void keep(const struct paper *p)
{
	static STACK_OF(X509) * all;

	if (!all)
		all = sk_X509_new_null();
	CHECK(sk_X509_push(all, p->x));
}

/* Have by sign it; NULL: it signs itself. */
static inline void issue(struct paper *p, const struct paper *by,
			 const struct wish *w)
{
	const struct paper *signer = by ? by : p;

	p->x = X509_new();
	p->key = w->is_ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
			       : EVP_EC_gen("P-256");
	CHECK(p->x && p->key);
	write_wish(p->x, w);
	X509_set_issuer_name(p->x, X509_get_subject_name(signer->x));
	X509_set_pubkey(p->x, p->key);
	keep(p);
	add_extension(p->x, signer->x, NID_basic_constraints,
		      w->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	add_extension(p->x, signer->x, NID_subject_key_identifier, "hash");
	if (w->names)
		add_extension(p->x, signer->x, NID_subject_alt_name, w->names);
	if (w->usage)
		add_extension(p->x, signer->x, NID_ext_key_usage, w->usage);
	CHECK(X509_sign(p->x, signer->key, EVP_sha256()));
	write_text(p);
}

/* A list of what was revoked by ca, of which only is one. */
static inline void write_revoked(const struct paper *ca,
				 const struct paper *only, const char *file)
{
	X509_CRL *list = X509_CRL_new();
	X509_REVOKED *one = X509_REVOKED_new();
	ASN1_TIME *now = ASN1_TIME_adj(NULL, time(NULL), -1, 0);
	ASN1_TIME *later = ASN1_TIME_adj(NULL, time(NULL), 30, 0);
	FILE *f = fopen(file, "we");

	CHECK(list && one && now && later && f);
	X509_REVOKED_set_serialNumber(one, X509_get_serialNumber(only->x));
	X509_REVOKED_set_revocationDate(one, now);
	X509_CRL_set_version(list, 1);
	X509_CRL_set_issuer_name(list, X509_get_subject_name(ca->x));
	X509_CRL_set1_lastUpdate(list, now);
	X509_CRL_set1_nextUpdate(list, later);
	CHECK(X509_CRL_add0_revoked(list, one));
	CHECK(X509_CRL_sign(list, ca->key, EVP_sha256()));
	CHECK(PEM_write_X509_CRL(f, list));
	fclose(f);
	ASN1_TIME_free(now);
	ASN1_TIME_free(later);
	X509_CRL_free(list);
}

/* ---- Those that most tests need */

static struct paper ca, leaf;

static inline void issue_usual(void)
{
	issue(&ca, NULL, &(struct wish){ .cn = "Test CA", .is_ca = true });
	issue(&leaf, &ca,
	      &(struct wish){ .cn = "a.example",
			      .names = "DNS:a.example,IP:127.0.0.1" });
}

#endif /* PAPERS_H */
