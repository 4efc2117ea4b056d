/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_context.c - what many connections share: sessions, files,
 * and options. */
#include <errno.h>
#include <unistd.h>

#include "tls/both.h"
#include "tls/context.h"
#include "tls/folder.h"

static void check_resumed(bool expected)
{
	char c[3];

	connect_both();
	CHECK_INT(simul_tls_was_resumed(client), ==, expected);
	CHECK_INT(simul_tls_was_resumed(server), ==, expected);
	/* Tickets come with what is read. */
	say(server, "abc");
	CHECK_INT(simul_read_exactly(client, c, 3), ==, 1);
	close_both();
}

static size_t kept(void)
{
	return smi_tls_context_of(client_tls)->sessions.count;
}

/* ---- Sessions */

TEST_VIRTUAL(a_session_is_resumed)
{
	make_contexts();
	check_resumed(false);
	CHECK_INT(kept(), ==, 1);
	for (int i = 0; i < 5; i++)
		check_resumed(true);
	free_contexts();
}

TEST_VIRTUAL(a_session_is_resumed_with_the_same_host_only)
{
	make_contexts();
	check_resumed(false);
	asked.host = "127.0.0.1";
	check_resumed(false);
	check_resumed(true);
	asked.session = "another";
	check_resumed(false);
	check_resumed(true);
	free_contexts();
}

TEST_VIRTUAL(so_many_sessions_are_kept_and_no_more)
{
	char name[16];

	client_options.max_sessions = 5;
	make_contexts();
	asked.session = name;
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof name, "%d", i);
		check_resumed(false);
		CHECK_INT(kept(), <=, 5);
	}
	check_resumed(true);
	snprintf(name, sizeof name, "%d", 0);
	check_resumed(false);
	free_contexts();
}

TEST_VIRTUAL(one_host_does_not_push_out_all_others)
{
	simul_stream *s[12];
	char c;

	client_options.max_sessions = 7;
	make_contexts();
	asked.session = "rare";
	check_resumed(false);
	asked.session = "frequent";
	for (int i = 0; i < 12; i += 2) {
		connect_both();
		s[i] = client;
		s[i + 1] = server;
	}
	/* A ticket each. */
	for (int i = 0; i < 12; i += 2) {
		say(s[i + 1], "a");
		CHECK_INT(simul_read(s[i], &c, 1), ==, 1);
	}
	for (int i = 0; i < 12; i++)
		CHECK_INT(simul_close(s[i]), ==, 0);
	CHECK_INT(kept(), ==, 1 + 4);
	asked.session = "rare";
	check_resumed(true);
	free_contexts();
}

TEST_VIRTUAL(who_wants_no_sessions_has_none)
{
	client_options.no_resumption = true;
	make_contexts();
	check_resumed(false);
	check_resumed(false);
	CHECK_INT(kept(), ==, 0);
	free_contexts();
	client_options.no_resumption = false;
	server_options.no_resumption = true;
	make_contexts();
	check_resumed(false);
	check_resumed(false);
	CHECK_INT(kept(), ==, 0);
	free_contexts();
}

TEST_VIRTUAL(a_session_that_has_expired_is_not_resumed)
{
	SSL_SESSION *s;
	char c;

	make_contexts();
	connect_both();
	say(server, "a");
	CHECK_INT(simul_read(client, &c, 1), ==, 1);
	CHECK_INT(kept(), ==, 1);
	close_both();
	s = smi_tls_sessions_take(&smi_tls_context_of(client_tls)->sessions,
				  "a.example", "");
	CHECK(s);
	SSL_SESSION_set_time(s, SSL_SESSION_get_time(s) - 100000);
	smi_tls_sessions_put(&smi_tls_context_of(client_tls)->sessions,
			     "a.example", "old", s);
	asked.session = "old";
	check_resumed(false);
	free_contexts();
}

TEST_VIRTUAL(who_has_shown_an_expired_certificate_shows_it_again)
{
	struct paper expired;

	issue_usual();
	issue(&expired, &ca,
	      &(struct wish){ .cn = "x", .from_days = -9, .to_days = -1 });
	server_options.identity.certificate_pem = expired.pem;
	client_options.insecure_no_verification = true;
	make_contexts();
	check_resumed(false);
	CHECK_INT(kept(), ==, 1);
	check_resumed(false);
	free_contexts();
}

/* ---- Reading files again */

static char cert_file[128], key_file[128];

static void write_leaf(const struct paper *paper)
{
	write_file(in_folder("cert.pem", cert_file), paper->pem);
	write_file(in_folder("key.pem", key_file),
		   strstr(paper->pem, "-----BEGIN PRIV"));
}

static void check_shown(const char *subject)
{
	simul_tls_chain *chain;

	connect_both();
	CHECK_INT(simul_tls_peer_chain(client, &chain), ==, 0);
	CHECK_STR(chain->certificates[0].subject, subject);
	simul_tls_chain_free(chain);
	close_both();
}

static void use_files(void)
{
	issue_usual();
	write_leaf(&leaf);
	server_options.identity.certificate_file = cert_file;
	server_options.identity.key_file = key_file;
	make_contexts();
}

TEST_VIRTUAL(certificates_are_read_again_without_a_restart)
{
	struct paper renewed;

	client_options.no_resumption = true;
	use_files();
	check_shown("CN=a.example");
	issue(&renewed, &ca,
	      &(struct wish){ .cn = "renewed", .names = "DNS:a.example" });
	write_leaf(&renewed);
	check_shown("CN=a.example");
	CHECK_INT(simul_tls_reload(server_tls), ==, 0);
	check_shown("CN=renewed");
	free_contexts();
	remove_folder();
}

TEST_VIRTUAL(bad_files_leave_the_old_ones_in_force)
{
	char expected[256];

	client_options.no_resumption = true;
	use_files();
	write_file(cert_file, "nothing of the kind\n");
	CHECK_INT(simul_tls_reload(server_tls), ==, -EINVAL);
	snprintf(expected, sizeof expected,
		 "no certificate in %s: no start line", cert_file);
	CHECK_STR(simul_tls_error(server_tls), expected);
	CHECK_INT(unlink(cert_file), ==, 0);
	CHECK_INT(simul_tls_reload(server_tls), ==, -ENOENT);
	snprintf(expected, sizeof expected, "%s: No such file or directory",
		 cert_file);
	CHECK_STR(simul_tls_error(server_tls), expected);
	write_file(cert_file, ca.pem);
	CHECK_INT(simul_tls_reload(server_tls), ==, -EINVAL);
	snprintf(expected, sizeof expected,
		 "the key in %s is for another certificate than that in %s",
		 key_file, cert_file);
	CHECK(strstr(simul_tls_error(server_tls), expected));
	CHECK_INT(shake_hands(&(int){ 0 }), ==, 0);
	close_both();
	check_shown("CN=a.example");
	free_contexts();
	remove_folder();
}

TEST_VIRTUAL(sessions_outlive_a_reload)
{
	use_files();
	check_resumed(false);
	CHECK_INT(simul_tls_reload(server_tls), ==, 0);
	check_resumed(true);
	free_contexts();
	remove_folder();
}

TEST_VIRTUAL(servers_are_looked_at_anew_after_a_reload)
{
	make_contexts();
	check_resumed(false);
	CHECK_INT(simul_tls_reload(client_tls), ==, 0);
	CHECK_INT(kept(), ==, 0);
	check_resumed(false);
	check_resumed(true);
	free_contexts();
}

/* Tickets come late: with what is read after the handshake. */
TEST_VIRTUAL(what_was_begun_before_a_reload_makes_no_sessions)
{
	char c;

	make_contexts();
	connect_both();
	CHECK_INT(simul_tls_reload(client_tls), ==, 0);
	say(server, "a");
	CHECK_INT(simul_read(client, &c, 1), ==, 1);
	CHECK_INT(kept(), ==, 0);
	close_both();
	check_resumed(false);
	check_resumed(true);
	free_contexts();
}

TEST_VIRTUAL(clients_are_looked_at_anew_after_a_reload)
{
	server_options.clients = SIMUL_TLS_REQUEST_CLIENT;
	issue_usual();
	server_options.ca_pem = ca.pem;
	make_contexts();
	check_resumed(false);
	CHECK_INT(simul_tls_reload(server_tls), ==, 0);
	check_resumed(false);
	free_contexts();
}

TEST_VIRTUAL(streams_outlive_their_context_and_a_reload)
{
	make_contexts();
	connect_both();
	CHECK_INT(simul_tls_reload(server_tls), ==, 0);
	CHECK_INT(simul_tls_reload(client_tls), ==, 0);
	free_contexts();
	say(client, "hello");
	check_hears(server, "hello");
	close_both();
}

/* ---- Options */

static void check_server_refused(int error, const char *words)
{
	simul_tls_failure failure = { "" };
	simul_tls *tls;

	server_options.failure = &failure;
	CHECK_INT(simul_tls_new_server(&server_options, &tls), ==, error);
	if (!strstr(failure.text, words))
		CHECK_STR(failure.text, words);
	server_options = (simul_tls_options){ 0 };
}

TEST_VIRTUAL(options_that_make_no_sense_are_refused_with_words)
{
	simul_tls_identity nobody = { 0 };

	issue_usual();
	check_server_refused(-EINVAL, "a server needs an .identity");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.clients = SIMUL_TLS_REQUIRE_CLIENT;
	check_server_refused(-EINVAL, "clients' certificates need a .ca_file");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.identities = &nobody;
	server_options.identity_count = 1;
	check_server_refused(-EINVAL, "one of .identities has no certificate");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.handshake_timeout = -1;
	check_server_refused(-EINVAL, "a time limit is negative");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.clients = 3;
	server_options.ca_pem = ca.pem;
	check_server_refused(-EINVAL, "no such .clients");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.min_version = 2;
	check_server_refused(-EINVAL, "no such .min_version");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.insecure_no_verification = true;
	check_server_refused(-EINVAL, "what a server wants of its clients");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.ca_pem = "no certificate";
	check_server_refused(-EINVAL, "no certificates in .ca_pem");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.ca_dir = "/nowhere";
	check_server_refused(-ENOENT, "/nowhere: No such file or directory");
	server_options.identity.certificate_pem = leaf.pem;
	server_options.identity.key_pem = "no key";
	check_server_refused(-EINVAL, "no key in the text");
}

/* Of 1024 bits, which can be broken. */
TEST_VIRTUAL(a_weak_key_is_refused)
{
	struct paper weak = { .key = EVP_RSA_gen(1024) };
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	issue_usual();
	weak.x = X509_dup(leaf.x);
	X509_set_pubkey(weak.x, weak.key);
	CHECK(X509_sign(weak.x, ca.key, EVP_sha256()));
	CHECK(PEM_write_bio_X509(bio, weak.x));
	CHECK(PEM_write_bio_PrivateKey(bio, weak.key, NULL, NULL, 0, NULL,
				       NULL));
	CHECK_INT(BIO_write(bio, "", 1), ==, 1);
	BIO_get_mem_data(bio, &text);
	server_options.identity.certificate_pem = text;
	check_server_refused(-EINVAL, "the certificate in the text is no good: "
				      "ee key too small");
	BIO_free(bio);
	X509_free(weak.x);
	EVP_PKEY_free(weak.key);
}

static void write_locked(const struct paper *paper, const char *password)
{
	BIO *bio = BIO_new_file(key_file, "w");

	CHECK(bio &&
	      PEM_write_bio_PrivateKey(bio, paper->key, EVP_aes_128_cbc(), NULL,
				       0, NULL, (void *)password));
	BIO_free(bio);
}

TEST_VIRTUAL(a_key_may_have_a_password)
{
	issue_usual();
	write_leaf(&leaf);
	write_locked(&leaf, "sesame");
	server_options.identity =
		(simul_tls_identity){ .certificate_file = cert_file,
				      .key_file = key_file };
	check_server_refused(-EINVAL, "no key in /");
	server_options.identity =
		(simul_tls_identity){ .certificate_file = cert_file,
				      .key_file = key_file,
				      .password = "wrong" };
	check_server_refused(-EINVAL, "no key in /");
	server_options.identity =
		(simul_tls_identity){ .certificate_file = cert_file,
				      .key_file = key_file,
				      .password = "sesame" };
	make_contexts();
	check_shown("CN=a.example");
	free_contexts();
	remove_folder();
}
