/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_http.c - https, from both sides. */
#include <errno.h>

#include <simul/http_client.h>
#include <simul/http_server.h>

#include "peers.h"
#include "tls/both.h"
#include "tls/context.h"
#include "tls/folder.h"

static simul_listener *listener;
static simul_task *serving;
static simul_http_session *session;
static char url[64];
static int port;

static int site(simul_http_request *request, void *arg)
{
	return simul_http_reply(request, 200, "text/plain", "hello\n", 6);
}

static int serve(void *arg)
{
	simul_http_server_options options = { .tls = server_tls };

	return simul_http_serve(listener, site, NULL, &options);
}

static void begin(const char *scheme)
{
	simul_address where;

	make_contexts();
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	port = simul_address_port(&where);
	snprintf(url, sizeof url, "%s://127.0.0.1:%d/", scheme, port);
	serving = simul_create_task(serve, NULL);
	CHECK_INT(simul_http_session_open(
			  &(simul_http_session_options){ .tls = client_tls },
			  &session),
		  ==, 0);
}

static void end(void)
{
	simul_http_session_close(session);
	simul_cancel(serving);
	CHECK_INT(simul_await(serving), ==, -ECANCELED);
	simul_listener_close(listener);
	free_contexts();
}

static void check_get(const char *from)
{
	simul_http_response *response;
	char *page;
	int r = simul_http_get(session, from, &response);

	CHECK_STR(r < 0 ? simul_http_session_error(session) : "", "");
	CHECK_INT(simul_http_response_read_all(response, &page, NULL), ==, 0);
	CHECK_STR(page, "hello\n");
	simul_http_response_close(response);
}

static void check_failure(const char *from, int error, const char *words)
{
	simul_http_response *response;

	CHECK_INT(simul_http_get(session, from, &response), ==, error);
	CHECK_STR(simul_http_session_error(session), words);
}

static size_t sessions_kept(void)
{
	return smi_tls_context_of(client_tls)->sessions.count;
}

TEST_VIRTUAL(https_pages_are_served_and_got)
{
	begin("https");
	for (int i = 0; i < 5; i++)
		check_get(url);
	/* All on one connection: it brought a ticket. */
	CHECK_INT(sessions_kept(), ==, 1);
	end();
}

TEST_VIRTUAL(a_new_connection_resumes_the_session_of_an_old_one)
{
	begin("https");
	check_get(url);
	simul_sleep(60); /* it is closed when it was idle for so long */
	check_get(url);
	/* One was used, and one came. */
	CHECK_INT(sessions_kept(), ==, 1);
	end();
}

TEST_VIRTUAL(a_server_that_is_not_who_it_says_is_not_asked)
{
	char elsewhere[64], expected[128];

	begin("https");
	snprintf(elsewhere, sizeof elsewhere, "https://localhost:%d/", port);
	snprintf(expected, sizeof expected,
		 "speak TLS with localhost:%d: certificate is for a.example, "
		 "127.0.0.1, not localhost",
		 port);
	check_failure(elsewhere, -SIMUL_EHOSTNAME, expected);
	end();
}

TEST_VIRTUAL(http_to_an_https_server_is_refused)
{
	simul_http_response *response;

	begin("http");
	CHECK_INT(simul_http_get(session, url, &response), <, 0);
	/* What was said in plain is no connection for what is not. */
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", port);
	check_get(url);
	end();
}

TEST_VIRTUAL(https_to_an_http_server_is_refused)
{
	simul_tls *none = NULL, *was;
	char expected[128], plain[64];

	begin("https");
	was = server_tls;
	server_tls = none;
	simul_cancel(serving);
	simul_await(serving);
	serving = simul_create_task(serve, NULL);
	snprintf(expected, sizeof expected,
		 "speak TLS with 127.0.0.1:%d: wrong version number", port);
	/* A connection that was used in plain is there, but not for this. */
	snprintf(plain, sizeof plain, "http://127.0.0.1:%d/", port);
	check_get(plain);
	check_failure(url, -SIMUL_EPROTOCOL, expected);
	server_tls = was;
	end();
}

TEST_VIRTUAL(without_a_context_there_is_no_https)
{
	begin("https");
	simul_http_session_close(session);
	CHECK_INT(simul_http_session_open(NULL, &session), ==, 0);
	check_failure(url, -SIMUL_EUNSUPPORTED,
		      "https needs .tls among the options of the session");
	end();
}

TEST_VIRTUAL(contexts_are_for_one_side)
{
	simul_http_session_options c;
	simul_http_server_options s;
	simul_http_session *none;

	begin("https");
	c = (simul_http_session_options){ .tls = server_tls };
	CHECK_INT(simul_http_session_open(&c, &none), ==, -EINVAL);
	s = (simul_http_server_options){ .tls = client_tls };
	CHECK_INT(simul_http_serve(listener, site, NULL, &s), ==, -EINVAL);
	end();
}

/* It would be known as idle for a while, and closed with the next request. */
TEST_VIRTUAL(a_connection_that_the_server_has_closed_is_not_used_again)
{
	begin("https");
	check_get(url);
	simul_cancel(serving);
	CHECK_INT(simul_await(serving), ==, -ECANCELED);
	serving = simul_create_task(serve, NULL);
	check_get(url);
	end();
}

static int run_curl(void *arg)
{
	char path[128], command[512];
	struct peer peer;

	begin("https");
	write_file(in_folder("ca.pem", path), ca.pem);
	snprintf(command, sizeof command,
		 "curl -sS --http1.1 --cacert %s %s %s >%s/said && "
		 "test \"$(cat %s/said)\" = \"$(printf 'hello\\nhello')\"",
		 path, url, url, folder, folder);
	peer = start_peer(command, 0);
	await_peer(&peer);
	end();
	remove_folder();
	return 0;
}

TEST(curl_gets_https_pages)
{
	need("curl");
	CHECK_INT(simul_run(run_curl, NULL), ==, 0);
}
