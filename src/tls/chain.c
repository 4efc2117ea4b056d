/* SPDX-License-Identifier: MIT
 * tls/chain.c - the peer's certificates, as structs.
 *
 * All strings are written into one buffer, which may move meanwhile; so what
 * points there is a place in it first, and a pointer when all has been
 * written. */
#include <errno.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "tls/names.h"
#include "tls/stream.h"

/* The chain, the certificates, the pointers to names, and then text. */
struct whole {
	simul_tls_chain chain;
	simul_tls_certificate certificates[];
};

struct writer {
	simul_tls_certificate *next;
	const char **names; /* for the next one; NULL: only count them */
	size_t name_count;
	struct smi_buffer text;
	int error;
};

/* ---- Text */

static const char *append(struct writer *w, const char *text, size_t n)
{
	size_t at = smi_buffer_length(&w->text);

	if (w->error == 0)
		w->error = smi_buffer_append(&w->text, text, n);
	if (w->error == 0)
		w->error = smi_buffer_append(&w->text, "", 1);
	return (const char *)at;
}

/* What was written to bio, which is freed. */
static const char *append_bio(struct writer *w, BIO *bio, bool written)
{
	const char *place = NULL;
	char *text;
	long n;

	if (bio && written) {
		n = BIO_get_mem_data(bio, &text);
		place = append(w, text, (size_t)n);
	} else if (w->error == 0) {
		w->error = -ENOMEM;
	}
	BIO_free(bio);
	return place;
}

static const char *append_subject(struct writer *w, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return append_bio(
		w, bio,
		bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0);
}

static const char *append_pem(struct writer *w, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return append_bio(w, bio, bio && PEM_write_bio_X509(bio, x));
}

/* ---- Certificates */

static int64_t seconds(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, rest = 0;

	if (epoch)
		ASN1_TIME_diff(&days, &rest, epoch, time);
	ASN1_TIME_free(epoch);
	return (int64_t)days * 86400 + rest;
}

static void write_names(struct writer *w, X509 *x)
{
	GENERAL_NAMES *all =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	char name[SMI_TLS_NAME];

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		if (!smi_tls_write_name(sk_GENERAL_NAME_value(all, i), name))
			continue;
		if (w->names)
			w->names[w->name_count] = append(w, name, strlen(name));
		w->name_count++;
	}
	GENERAL_NAMES_free(all);
}

static void write_certificate(struct writer *w, X509 *x)
{
	simul_tls_certificate *c = w->next++;
	size_t first = w->name_count;

	c->subject = append_subject(w, X509_get_subject_name(x));
	c->issuer = append_subject(w, X509_get_issuer_name(x));
	c->not_before = seconds(X509_get0_notBefore(x));
	c->not_after = seconds(X509_get0_notAfter(x));
	c->pem = append_pem(w, x);
	write_names(w, x);
	c->names = w->names + first;
	c->name_count = w->name_count - first;
}

/* ---- All of them */

/* A client's own is among what it has sent; a server sees it apart. */
static STACK_OF(X509) * all_of(const SSL *ssl)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
	STACK_OF(X509) *all = sent ? sk_X509_dup(sent) : sk_X509_new_null();
	X509 *own = SSL_get0_peer_certificate(ssl);

	if (all && own && sk_X509_value(all, 0) != own &&
	    !sk_X509_unshift(all, own)) {
		sk_X509_free(all);
		return NULL;
	}
	return all;
}

static size_t count_names(STACK_OF(X509) * all)
{
	struct writer counter = { 0 };

	for (int i = 0; i < sk_X509_num(all); i++)
		write_names(&counter, sk_X509_value(all, i));
	return counter.name_count;
}

static void point(const char **place, const char *text)
{
	*place = text + (size_t)*place;
}

/* Text has its final place. */
static void point_all(struct whole *whole, const char **names, size_t count,
		      const char *text)
{
	for (size_t i = 0; i < whole->chain.count; i++) {
		point(&whole->certificates[i].subject, text);
		point(&whole->certificates[i].issuer, text);
		point(&whole->certificates[i].pem, text);
	}
	for (size_t i = 0; i < count; i++)
		point(&names[i], text);
}

static int write_chain(STACK_OF(X509) * all, simul_tls_chain **ret_chain)
{
	size_t n = (size_t)sk_X509_num(all), name_count = count_names(all);
	struct whole *whole = smi_alloc_zero(
		sizeof *whole + n * sizeof whole->certificates[0] +
		(name_count + 1) * sizeof(const char *));
	struct writer w = { 0 };

	if (!whole)
		return -ENOMEM;
	w.next = whole->certificates;
	w.names = (const char **)(whole->certificates + n);
	for (size_t i = 0; i < n; i++)
		write_certificate(&w, sk_X509_value(all, (int)i));
	if (w.error < 0) {
		smi_buffer_done(&w.text);
		smi_free(whole);
		return w.error;
	}
	whole->chain.count = n;
	whole->chain.certificates = whole->certificates;
	point_all(whole, w.names, w.name_count, smi_buffer_bytes(&w.text));
	*ret_chain = &whole->chain;
	return 0;
}

int simul_tls_peer_chain(const simul_stream *s, simul_tls_chain **ret_chain)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);
	STACK_OF(X509) * all;
	int r;

	if (!t)
		return -EINVAL;
	if (!SSL_get0_peer_certificate(t->ssl))
		return -ENODATA;
	all = all_of(t->ssl);
	if (!all)
		return -ENOMEM;
	r = write_chain(all, ret_chain);
	sk_X509_free(all);
	return r;
}

/* The text begins with the first one's subject. */
void simul_tls_chain_free(simul_tls_chain *chain)
{
	if (!chain)
		return;
	smi_free((void *)chain->certificates[0].subject);
	smi_free(chain);
}
