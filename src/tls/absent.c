/* SPDX-License-Identifier: MIT
 * tls/absent.c - TLS in a build without OpenSSL: there are no contexts. What
 * would need one can't be called, as there is none to be had. */
#include <stdio.h>

#include <simul/error.h>
#include <simul/tls.h>

static int refuse(const simul_tls_options *options)
{
	if (options && options->failure)
		snprintf(options->failure->text, sizeof options->failure->text,
			 "%s", simul_strerror(-SIMUL_EUNSUPPORTED));
	return -SIMUL_EUNSUPPORTED;
}

int simul_tls_new_client(const simul_tls_options *options, simul_tls **ret_tls)
{
	return refuse(options);
}

int simul_tls_new_server(const simul_tls_options *options, simul_tls **ret_tls)
{
	return refuse(options);
}

int simul_tls_reload(simul_tls *tls)
{
	return -SIMUL_EUNSUPPORTED;
}

void simul_tls_free(simul_tls *tls)
{
}

const char *simul_tls_error(const simul_tls *tls)
{
	return simul_strerror(-SIMUL_EUNSUPPORTED);
}

int simul_start_tls(simul_tls *tls, simul_stream *plain,
		    const simul_tls_start_options *options,
		    simul_stream **ret_stream)
{
	return -SIMUL_EUNSUPPORTED;
}

int simul_connect_tls(simul_tls *tls, const char *host, int port,
		      const simul_tls_start_options *options,
		      simul_stream **ret_stream)
{
	return -SIMUL_EUNSUPPORTED;
}

int simul_serve_tls(simul_listener *listener, simul_tls *tls,
		    simul_handler *handler, void *arg,
		    const simul_serve_options *options)
{
	return -SIMUL_EUNSUPPORTED;
}

const char *simul_tls_protocol(const simul_stream *s)
{
	return NULL;
}

const char *simul_tls_cipher(const simul_stream *s)
{
	return NULL;
}

const char *simul_tls_alpn(const simul_stream *s)
{
	return NULL;
}

const char *simul_tls_server_name(const simul_stream *s)
{
	return NULL;
}

bool simul_tls_was_resumed(const simul_stream *s)
{
	return false;
}

bool simul_tls_uses_kernel(const simul_stream *s)
{
	return false;
}

const char *simul_tls_stream_error(const simul_stream *s)
{
	return "";
}

int simul_tls_peer_chain(const simul_stream *s, simul_tls_chain **ret_chain)
{
	return -SIMUL_EUNSUPPORTED;
}

void simul_tls_chain_free(simul_tls_chain *chain)
{
}
