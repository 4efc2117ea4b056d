/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_absent.c - a build without OpenSSL says so. */
#include <simul/error.h>
#include <simul/tls.h>

#include "test.h"

TEST_VIRTUAL(without_openssl_there_are_no_contexts)
{
	simul_tls_failure failure;
	simul_tls_options options = { .failure = &failure };
	simul_tls *tls;

	CHECK_INT(simul_tls_new_client(NULL, &tls), ==, -SIMUL_EUNSUPPORTED);
	CHECK_INT(simul_tls_new_client(&options, &tls), ==,
		  -SIMUL_EUNSUPPORTED);
	CHECK_STR(failure.text, "not supported by this build of Simul");
	CHECK_INT(simul_tls_new_server(&options, &tls), ==,
		  -SIMUL_EUNSUPPORTED);
	simul_tls_free(NULL);
}

TEST_VIRTUAL(without_openssl_a_stream_is_not_tls)
{
	simul_stream *a, *b;
	simul_tls_chain *chain;

	CHECK_INT(simul_stream_pair(&a, &b), ==, 0);
	CHECK_STR(simul_tls_protocol(a), NULL);
	CHECK_STR(simul_tls_cipher(a), NULL);
	CHECK_STR(simul_tls_alpn(a), NULL);
	CHECK_STR(simul_tls_server_name(a), NULL);
	CHECK_STR(simul_tls_stream_error(a), "");
	CHECK(!simul_tls_was_resumed(a));
	CHECK_INT(simul_tls_peer_chain(a, &chain), ==, -SIMUL_EUNSUPPORTED);
	CHECK_INT(simul_close(a), ==, 0);
	CHECK_INT(simul_close(b), ==, 0);
}
