/* SPDX-License-Identifier: MIT
 * tls/settings.c - a copy of the options that a context was made with.
 *
 * It is one block: the struct, the further identities, and then all text. */
#include "tls/settings.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "tls/failure.h"

/* ---- Copying: once to count, and once more */

struct packer {
	char *at; /* NULL: only count */
	size_t size;
};

static void pack_text(struct packer *p, const char **text)
{
	size_t n = *text ? strlen(*text) + 1 : 0;

	if (n > 0 && p->at) {
		memcpy(p->at, *text, n);
		*text = p->at;
		p->at += n;
	}
	p->size += n;
}

static void pack_identity(struct packer *p, simul_tls_identity *identity)
{
	pack_text(p, &identity->certificate_file);
	pack_text(p, &identity->key_file);
	pack_text(p, &identity->password);
	pack_text(p, &identity->certificate_pem);
	pack_text(p, &identity->key_pem);
}

/* copies: where the further identities go; NULL: only count. */
static void pack(struct packer *p, simul_tls_options *o,
		 simul_tls_identity *copies)
{
	for (size_t i = 0; i < o->identity_count; i++) {
		simul_tls_identity identity = o->identities[i];

		pack_identity(p, &identity);
		if (copies)
			copies[i] = identity;
	}
	if (copies)
		o->identities = copies;
	pack_identity(p, &o->identity);
	pack_text(p, &o->ca_file);
	pack_text(p, &o->ca_dir);
	pack_text(p, &o->ca_pem);
	pack_text(p, &o->crl_file);
	pack_text(p, &o->alpn);
}

static struct smi_tls_settings *copy(const simul_tls_options *options)
{
	simul_tls_options o = *options;
	size_t size = o.identity_count * sizeof *o.identities;
	struct packer counter = { 0 }, packer = { 0 };
	struct smi_tls_settings *settings;
	simul_tls_identity *copies;

	pack(&counter, &o, NULL);
	settings = smi_alloc_zero(sizeof *settings + size + counter.size);
	if (!settings)
		return NULL;
	copies = (simul_tls_identity *)(settings + 1);
	packer.at = (char *)copies + size;
	pack(&packer, &o, copies);
	settings->options = o;
	return settings;
}

/* ---- Checking */

/* So written, a NaN is none. */
static bool is_time(double seconds)
{
	return seconds > 0 || seconds == 0;
}

static bool has_trust(const simul_tls_options *o)
{
	return o->ca_file || o->ca_dir || o->ca_pem;
}

static bool all_are_given(const simul_tls_options *o)
{
	for (size_t i = 0; i < o->identity_count; i++)
		if (!smi_tls_is_given(&o->identities[i]))
			return false;
	return true;
}

static const char *what_is_wrong(bool is_server, const simul_tls_options *o)
{
	if (!is_time(o->handshake_timeout) || !is_time(o->shutdown_timeout))
		return "a time limit is negative or no number";
	if (o->identity_count > 0 && !o->identities)
		return ".identity_count without .identities";
	if (o->identity_count > SIZE_MAX / 2 / sizeof *o->identities)
		return ".identity_count is too large";
	if (!all_are_given(o))
		return "one of .identities has no certificate";
	if (is_server && !smi_tls_is_given(&o->identity))
		return "a server needs an .identity";
	if (is_server && o->insecure_no_verification)
		return "what a server wants of its clients is .clients";
	if (!is_server && (o->clients || o->identity_count > 0))
		return ".clients and .identities are for servers";
	if (o->clients && !has_trust(o))
		return "clients' certificates need a .ca_file of those who "
		       "sign them";
	if ((int)o->clients < SIMUL_TLS_ANY_CLIENT ||
	    o->clients > SIMUL_TLS_REQUIRE_CLIENT)
		return "no such .clients";
	if ((int)o->min_version < SIMUL_TLS_1_2 ||
	    o->min_version > SIMUL_TLS_1_3)
		return "no such .min_version";
	return NULL;
}

static void fill_in(simul_tls_options *o)
{
	if (o->handshake_timeout == 0)
		o->handshake_timeout = 60;
	if (o->shutdown_timeout == 0)
		o->shutdown_timeout = 30;
	if (o->max_sessions == 0)
		o->max_sessions = 256;
	if (o->no_resumption)
		o->max_sessions = 0;
	o->failure = NULL;
}

int smi_tls_settings_new(bool is_server, const simul_tls_options *options,
			 simul_tls_failure *failure,
			 struct smi_tls_settings **ret_settings)
{
	static const simul_tls_options none;
	const simul_tls_options *o = options ? options : &none;
	const char *wrong = what_is_wrong(is_server, o);
	struct smi_tls_settings *settings;
	struct smi_tls_alpn alpn;

	if (wrong)
		return smi_tls_fail(failure, -EINVAL, "%s", wrong);
	if (smi_tls_alpn_parse(o->alpn, &alpn) < 0)
		return smi_tls_fail(failure, -EINVAL,
				    ".alpn is no list of protocols: %s",
				    o->alpn);
	settings = copy(o);
	if (!settings)
		return smi_tls_fail(failure, -ENOMEM, "no memory");
	fill_in(&settings->options);
	settings->is_server = is_server;
	settings->alpn = alpn;
	*ret_settings = settings;
	return 0;
}

void smi_tls_settings_free(struct smi_tls_settings *settings)
{
	smi_free(settings);
}
