/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_names.c - servers of several names, protocols inside, and
 * clients with certificates. */
#include <errno.h>

#include "tls/both.h"
#include "tls/context.h"

/* ---- Names (SNI) */

static struct paper one, any, own;
static simul_tls_identity more[2];

static void make_names(void)
{
	if (!ca.x)
		issue_usual();
	issue(&one, &ca,
	      &(struct wish){ .cn = "one", .names = "DNS:one.example" });
	issue(&any, &ca,
	      &(struct wish){ .cn = "any", .names = "DNS:*.b.example" });
	more[0].certificate_pem = one.pem;
	more[1].certificate_pem = any.pem;
	server_options.identities = more;
	server_options.identity_count = 2;
	make_contexts();
}

static void check_shown(const char *host, const char *subject)
{
	simul_tls_chain *chain;

	asked.host = host;
	connect_both();
	CHECK_STR(simul_tls_server_name(server), host);
	CHECK_INT(simul_tls_peer_chain(client, &chain), ==, 0);
	CHECK_STR(chain->certificates[0].subject, subject);
	simul_tls_chain_free(chain);
	close_both();
}

TEST_VIRTUAL(a_server_shows_the_certificate_for_the_name_it_is_asked_for)
{
	make_names();
	check_shown("one.example", "CN=one");
	check_shown("x.b.example", "CN=any");
	check_shown("a.example", "CN=a.example");
	check_shown("y.b.example", "CN=any");
	free_contexts();
}

TEST_VIRTUAL(for_any_other_name_it_shows_the_first_one)
{
	int s;

	make_names();
	asked.host = "c.example";
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EHOSTNAME);
	CHECK_STR(simul_tls_error(client_tls),
		  "certificate is for a.example, 127.0.0.1, not c.example");
	/* A star is one label. */
	asked.host = "x.y.b.example";
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EHOSTNAME);
	asked.host = "b.example";
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EHOSTNAME);
	free_contexts();
}

/* OpenSSL would choose the other one. */
TEST_VIRTUAL(the_first_one_is_shown_also_if_others_have_keys_of_another_kind)
{
	struct paper first;
	int s;

	issue_usual();
	issue(&first, &ca,
	      &(struct wish){ .cn = "first",
			      .names = "DNS:first.example",
			      .is_ed25519 = true });
	server_options.identity.certificate_pem = first.pem;
	make_names();
	asked.host = "c.example";
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EHOSTNAME);
	CHECK_STR(simul_tls_error(client_tls),
		  "certificate is for first.example, not c.example");
	free_contexts();
}

/* ---- Protocols inside (ALPN) */

static void check_protocol(const char *ours, const char *theirs,
			   const char *agreed)
{
	client_options.alpn = ours;
	server_options.alpn = theirs;
	make_contexts();
	connect_both();
	CHECK_STR(simul_tls_alpn(client), agreed);
	CHECK_STR(simul_tls_alpn(server), agreed);
	close_both();
	free_contexts();
}

TEST_VIRTUAL(both_sides_agree_on_a_protocol)
{
	check_protocol("h2,http/1.1", "http/1.1", "http/1.1");
	check_protocol("http/1.1,h2", "h2,http/1.1", "h2");
	check_protocol("h2", NULL, NULL);
	check_protocol(NULL, "h2", NULL);
	check_protocol(NULL, NULL, NULL);
}

TEST_VIRTUAL(a_server_refuses_clients_that_speak_other_protocols)
{
	int s;

	client_options.alpn = "spdy/1";
	server_options.alpn = "h2,http/1.1";
	make_contexts();
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_error(client_tls),
		  "the peer says: no application protocol");
	CHECK_INT(s, ==, -SIMUL_EPROTOCOL);
	CHECK_STR(simul_tls_error(server_tls), "no application protocol");
	free_contexts();
}

TEST_VIRTUAL(a_connection_may_offer_other_protocols_than_its_context)
{
	client_options.alpn = "h2";
	server_options.alpn = "h2,http/1.1";
	make_contexts();
	asked.alpn = "http/1.1";
	connect_both();
	CHECK_STR(simul_tls_alpn(client), "http/1.1");
	close_both();
	free_contexts();
}

static void check_is_no_list(const char *alpn)
{
	simul_tls_failure failure;
	simul_tls_options options = { .alpn = alpn, .failure = &failure };
	simul_tls *tls;

	CHECK_INT(simul_tls_new_client(&options, &tls), ==, -EINVAL);
	CHECK(strstr(failure.text, ".alpn is no list of protocols: "));
}

TEST_VIRTUAL(a_list_of_protocols_has_names_in_it)
{
	char alpn[400];

	memset(alpn, 'x', sizeof alpn);
	alpn[255] = 0;
	check_is_no_list("");
	check_is_no_list("h2,");
	check_is_no_list(",h2");
	check_is_no_list(alpn);
}

/* ---- Clients with certificates */

static void show_to_server(const struct paper *paper,
			   enum simul_tls_clients clients)
{
	issue_usual();
	if (paper)
		client_options.identity.certificate_pem = paper->pem;
	server_options.clients = clients;
	server_options.ca_pem = ca.pem;
	make_contexts();
}

static void check_subject(const char *subject)
{
	simul_tls_chain *chain;

	CHECK_INT(simul_tls_peer_chain(server, &chain), ==, 0);
	CHECK_INT(chain->count, ==, 1);
	CHECK_STR(chain->certificates[0].subject, subject);
	simul_tls_chain_free(chain);
}

TEST_VIRTUAL(a_server_sees_who_its_client_is)
{
	issue_usual();
	issue(&one, &ca, &(struct wish){ .cn = "me" });
	client_options.identity.certificate_pem = one.pem;
	server_options.clients = SIMUL_TLS_REQUIRE_CLIENT;
	server_options.ca_pem = ca.pem;
	make_contexts();
	connect_both();
	check_subject("CN=me");
	say(server, "hello");
	check_hears(client, "hello");
	close_both();
	/* Also where a session is resumed. */
	connect_both();
	CHECK(simul_tls_was_resumed(server));
	check_subject("CN=me");
	close_both();
	free_contexts();
}

TEST_VIRTUAL(a_client_without_a_certificate_is_refused_where_one_is_required)
{
	int s;
	char c;

	show_to_server(NULL, SIMUL_TLS_REQUIRE_CLIENT);
	/* In TLS 1.3 the client is through before the server has seen it. */
	CHECK_INT(shake_hands(&s), ==, 0);
	CHECK_INT(s, ==, -SIMUL_ECERTIFICATE);
	CHECK_STR(simul_tls_error(server_tls),
		  "the peer has shown no certificate");
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_stream_error(client),
		  "the peer says: certificate required");
	simul_close(client);
	free_contexts();
}

TEST_VIRTUAL(a_client_without_a_certificate_is_served_where_one_is_requested)
{
	simul_tls_chain *chain;

	show_to_server(NULL, SIMUL_TLS_REQUEST_CLIENT);
	connect_both();
	CHECK_INT(simul_tls_peer_chain(server, &chain), ==, -ENODATA);
	close_both();
	free_contexts();
}

TEST_VIRTUAL(a_client_with_a_bad_certificate_is_refused)
{
	char c;
	int s;

	issue(&own, NULL, &(struct wish){ .cn = "me" });
	show_to_server(&own, SIMUL_TLS_REQUEST_CLIENT);
	CHECK_INT(shake_hands(&s), ==, 0);
	CHECK_INT(s, ==, -SIMUL_ECERTIFICATE);
	CHECK_STR(simul_tls_error(server_tls),
		  "self-signed certificate (CN=me)");
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_stream_error(client), "the peer says: unknown ca");
	simul_close(client);
	free_contexts();
}

/* ---- What is known of a connection */

TEST_VIRTUAL(a_stream_tells_what_it_is)
{
	make_contexts();
	connect_both();
	CHECK_STR(simul_tls_protocol(client), "TLSv1.3");
	CHECK_STR(simul_tls_protocol(server), "TLSv1.3");
	CHECK_STR(simul_tls_cipher(client), "TLS_AES_256_GCM_SHA384");
	CHECK(!simul_tls_was_resumed(client));
	CHECK_STR(simul_tls_protocol(client_plain), NULL);
	CHECK_STR(simul_tls_cipher(client_plain), NULL);
	CHECK_STR(simul_tls_alpn(client_plain), NULL);
	CHECK_STR(simul_tls_server_name(client_plain), NULL);
	CHECK_STR(simul_tls_stream_error(client_plain), "");
	CHECK(!simul_tls_was_resumed(client_plain));
	close_both();
	free_contexts();
}

TEST_VIRTUAL(the_chain_of_the_peer_can_be_looked_at)
{
	simul_tls_chain *chain;
	const simul_tls_certificate *c;
	struct paper between, far;

	issue_usual();
	issue(&between, &ca, &(struct wish){ .cn = "Between", .is_ca = true });
	issue(&far, &between,
	      &(struct wish){ .cn = "far",
			      .names = "DNS:a.example,DNS:*.a.example,"
				       "IP:10.1.2.3,IP:fe80::1,email:x@y" });
	snprintf(strchr(far.pem, 0), 2000, "%s", between.pem);
	server_options.identity.certificate_pem = far.pem;
	make_contexts();
	connect_both();
	CHECK_INT(simul_tls_peer_chain(client_plain, &chain), ==, -EINVAL);
	CHECK_INT(simul_tls_peer_chain(server, &chain), ==, -ENODATA);
	CHECK_INT(simul_tls_peer_chain(client, &chain), ==, 0);
	CHECK_INT(chain->count, ==, 2);
	c = &chain->certificates[0];
	CHECK_STR(c->subject, "CN=far");
	CHECK_STR(c->issuer, "CN=Between");
	CHECK_INT(c->name_count, ==, 4);
	CHECK_STR(c->names[0], "a.example");
	CHECK_STR(c->names[1], "*.a.example");
	CHECK_STR(c->names[2], "10.1.2.3");
	CHECK_STR(c->names[3], "fe80::1");
	CHECK_NEAR((double)c->not_before, (double)time(NULL) - 86400, 60);
	CHECK_NEAR((double)c->not_after, (double)time(NULL) + 30 * 86400, 60);
	CHECK_BYTES(c->pem, far.pem, strlen(c->pem));
	CHECK_INT(strlen(c->pem), >, 300);
	CHECK_STR(chain->certificates[1].subject, "CN=Between");
	CHECK_INT(chain->certificates[1].name_count, ==, 0);
	simul_tls_chain_free(chain);
	simul_tls_chain_free(NULL);
	close_both();
	free_contexts();
}

/* A peer of before. */
static void allow_only_1_2(simul_tls *tls)
{
	SSL_CTX_set_max_proto_version(smi_tls_context_of(tls)->material->ctx,
				      TLS1_2_VERSION);
}

TEST_VIRTUAL(tls_1_2_is_spoken_with_those_who_know_no_better)
{
	make_contexts();
	allow_only_1_2(server_tls);
	connect_both();
	CHECK_STR(simul_tls_protocol(client), "TLSv1.2");
	say(client, "hello");
	check_hears(server, "hello");
	close_both();
	connect_both();
	CHECK(simul_tls_was_resumed(client));
	close_both();
	connect_both();
	CHECK(simul_tls_was_resumed(client));
	close_both();
	free_contexts();
}

TEST_VIRTUAL(the_oldest_version_can_be_raised)
{
	int s;

	client_options.min_version = SIMUL_TLS_1_3;
	make_contexts();
	allow_only_1_2(server_tls);
	CHECK_INT(shake_hands(&s), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_error(client_tls),
		  "the peer says: protocol version");
	CHECK_STR(simul_tls_error(server_tls), "unsupported protocol");
	free_contexts();
}
