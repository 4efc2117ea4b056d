/* SPDX-License-Identifier: MIT
 * tests/http/test_server_garbage.c - whatever is sent to a server, it answers
 * or hangs up. */
#include "talk.h"

/* Reads what it can of everything that there is. */
static int read_it_all(simul_http_request *request, void *arg)
{
	const char *name, *value;
	char *body;
	size_t length;
	int r;

	for (size_t i = 0; simul_http_request_field(request, i, &name, &value);
	     i++)
		CHECK(*name != 0 && value != NULL);
	r = simul_http_request_read_all(request, &body, &length);
	return r < 0 ? r
		     : simul_http_reply(request, 200, "text/plain", body,
					length);
}

/* One answer, or more, or nothing; and the end. */
static void check_answered(const char *bytes, size_t n)
{
	struct talk t;

	talk_begin(&t, read_it_all, NULL, NULL);
	/* It may have heard enough before the end. */
	simul_write(t.client, bytes, n);
	simul_shutdown_write(t.client);
	while (talk_hear(&t) > 0)
		continue;
	if (t.length > 0)
		CHECK_BYTES(t.seen, "HTTP/1.1 ", 9);
	talk_end(&t);
}

static const char *const requests[] = {
	"GET /a?b HTTP/1.1\r\nHost: c\r\nAccept: */*\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 3\r\n\r\nxyz"
	"GET / HTTP/1.0\r\n\r\n",
	"PUT /d HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n"
	"2\r\nxy\r\n0\r\nE: f\r\n\r\n",
};

enum { REQUESTS = sizeof requests / sizeof *requests };

TEST_VIRTUAL(any_byte_of_a_request_may_be_another)
{
	static const char others[] = "\0\n\r \t:/,;\"%09azAZ\x7f\x80\xff";
	char bytes[200];

	for (int i = 0; i < REQUESTS; i++)
		for (size_t at = 0; requests[i][at]; at++)
			for (size_t k = 0; k < sizeof others - 1; k++) {
				strcpy(bytes, requests[i]);
				bytes[at] = others[k];
				check_answered(bytes, strlen(requests[i]));
			}
}

TEST_VIRTUAL(any_byte_of_a_request_may_be_missing)
{
	char bytes[200];

	for (int i = 0; i < REQUESTS; i++)
		for (size_t at = 0; requests[i][at]; at++) {
			memcpy(bytes, requests[i], at);
			strcpy(bytes + at, requests[i] + at + 1);
			check_answered(bytes, strlen(bytes));
		}
}

TEST_VIRTUAL(noise_is_no_request)
{
	char bytes[3000];

	srand(1);
	for (int i = 0; i < 1000; i++) {
		size_t n = 1 + (size_t)rand() % sizeof bytes;

		for (size_t k = 0; k < n; k++)
			bytes[k] = (char)rand();
		check_answered(bytes, n);
	}
}
