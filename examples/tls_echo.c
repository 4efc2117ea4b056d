/* SPDX-License-Identifier: MIT
 * tls_echo.c - an echo that nobody else can hear.
 *
 *	tls_echo CERTIFICATE KEY [PORT]
 *
 * CERTIFICATE and KEY are files in PEM. Try it with
 *
 *	openssl s_client -quiet -connect 127.0.0.1:PORT
 */
#include <stdio.h>
#include <stdlib.h>

#include <simul.h>

struct serve {
	const char *certificate, *key;
	int port;
	simul_tls *tls;
};

static int echo(simul_stream *s, void *arg)
{
	char buffer[4096];
	ptrdiff_t n;
	int r = 0;

	while (r >= 0 && (n = simul_read(s, buffer, sizeof buffer)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
}

/* A stranger is no reason to end. */
static void report(simul_stream *s, int error, void *arg)
{
	const struct serve *my = arg;
	simul_address peer;
	char name[SIMUL_ADDRESS_TEXT] = "somebody";
	const char *why = s ? simul_tls_stream_error(s) : "";

	if (s && !simul_tls_protocol(s))
		why = simul_tls_error(my->tls); /* it got no further */
	if (s && simul_peer_address(s, &peer) >= 0)
		simul_address_format(&peer, name, sizeof name);
	fprintf(stderr, "%s: %s\n", name, *why ? why : simul_strerror(error));
}

static int listen_and_serve(struct serve *my)
{
	const simul_serve_options options = { .failed = report };
	char text[SIMUL_ADDRESS_TEXT];
	simul_listener *listener;
	simul_address address;
	int r = simul_address_parse("127.0.0.1", my->port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0) {
		fprintf(stderr, "tls_echo: %s\n", simul_strerror(r));
		return r;
	}
	simul_listener_address(listener, &address);
	simul_address_format(&address, text, sizeof text);
	printf("%s\n", text);
	fflush(stdout);
	r = simul_serve_tls(listener, my->tls, echo, my, &options);
	simul_listener_close(listener);
	return r;
}

static int serve(void *arg)
{
	struct serve *my = arg;
	simul_tls_failure failure = { "" };
	simul_tls_options options = {
		.identity = { .certificate_file = my->certificate,
			      .key_file = my->key },
		.failure = &failure,
	};
	int r = simul_tls_new_server(&options, &my->tls);

	if (r < 0) {
		fprintf(stderr, "tls_echo: %s\n", failure.text);
		return r;
	}
	r = listen_and_serve(my);
	simul_tls_free(my->tls);
	return r;
}

int main(int argc, char **argv)
{
	struct serve my = { 0 };

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: tls_echo CERTIFICATE KEY [PORT]\n");
		return 2;
	}
	my.certificate = argv[1];
	my.key = argv[2];
	if (argc == 4)
		my.port = atoi(argv[3]);
	return simul_run(serve, &my) < 0;
}
