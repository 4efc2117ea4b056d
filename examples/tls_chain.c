/* SPDX-License-Identifier: MIT
 * tls_chain.c - whose certificate is it?
 *
 *	tls_chain HOST [PORT]
 *
 * Connects to a server with TLS, and prints who it is and who says so. It
 * fails if that is not to be believed, and says why. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <simul.h>

struct ask {
	const char *host;
	int port;
};

static void print_day(const char *before, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) && strftime(text, sizeof text, "%F", &tm) > 0)
		printf("%s%s", before, text);
}

static void print_certificate(size_t i, const simul_tls_certificate *c)
{
	printf("%zu  %s\n", i, c->subject);
	printf("   signed by %s\n", c->issuer);
	print_day("   good from ", c->not_before);
	print_day(" to ", c->not_after);
	putchar('\n');
	for (size_t k = 0; k < c->name_count; k++)
		printf("%s%s", k ? ", " : "   for ", c->names[k]);
	if (c->name_count > 0)
		putchar('\n');
}

static int print_stream(const simul_stream *s)
{
	simul_tls_chain *chain;
	int r = simul_tls_peer_chain(s, &chain);

	if (r < 0)
		return r;
	printf("%s with %s\n", simul_tls_protocol(s), simul_tls_cipher(s));
	for (size_t i = 0; i < chain->count; i++)
		print_certificate(i, &chain->certificates[i]);
	simul_tls_chain_free(chain);
	return 0;
}

static int ask(void *arg)
{
	const struct ask *my = arg;
	simul_tls_failure failure = { "" };
	simul_tls_options options = { .failure = &failure };
	simul_stream *s;
	simul_tls *tls;
	int r = simul_tls_new_client(&options, &tls);

	if (r < 0) {
		fprintf(stderr, "tls_chain: %s\n", failure.text);
		return r;
	}
	r = simul_connect_tls(tls, my->host, my->port, NULL, &s);
	if (r < 0) {
		fprintf(stderr, "tls_chain: %s\n", simul_tls_error(tls));
	} else {
		r = print_stream(s);
		simul_close(s);
	}
	simul_tls_free(tls);
	return r;
}

int main(int argc, char **argv)
{
	struct ask my = { argc > 1 ? argv[1] : "", 443 };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: tls_chain HOST [PORT]\n");
		return 2;
	}
	if (argc == 3)
		my.port = atoi(argv[2]);
	return simul_run(ask, &my) < 0;
}
