/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_verify.c - whom a client believes, and what it says of
 * the others. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tls/both.h"
#include "tls/folder.h"

/* ---- A server's certificate */

static void check_refused(int error, const char *words)
{
	int s, r;

	r = shake_hands(&s);
	CHECK_STR(simul_tls_error(client_tls), words);
	CHECK_INT(r, ==, error);
	CHECK_INT(s, <, 0);
	CHECK(!client && !server);
	free_contexts();
}

static void show(const struct paper *paper)
{
	server_options.identity.certificate_pem = paper->pem;
	make_contexts();
}

TEST_VIRTUAL(a_server_that_is_who_it_says_is_believed)
{
	make_contexts();
	connect_both();
	say(client, "hello");
	check_hears(server, "hello");
	say(server, "you");
	check_hears(client, "you");
	close_both();
	free_contexts();
}

TEST_VIRTUAL(an_address_in_numbers_is_compared_with_addresses)
{
	asked.host = "127.0.0.1";
	make_contexts();
	connect_both();
	CHECK_STR(simul_tls_server_name(server), NULL);
	close_both();
	asked.host = "127.0.0.2";
	check_refused(-SIMUL_EHOSTNAME,
		      "certificate is for a.example, 127.0.0.1, not "
		      "127.0.0.2");
}

TEST_VIRTUAL(a_dot_at_the_end_of_a_name_does_not_count)
{
	asked.host = "a.example.";
	make_contexts();
	connect_both();
	CHECK_STR(simul_tls_server_name(server), "a.example");
	close_both();
	free_contexts();
}

TEST_VIRTUAL(a_certificate_for_another_name_is_refused)
{
	asked.host = "b.example";
	make_contexts();
	check_refused(-SIMUL_EHOSTNAME, "certificate is for a.example, "
					"127.0.0.1, not b.example");
}

TEST_VIRTUAL(a_name_in_the_subject_does_not_count)
{
	struct paper old;

	issue_usual();
	issue(&old, &ca, &(struct wish){ .cn = "a.example" });
	show(&old);
	check_refused(-SIMUL_EHOSTNAME,
		      "certificate is for nobody, not a.example");
}

TEST_VIRTUAL(an_expired_certificate_is_refused)
{
	struct paper expired;

	issue_usual();
	issue(&expired, &ca,
	      &(struct wish){ .cn = "a.example",
			      .names = "DNS:a.example",
			      .from_days = -9,
			      .to_days = -1 });
	show(&expired);
	check_refused(-SIMUL_ECERTIFICATE,
		      "certificate has expired (CN=a.example)");
}

TEST_VIRTUAL(a_certificate_of_the_future_is_refused)
{
	struct paper early;

	issue_usual();
	issue(&early, &ca,
	      &(struct wish){ .cn = "a.example",
			      .names = "DNS:a.example",
			      .from_days = 3 });
	show(&early);
	check_refused(-SIMUL_ECERTIFICATE,
		      "certificate is not yet valid (CN=a.example)");
}

TEST_VIRTUAL(a_certificate_that_signs_itself_is_refused)
{
	struct paper own;

	issue_usual();
	issue(&own, NULL,
	      &(struct wish){ .cn = "a.example", .names = "DNS:a.example" });
	show(&own);
	check_refused(-SIMUL_ECERTIFICATE,
		      "self-signed certificate (CN=a.example)");
}

TEST_VIRTUAL(a_certificate_of_somebody_unknown_is_refused)
{
	struct paper stranger, other;

	issue_usual();
	issue(&stranger, NULL,
	      &(struct wish){ .cn = "Stranger", .is_ca = true });
	issue(&other, &stranger,
	      &(struct wish){ .cn = "a.example", .names = "DNS:a.example" });
	show(&other);
	check_refused(-SIMUL_ECERTIFICATE,
		      "unable to get local issuer certificate (CN=a.example)");
}

TEST_VIRTUAL(a_certificate_for_another_purpose_is_refused)
{
	struct paper wrong;

	issue_usual();
	issue(&wrong, &ca,
	      &(struct wish){ .cn = "a.example",
			      .names = "DNS:a.example",
			      .usage = "clientAuth" });
	show(&wrong);
	check_refused(-SIMUL_ECERTIFICATE,
		      "unsuitable certificate purpose (CN=a.example)");
}

TEST_VIRTUAL(a_certificate_signed_by_one_that_may_not_sign_is_refused)
{
	struct paper forged;

	issue_usual();
	issue(&forged, &leaf,
	      &(struct wish){ .cn = "forged", .names = "DNS:a.example" });
	snprintf(strchr(forged.pem, 0), 2000, "%s", leaf.pem);
	show(&forged);
	check_refused(-SIMUL_ECERTIFICATE,
		      "invalid CA certificate (CN=a.example)");
}

TEST_VIRTUAL(a_revoked_certificate_is_refused)
{
	struct paper other;
	char path[128];
	int s;

	issue_usual();
	issue(&other, &ca,
	      &(struct wish){ .cn = "other", .names = "DNS:a.example" });
	write_revoked(&ca, &leaf, in_folder("crl.pem", path));
	client_options.crl_file = path;
	make_contexts();
	CHECK_INT(shake_hands(&s), ==, -SIMUL_ECERTIFICATE);
	CHECK_STR(simul_tls_error(client_tls),
		  "certificate revoked (CN=a.example)");
	free_contexts();
	/* One that is not in the list is as good as ever. */
	show(&other);
	connect_both();
	close_both();
	free_contexts();
	remove_folder();
}

TEST_VIRTUAL(a_chain_leads_through_those_in_between)
{
	struct paper between, far;
	int s;

	issue_usual();
	issue(&between, &ca, &(struct wish){ .cn = "Between", .is_ca = true });
	issue(&far, &between,
	      &(struct wish){ .cn = "far", .names = "DNS:a.example" });
	show(&far);
	CHECK_INT(shake_hands(&s), ==, -SIMUL_ECERTIFICATE);
	free_contexts();
	snprintf(strchr(far.pem, 0), 2000, "%s", between.pem);
	show(&far);
	connect_both();
	close_both();
	free_contexts();
}

/* ---- Not verifying */

TEST_VIRTUAL(who_insists_does_not_verify)
{
	struct paper own;

	issue_usual();
	issue(&own, NULL,
	      &(struct wish){ .cn = "x", .to_days = -1, .from_days = -2 });
	client_options.insecure_no_verification = true;
	asked.host = NULL;
	show(&own);
	connect_both();
	CHECK_STR(simul_tls_stream_error(client), "");
	close_both();
	free_contexts();
}

TEST_VIRTUAL(who_does_not_verify_is_told_of_what_goes_wrong_later)
{
	struct paper own;
	char c;

	issue_usual();
	issue(&own, NULL, &(struct wish){ .cn = "x" });
	client_options.insecure_no_verification = true;
	server_options.clients = SIMUL_TLS_REQUIRE_CLIENT;
	server_options.ca_pem = ca.pem;
	server_options.identity.certificate_pem = own.pem;
	make_contexts();
	CHECK_INT(shake_hands(&(int){ 0 }), ==, 0);
	CHECK_INT(simul_read(client, &c, 1), ==, -SIMUL_EALERT);
	CHECK_STR(simul_tls_stream_error(client),
		  "the peer says: certificate required");
	simul_close(client);
	free_contexts();
}

TEST_VIRTUAL(without_a_host_to_verify_nothing_is_begun)
{
	static const char *const none[] = { NULL,   "",	   ".",	       "[]",
					    "[%lo", "%1:", ".example", "..." };
	int s;

	make_contexts();
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		asked.host = none[i];
		CHECK_INT(shake_hands(&s), ==, -EINVAL);
		CHECK_STR(simul_tls_error(client_tls),
			  "start TLS: Invalid argument");
	}
	free_contexts();
}

/* ---- Whom to trust */

static void check_trust(const simul_tls_options *options)
{
	client_options = *options;
	client_options.ca_pem = NULL;
	CHECK_INT(simul_tls_new_client(&client_options, &client_tls), ==, 0);
	CHECK_INT(simul_tls_new_server(&server_options, &server_tls), ==, 0);
	connect_both();
	close_both();
	free_contexts();
}

TEST_VIRTUAL(trust_is_a_file_a_folder_or_what_the_environment_says)
{
	char path[128];

	issue_usual();
	server_options.identity.certificate_pem = leaf.pem;
	write_file(in_folder("ca.pem", path), ca.pem);
	check_trust(&(simul_tls_options){ .ca_file = path });
	check_trust(&(simul_tls_options){ .ca_dir = folder });
	setenv("SSL_CERT_FILE", path, 1);
	check_trust(&(simul_tls_options){ 0 });
	unsetenv("SSL_CERT_FILE");
	setenv("SSL_CERT_DIR", folder, 1);
	check_trust(&(simul_tls_options){ 0 });
	remove_folder();
}

TEST_VIRTUAL(the_environment_may_name_several_folders)
{
	simul_tls_failure failure;
	char path[128], list[300];

	issue_usual();
	server_options.identity.certificate_pem = leaf.pem;
	write_file(in_folder("ca.pem", path), ca.pem);
	snprintf(list, sizeof list, "/nowhere::%s:/nowhere", folder);
	setenv("SSL_CERT_DIR", list, 1);
	check_trust(&(simul_tls_options){ 0 });
	setenv("SSL_CERT_DIR", "/nowhere:/nor/here", 1);
	client_options.failure = &failure;
	CHECK_INT(simul_tls_new_client(&client_options, &client_tls), ==,
		  -ENOENT);
	CHECK_STR(failure.text, "/nor/here: No such file or directory");
	remove_folder();
}

TEST_VIRTUAL(by_default_only_those_are_trusted_whom_the_system_trusts)
{
	issue_usual();
	server_options.identity.certificate_pem = leaf.pem;
	if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) < 0)
		SKIP("this system trusts nobody");
	CHECK_INT(simul_tls_new_client(NULL, &client_tls), ==, 0);
	CHECK_INT(simul_tls_new_server(&server_options, &server_tls), ==, 0);
	check_refused(-SIMUL_ECERTIFICATE,
		      "unable to get local issuer certificate (CN=a.example)");
}
