/* SPDX-License-Identifier: MIT
 * tests/net/test_dns.c - the system's own resolver, in a network where the name
 * server is ours. */
#include "dead.h"

#include <ctype.h>

#include <simul/connect.h>
#include <simul/error.h>
#include <simul/gather.h>
#include <simul/resolve.h>
#include <simul/task.h>
#include <simul/udp.h>

/* ---- A name server (RFC 1035) that knows little */

enum { HEADER = 12, A = 1, PTR = 12, AAAA = 28, NO_SUCH_NAME = 3 };

static int questions; /* so far */

struct message {
	unsigned char bytes[512];
	size_t length;
};

static void put16(struct message *m, unsigned n)
{
	m->bytes[m->length++] = (unsigned char)(n >> 8);
	m->bytes[m->length++] = (unsigned char)n;
}

static void put(struct message *m, const void *bytes, size_t n)
{
	memcpy(m->bytes + m->length, bytes, n);
	m->length += n;
}

/* The name in a question, with dots, and where it ends. */
static size_t read_name(const struct message *m, char *name)
{
	size_t at = HEADER, n;

	while ((n = m->bytes[at++]) > 0) {
		for (; n > 0; n--)
			*name++ = (char)tolower(m->bytes[at++]);
		*name++ = '.';
	}
	*name = 0;
	return at;
}

static void put_answer(struct message *m, unsigned type, const void *data,
		       size_t n)
{
	put16(m, 0xc000 | HEADER); /* the name in the question */
	put16(m, type);
	put16(m, 1);
	put16(m, 0);
	put16(m, 60); /* seconds */
	put16(m, (unsigned)n);
	put(m, data, n);
	m->bytes[7]++;
}

static void answer_question(struct message *m)
{
	static const char pointer[] = "\3one\7example";
	char name[300];
	size_t end = read_name(m, name);
	unsigned type = m->bytes[end] * 256U + m->bytes[end + 1];
	unsigned char address[16];

	questions++;
	m->length = end + 4;
	m->bytes[2] = 0x81; /* an answer */
	m->bytes[3] = 0x80;
	memset(m->bytes + 6, 0, 6);
	if (strcmp(name, "one.example.") == 0 && type == A) {
		inet_pton(AF_INET, "10.9.9.5", address);
		put_answer(m, A, address, 4);
	} else if (strcmp(name, "one.example.") == 0 && type == AAAA) {
		inet_pton(AF_INET6, "2001:db8::5", address);
		put_answer(m, AAAA, address, 16);
	} else if (strcmp(name, "5.9.9.10.in-addr.arpa.") == 0) {
		put_answer(m, PTR, pointer, sizeof pointer);
	} else if (strcmp(name, "one.example.") != 0) {
		m->bytes[3] |= NO_SUCH_NAME;
	}
}

static int serve_names(void *arg)
{
	struct message m;
	simul_address from;
	ptrdiff_t n = 0;

	while (n >= 0) {
		n = simul_udp_receive_from(arg, m.bytes, sizeof m.bytes, &from);
		if (n < HEADER)
			continue;
		m.length = (size_t)n;
		answer_question(&m);
		n = simul_udp_send_to(arg, m.bytes, m.length, &from);
	}
	return (int)n;
}

/* ---- Questions */

static void check_found(const char *host, const char *first, const char *second)
{
	char text[SIMUL_ADDRESS_TEXT];
	simul_address a[4];

	CHECK_INT(simul_resolve(host, 80, a, 4), ==, second ? 2 : 1);
	simul_address_format(&a[0], text, sizeof text);
	CHECK_STR(text, first);
	if (!second)
		return;
	simul_address_format(&a[1], text, sizeof text);
	CHECK_STR(text, second);
}

static void ask_all(void)
{
	char host[SIMUL_HOST_TEXT];
	simul_address a;
	int asked;

	check_found("one.example", "[2001:db8::5]:80", "10.9.9.5:80");
	asked = questions;
	CHECK_INT(asked, >=, 2);
	check_found("one.example", "[2001:db8::5]:80", "10.9.9.5:80");
	CHECK_INT(questions, ==, asked);
	check_found("hosts.example", "10.9.9.7:80", NULL);
	CHECK_INT(questions, ==, asked);
	CHECK_INT(simul_resolve("nowhere.example", 80, &a, 1), ==,
		  -SIMUL_ENONAME);
	CHECK_INT(questions, >, asked);
	CHECK_INT(simul_address_parse("10.9.9.5", 0, &a), ==, 0);
	CHECK_INT(simul_resolve_reverse(&a, host, sizeof host), ==, 0);
	CHECK_STR(host, "one.example");
	CHECK_INT(simul_address_parse("10.9.9.6", 0, &a), ==, 0);
	CHECK_INT(simul_resolve_reverse(&a, host, sizeof host), ==,
		  -SIMUL_ENONAME);
}

static int ask_the_name_server(void *arg)
{
	simul_address here;
	simul_task *server;
	simul_udp *u;

	CHECK_INT(simul_address_parse("127.0.0.1", 53, &here), ==, 0);
	CHECK_INT(simul_udp_bind(&here, NULL, &u), ==, 0);
	server = simul_create_task(serve_names, u);
	ask_all();
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_udp_close(u);
	return 0;
}

static int enter_with_name_server(const char *address)
{
	int network = enter_dead_network();
	char text[100];

	snprintf(text, sizeof text,
		 "nameserver %s\noptions timeout:1 attempts:1\n", address);
	replace_file("/etc/resolv.conf", text);
	replace_file("/etc/nsswitch.conf", "hosts: files dns\n");
	replace_file("/etc/hosts", "10.9.9.7 hosts.example\n");
	return network;
}

TEST(the_systems_configuration_holds)
{
	int network = enter_with_name_server("127.0.0.1");

	CHECK_INT(simul_run(ask_the_name_server, NULL), ==, 0);
	close(network);
}

static int ask_nobody(void *arg)
{
	simul_address a;

	return simul_resolve("one.example", 80, &a, 1);
}

TEST(without_a_name_server_names_can_not_be_looked_up_just_now)
{
	int network = enter_with_name_server("127.0.0.1");

	CHECK_INT(simul_run(ask_nobody, NULL), ==, -SIMUL_ERESOLVE);
	close(network);
}
