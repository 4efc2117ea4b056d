/* SPDX-License-Identifier: MIT
 * tests/http/test_server_peers.c - clients that are not ours get what they
 * want: curl, and Python's http.client. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simul/http_server.h>
#include <simul/net.h>
#include <simul/task.h>
#include <simul/thread.h>

#include "peers.h"

/* ---- A site with a page of each kind */

enum { LARGE = 1000 * 1000 };

static int reply_large(simul_http_request *request, int64_t length)
{
	static char line[100];
	int r = simul_http_reply_begin(request, 200, "text/plain", length);

	memset(line, 'x', sizeof line);
	for (int i = 0; i < LARGE && r >= 0; i += (int)sizeof line)
		r = simul_http_reply_write(request, line, sizeof line);
	return r;
}

/* As many bytes as were sent, and their sum. */
static int reply_sum(simul_http_request *request)
{
	char buffer[4096], text[64];
	unsigned long count = 0, sum = 0;
	ptrdiff_t n;
	int length;

	simul_http_request_allow(request, 10 * LARGE);
	while ((n = simul_http_request_read(request, buffer, sizeof buffer)) >
	       0) {
		count += (unsigned long)n;
		for (ptrdiff_t i = 0; i < n; i++)
			sum += (unsigned char)buffer[i];
	}
	if (n < 0)
		return (int)n;
	length = snprintf(text, sizeof text, "%lu %lu", count, sum);
	return simul_http_reply(request, 200, "text/plain", text,
				(size_t)length);
}

static int site(simul_http_request *request, void *arg)
{
	const char *path = simul_http_request_path(request);

	if (strcmp(path, "/large") == 0)
		return reply_large(request, LARGE);
	if (strcmp(path, "/chunked") == 0)
		return reply_large(request, -1);
	if (strcmp(path, "/sum") == 0)
		return reply_sum(request);
	if (strcmp(path, "/broken") == 0)
		return simul_http_reply_begin(request, 200, NULL, 10);
	if (strcmp(path, "/hello") == 0)
		return simul_http_reply(request, 200, "text/plain", "hello", 5);
	return simul_http_reply(request, 404, "text/plain", "no", 2);
}

/* ---- Children that ask for them */

struct child {
	char command[4000];
	char said[4000];
	int status;
};

/* In a thread. */
static int run_child(void *arg)
{
	struct child *child = arg;
	FILE *from = popen(child->command, "r");
	size_t n;

	if (!from)
		return -errno;
	n = fread(child->said, 1, sizeof child->said - 1, from);
	child->said[n] = 0;
	child->status = pclose(from);
	return 0;
}

static int serve(void *arg)
{
	return simul_http_serve(arg, site, NULL,
				&(simul_http_server_options){ .grace = 1 });
}

/* Run a command in which %d is the port of the server, in the loop. */
static int serve_child(void *arg)
{
	struct child *child = arg;
	char format[sizeof child->command];
	simul_address address;
	simul_listener *listener;
	simul_task *server;
	char *port;

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &address), ==, 0);
	CHECK_INT(simul_listen(&address, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &address), ==, 0);
	strcpy(format, child->command);
	port = strstr(format, "PORT");
	CHECK(port);
	snprintf(child->command, sizeof child->command, "%.*s%d%s",
		 (int)(port - format), format, simul_address_port(&address),
		 port + 4);
	server = simul_create_task(serve, listener);
	CHECK_INT(simul_to_thread(run_child, child), ==, 0);
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(listener);
	return 0;
}

static void check_child(const char *command, const char *expected)
{
	static struct child child;

	snprintf(child.command, sizeof child.command, "%s", command);
	CHECK_INT(simul_run(serve_child, &child), ==, 0);
	CHECK_STR(child.said, expected);
	CHECK_INT(child.status, ==, 0);
}

/* ---- curl */

static void check_curl(const char *arguments, const char *expected)
{
	char command[2000];

	snprintf(command, sizeof command,
		 "S=http://127.0.0.1:PORT; curl -sS --max-time 10 "
		 "-o /dev/null -w '%%{http_code} %%{size_download} "
		 "%%{num_connects} %%{exitcode};' %s 2>&1",
		 arguments);
	check_child(command, expected);
}

TEST(curl_gets_pages_of_each_kind)
{
	need("curl");
	check_curl("$S/hello", "200 5 1 0;");
	check_curl("$S/large", "200 1000000 1 0;");
	check_curl("$S/chunked", "200 1000000 1 0;");
	check_curl("-I $S/large", "200 0 1 0;");
	check_curl("-0 $S/chunked", "200 1000000 1 0;");
	check_curl("$S/nothing", "404 2 1 0;");
	/* Several on one connection. */
	check_curl("$S/hello -o /dev/null $S/chunked -o /dev/null $S/large",
		   "200 5 1 0;200 1000000 0 0;200 1000000 0 0;");
}

TEST(curl_uploads)
{
	need("curl");
	check_child("head -c 3000000 /dev/zero | tr '\\0' a | "
		    "curl -sS -T - http://127.0.0.1:PORT/sum",
		    "3000000 291000000");
	/* It says Expect: 100-continue before so much. */
	check_child("head -c 3000000 /dev/zero | tr '\\0' b | "
		    "curl -sS -H 'Expect: 100-continue' --data-binary @- "
		    "http://127.0.0.1:PORT/sum",
		    "3000000 294000000");
	check_child("curl -sS -d abc http://127.0.0.1:PORT/sum", "3 294");
}

TEST(curl_reads_a_refusal_while_it_is_sending)
{
	need("curl");
	check_child("head -c 20000000 /dev/zero | curl -s -o /dev/null "
		    "-w '%{http_code}' -H Expect: --data-binary @- "
		    "http://127.0.0.1:PORT/sum; true",
		    "413");
}

TEST(curl_notices_that_a_page_is_broken)
{
	need("curl");
	/* 18: a partial file. */
	check_child("curl -s -o /dev/null http://127.0.0.1:PORT/broken; "
		    "echo $?",
		    "18\n");
}

/* ---- Python */

static const char program[] =
	"python3 - <<'END' 2>&1\n"
	"import http.client\n"
	"c = http.client.HTTPConnection('127.0.0.1', PORT, timeout=10)\n"
	"def ask(*what, **how):\n"
	"    c.request(*what, **how)\n"
	"    r = c.getresponse()\n"
	"    print(r.status, r.reason, len(r.read()), r.will_close)\n"
	"for i in range(3):\n"
	"    ask('GET', '/hello')\n"
	"    socket = c.sock\n"
	"    ask('GET', '/chunked')\n"
	"    ask('HEAD', '/chunked')\n"
	"    ask('POST', '/sum', b'x' * 100000)\n"
	"    ask('POST', '/sum', iter([b'x' * 10, b'y' * 1000]),\n"
	"        encode_chunked=True)\n"
	"    ask('GET', '/none', headers={'X': 'y' * 1000})\n"
	"    assert c.sock is socket\n"
	"ask('GET', '/hello', headers={'Connection': 'close'})\n"
	"try:\n"
	"    ask('GET', '/broken')\n"
	"except http.client.IncompleteRead as e:\n"
	"    print(e)\n"
	"END\n";

#define ROUND                                                                  \
	"200 OK 5 False\n200 OK 1000000 False\n200 OK 0 False\n"               \
	"200 OK 15 False\n200 OK 11 False\n404 Not Found 2 False\n"

TEST(python_is_content)
{
	need("python3");
	check_child(program, ROUND ROUND ROUND
		    "200 OK 5 True\n"
		    "IncompleteRead(0 bytes read, 10 more expected)\n");
}
