/* SPDX-License-Identifier: MIT
 * tls/verdict.c - why a handshake, or what comes after it, has failed. */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <simul/error.h>

#include "tls/names.h"
#include "tls/stream.h"

/* ---- Certificates */

static bool is_for_another(int verdict)
{
	return verdict == X509_V_ERR_HOSTNAME_MISMATCH ||
	       verdict == X509_V_ERR_IP_ADDRESS_MISMATCH;
}

static void note_names(struct smi_tls_stream *t, X509 *x)
{
	char names[128];

	smi_tls_list_names(x, names, sizeof names);
	smi_tls_fail(&t->failure, 0, "certificate is for %s, not %s",
		     names[0] ? names : "nobody", t->host);
}

int smi_tls_note_verdict(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct smi_tls_stream *t = smi_tls_stream_of(ssl);
	X509 *x = X509_STORE_CTX_get_current_cert(store);
	char subject[128];

	/* OpenSSL also tells those who don't ask. */
	if (ok || t->verdict || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE)
		return ok;
	t->verdict = X509_STORE_CTX_get_error(store);
	if (x && is_for_another(t->verdict)) {
		note_names(t, x);
		return 0;
	}
	smi_tls_write_subject(x, subject, sizeof subject);
	smi_tls_fail(&t->failure, 0, "%s (%s)",
		     X509_verify_cert_error_string(t->verdict), subject);
	return 0;
}

/* ---- All else */

/* "tlsv13 alert certificate required" */
static int explain_alert(simul_tls_failure *f, const char *words)
{
	static const char alert[] = " alert ";
	const char *found = words ? strstr(words, alert) : NULL;

	if (found)
		words = found + sizeof alert - 1;
	return smi_tls_fail(f, -SIMUL_EALERT, "the peer says: %s",
			    words ? words : "no");
}

/* Alerts have a byte. Above them are the reasons that all of OpenSSL shares. */
static bool is_alert(int reason)
{
	return reason >= SSL_AD_REASON_OFFSET &&
	       reason <= SSL_AD_REASON_OFFSET + 255;
}

static int explain_reason(simul_tls_failure *f, unsigned long error)
{
	int reason = ERR_GET_REASON(error);
	bool is_tls = ERR_GET_LIB(error) == ERR_LIB_SSL;
	const char *words = ERR_reason_error_string(error);

	if (reason == ERR_R_MALLOC_FAILURE)
		return smi_tls_fail(f, -ENOMEM, "no memory");
	if (is_tls && is_alert(reason))
		return explain_alert(f, words);
	if (is_tls && reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return smi_tls_fail(f, -SIMUL_ECERTIFICATE,
				    "the peer has shown no certificate");
	return smi_tls_fail(f, -SIMUL_EPROTOCOL, "%s",
			    words ? words : "the peer does not speak TLS");
}

int smi_tls_explain(struct smi_tls_stream *t)
{
	unsigned long error = ERR_peek_error();
	int r;

	if (t->no_memory)
		r = smi_tls_fail(&t->failure, -ENOMEM, "no memory");
	else if (t->broken)
		r = t->broken;
	else if (t->verdict)
		r = is_for_another(t->verdict) ? -SIMUL_EHOSTNAME
					       : -SIMUL_ECERTIFICATE;
	else
		r = explain_reason(&t->failure, error);
	ERR_clear_error();
	return r;
}
