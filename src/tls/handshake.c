/* SPDX-License-Identifier: MIT
 * tls/handshake.c - how a stream begins to speak TLS. */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <simul/error.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "task/task.h"
#include "tls/bio.h"
#include "tls/stream.h"

/* ---- What OpenSSL asks meanwhile */

int smi_tls_choose_alpn(SSL *ssl, const unsigned char **ret_name,
			unsigned char *ret_length, const unsigned char *offered,
			unsigned offered_length, void *arg)
{
	const struct smi_tls_alpn *ours = smi_tls_stream_of(ssl)->alpn;

	if (ours->length == 0)
		return SSL_TLSEXT_ERR_NOACK;
	if (SSL_select_next_proto((unsigned char **)ret_name, ret_length,
				  ours->names, ours->length, offered,
				  offered_length) == OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_OK;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Also after the handshake, when tickets come. */
int smi_tls_keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct smi_tls_stream *t = smi_tls_stream_of(ssl);

	/* To resume it would be to trust whom we trusted before a reload. */
	if (t->material != t->context->material)
		return 0;
	smi_tls_sessions_put(&t->context->sessions, t->host, t->session,
			     session);
	return 1;
}

/* ---- The other side */

/* Names are compared without a dot at their end, and addresses without what
 * URLs put around them, or the network card behind them. */
static size_t host_length(const char **host)
{
	size_t n;

	if (**host == '[') {
		++*host;
		return strcspn(*host, "]%");
	}
	if (strchr(*host, ':'))
		return strcspn(*host, "%");
	n = strlen(*host);
	return n > 0 && (*host)[n - 1] == '.' ? n - 1 : n;
}

/* Keep host and session, one behind the other. */
static int keep_names(struct smi_tls_stream *t,
		      const simul_tls_start_options *o)
{
	const char *host = o->host ? o->host : "";
	const char *session = o->session ? o->session : "";
	size_t n = host_length(&host), m = strlen(session);

	t->host = smi_alloc(n + m + 2);
	if (!t->host)
		return -ENOMEM;
	memcpy(t->host, host, n);
	t->host[n] = 0;
	memcpy(t->host + n + 1, session, m + 1);
	t->session = t->host + n + 1;
	return 0;
}

static bool expect_name(SSL *ssl, const char *host)
{
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
				       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static bool expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	/* An address is not a name to ask for. */
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host))
		return true;
	ERR_clear_error();
	return expect_name(ssl, host);
}

static bool prepare_client(struct smi_tls_stream *t)
{
	SSL_SESSION *session = smi_tls_sessions_take(&t->context->sessions,
						     t->host, t->session);
	bool ok = true;

	SSL_set_connect_state(t->ssl);
	if (t->host[0])
		ok = expect_host(t->ssl, t->host);
	if (ok && t->alpn->length > 0)
		ok = SSL_set_alpn_protos(t->ssl, t->alpn->names,
					 t->alpn->length) == 0;
	if (ok && session)
		ok = SSL_set_session(t->ssl, session);
	SSL_SESSION_free(session);
	return ok;
}

static bool prepare(struct smi_tls_stream *t)
{
	BIO *bio;

	ERR_clear_error();
	t->ssl = SSL_new(t->material->ctx);
	bio = t->ssl ? smi_tls_bio_new(t->material->bio, t) : NULL;
	if (!bio)
		return false;
	SSL_set_bio(t->ssl, bio, bio);
	if (!SSL_set_app_data(t->ssl, t))
		return false;
	if (!t->context->base.is_server)
		return prepare_client(t);
	SSL_set_accept_state(t->ssl);
	return true;
}

/* ---- To and fro */

static int shake_hands(void *arg)
{
	struct smi_tls_stream *t = arg;
	int r;

	do {
		ERR_clear_error();
		r = smi_tls_judge(t, SSL_do_handshake(t->ssl));
		smi_stream_push(t->below);
		if (r == SMI_TLS_ENDED)
			r = smi_tls_break(t, -SIMUL_EPROTOCOL,
					  "goodbye instead of a handshake");
		if (r == SMI_TLS_WANTS)
			r = smi_tls_more(t);
	} while (r == SMI_TLS_WANTS);
	return r < 0 ? r : 0;
}

static int shake_hands_in_time(struct smi_tls_stream *t)
{
	double most = t->context->settings->options.handshake_timeout;
	simul_timeout limit;
	int r = simul_timeout_open(&limit, most);

	if (r < 0)
		return r;
	r = simul_timeout_close(&limit, shake_hands(t));
	if (r == -ETIMEDOUT)
		smi_tls_fail(&t->failure, r, "no handshake within %g s", most);
	return r;
}

static int keep_protocol(struct smi_tls_stream *t)
{
	const unsigned char *name;
	unsigned length;

	SSL_get0_alpn_selected(t->ssl, &name, &length);
	if (length == 0)
		return 0;
	t->protocol = smi_alloc(length + 1);
	if (!t->protocol)
		return -ENOMEM;
	memcpy(t->protocol, name, length);
	t->protocol[length] = 0;
	return 0;
}

static int run(struct smi_tls_stream *t, const simul_tls_start_options *o)
{
	int r = keep_names(t, o);

	if (r < 0)
		return r;
	if (!prepare(t))
		return smi_tls_explain(t);
	r = shake_hands_in_time(t);
	if (r < 0)
		return r;
	/* It would keep the one for reading until something is read. (Before
	 * 3.0.14 it would free one in which something is left.) */
	if (!SSL_has_pending(t->ssl))
		SSL_free_buffers(t->ssl);
	return keep_protocol(t);
}

/* ---- Starting */

static int choose_protocols(const struct smi_tls_context *context,
			    const char *text, struct smi_tls_alpn *ret_alpn)
{
	if (text)
		return smi_tls_alpn_parse(text, ret_alpn);
	*ret_alpn = context->settings->alpn;
	return 0;
}

/* What can be known to be wrong before anything happens. */
static int check(const struct smi_tls_context *context,
		 const simul_stream *plain, const simul_tls_start_options *o)
{
	const char *host = o->host ? o->host : "";

	if (plain->reader || plain->users > 0)
		return -EBUSY;
	if (context->base.is_server ||
	    context->settings->options.insecure_no_verification)
		return 0;
	/* OpenSSL would take ".example" for all names that end so. */
	return host_length(&host) > 0 && *host != '.' ? 0 : -EINVAL;
}

static struct smi_tls_stream *make_stream(struct smi_tls_context *context,
					  simul_stream *plain)
{
	struct smi_tls_stream *t = (struct smi_tls_stream *)smi_stream_new(
		&smi_tls_ops, sizeof *t);

	if (!t)
		return NULL;
	t->below = plain;
	t->context = context;
	t->context->users++;
	t->material = context->material;
	t->material->users++;
	t->limit = plain->limit;
	simul_stream_set_limit(plain, 0);
	return t;
}

static int fail(struct smi_tls_stream *t, int error)
{
	struct smi_tls_context *context = t->context;

	if (!t->failure.text[0])
		smi_tls_fail(&t->failure, error, "%s", simul_strerror(error));
	context->failure = t->failure;
	simul_stream_set_limit(t->below, t->limit);
	smi_tls_stream_free(t);
	smi_stream_free(&t->stream);
	return error;
}

static int start(struct smi_tls_context *context, simul_stream *plain,
		 const simul_tls_start_options *o, bool keep,
		 simul_stream **ret_stream)
{
	struct smi_tls_stream *t;
	struct smi_tls_alpn alpn;
	int r = check(context, plain, o);

	if (r >= 0)
		r = choose_protocols(context, o->alpn, &alpn);
	if (r < 0)
		return smi_tls_fail(&context->failure, r, "start TLS: %s",
				    simul_strerror(r));
	t = make_stream(context, plain);
	if (!t)
		return smi_tls_fail(&context->failure, -ENOMEM, "no memory");
	t->keep_below = keep;
	t->alpn = &alpn;
	r = run(t, o);
	t->alpn = NULL;
	if (r < 0)
		return fail(t, r);
	*ret_stream = &t->stream;
	return 0;
}

int smi_tls_start(simul_tls *tls, simul_stream *plain,
		  const simul_tls_start_options *options, bool keep,
		  simul_stream **ret_stream)
{
	static const simul_tls_start_options none;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	r = start(smi_tls_context_of(tls), plain, options ? options : &none,
		  keep, ret_stream);
	/* OpenSSL goes deep when it signs and verifies, but not afterwards. */
	smi_task_trim_stack();
	return r;
}

int simul_start_tls(simul_tls *tls, simul_stream *plain,
		    const simul_tls_start_options *options,
		    simul_stream **ret_stream)
{
	return smi_tls_start(tls, plain, options, false, ret_stream);
}
