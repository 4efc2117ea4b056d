/* SPDX-License-Identifier: MIT
 * tls/look.c - what is known of a TLS stream. */
#include "tls/stream.h"

const char *simul_tls_protocol(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t ? SSL_get_version(t->ssl) : NULL;
}

const char *simul_tls_cipher(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t ? SSL_CIPHER_standard_name(SSL_get_current_cipher(t->ssl))
		 : NULL;
}

const char *simul_tls_alpn(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t ? t->protocol : NULL;
}

const char *simul_tls_server_name(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t ? SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
}

bool simul_tls_was_resumed(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t && SSL_session_reused(t->ssl);
}

bool simul_tls_uses_kernel(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t && t->kernel;
}

const char *simul_tls_stream_error(const simul_stream *s)
{
	const struct smi_tls_stream *t = smi_tls_stream(s);

	return t ? t->failure.text : "";
}
