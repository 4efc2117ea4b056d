/* SPDX-License-Identifier: MIT
 * tls/sessions.c - what a client keeps to resume sessions. */
#include "tls/sessions.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <openssl/x509.h>

#include "base/alloc.h"

/* Of the same host: a server gives out some at a time. */
enum { MOST_OF_ONE = 4 };

struct smi_tls_kept {
	struct smi_tls_kept *older, *newer;
	SSL_SESSION *session;
	uint32_t hash;
	size_t host_length;
	char key[]; /* both, each with its zero */
};

/* FNV-1a, of a string and its zero. */
static uint32_t add_to_hash(uint32_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 16777619;
	while (*text++);
	return hash;
}

static uint32_t hash_of(const char *host, const char *text)
{
	return add_to_hash(add_to_hash(2166136261, host), text);
}

static bool is_for(const struct smi_tls_kept *k, uint32_t hash,
		   const char *host, const char *text)
{
	return k->hash == hash && strcmp(k->key, host) == 0 &&
	       strcmp(k->key + k->host_length + 1, text) == 0;
}

static void drop(struct smi_tls_sessions *all, struct smi_tls_kept *k)
{
	*(k->older ? &k->older->newer : &all->oldest) = k->newer;
	*(k->newer ? &k->newer->older : &all->newest) = k->older;
	all->count--;
	SSL_SESSION_free(k->session);
	smi_free(k);
}

/* ---- In */

static struct smi_tls_kept *make(const char *host, const char *text)
{
	size_t h = strlen(host), t = strlen(text);
	struct smi_tls_kept *k = smi_alloc_zero(sizeof *k + h + t + 2);

	if (!k)
		return NULL;
	k->hash = hash_of(host, text);
	k->host_length = h;
	memcpy(k->key, host, h + 1);
	memcpy(k->key + h + 1, text, t + 1);
	return k;
}

static void link_in(struct smi_tls_sessions *all, struct smi_tls_kept *k)
{
	k->older = all->newest;
	*(k->older ? &k->older->newer : &all->oldest) = k;
	all->newest = k;
	all->count++;
}

/* Behind the latest ones of the same host, the oldest of them is one too
 * many. */
static void make_room(struct smi_tls_sessions *all,
		      const struct smi_tls_kept *added)
{
	const char *host = added->key;
	const char *text = host + added->host_length + 1;
	struct smi_tls_kept *k, *older;
	int same = 0;

	for (k = all->newest; k; k = older) {
		older = k->older;
		if (is_for(k, added->hash, host, text) && ++same > MOST_OF_ONE)
			drop(all, k);
	}
	while (all->count > all->most)
		drop(all, all->oldest);
}

void smi_tls_sessions_put(struct smi_tls_sessions *all, const char *host,
			  const char *text, SSL_SESSION *session)
{
	struct smi_tls_kept *k = all->most > 0 ? make(host, text) : NULL;

	if (!k) {
		SSL_SESSION_free(session);
		return;
	}
	k->session = session;
	link_in(all, k);
	make_room(all, k);
}

/* ---- Out */

/* To resume is to take the certificate's word once more. (OpenSSL itself looks
 * at the age of a session.) */
static bool is_good(const SSL_SESSION *session)
{
	X509 *x = SSL_SESSION_get0_peer((SSL_SESSION *)session);
	time_t now = time(NULL);

	return SSL_SESSION_is_resumable(session) &&
	       (!x || X509_cmp_time(X509_get0_notAfter(x), &now) > 0);
}

/* A ticket of TLS 1.3 should be used once only (RFC 8446, appendix C.4), or
 * connections could be seen to be of the same client. */
static bool is_for_once(const SSL_SESSION *session)
{
	return SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION;
}

SSL_SESSION *smi_tls_sessions_take(struct smi_tls_sessions *all,
				   const char *host, const char *text)
{
	uint32_t hash = hash_of(host, text);
	SSL_SESSION *session = NULL;
	struct smi_tls_kept *k, *older;

	for (k = all->newest; k && !session; k = older) {
		older = k->older;
		if (!is_for(k, hash, host, text))
			continue;
		if (is_good(k->session)) {
			session = k->session;
			SSL_SESSION_up_ref(session);
		}
		if (!session || is_for_once(session))
			drop(all, k);
	}
	return session;
}

void smi_tls_sessions_done(struct smi_tls_sessions *all)
{
	while (all->oldest)
		drop(all, all->oldest);
}
