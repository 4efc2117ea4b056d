/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_peers.c - connections with programs that are not ours. */
#include <errno.h>
#include <fcntl.h>

#include <simul/file.h>

#include "peers.h"
#include "tls/both.h"
#include "tls/folder.h"
#include "tls/offload.h"

static simul_listener *listener;
static int port;
static char ca_file[128], leaf_file[128];
static char big_file[128], got_file[128];

/* In files, which peers find as $CA and $LEAF. */
static void write_papers(void)
{
	issue_usual();
	write_file(in_folder("ca.pem", ca_file), ca.pem);
	write_file(in_folder("leaf.pem", leaf_file), leaf.pem);
	setenv("CA", ca_file, 1);
	setenv("LEAF", leaf_file, 1);
	client_options.ca_file = ca_file;
	server_options.identity.certificate_file = leaf_file;
}

/* ---- Our server */

static int send_file(simul_stream *s)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";
	simul_stream *file;
	int r = simul_write(s, head, sizeof head - 1);

	if (r >= 0)
		r = simul_open(big_file, O_RDONLY, 0, &file);
	if (r < 0)
		return r;
	r = simul_copy(file, s, UINT64_MAX, NULL);
	simul_close(file);
	return r;
}

/* Up to its end; the answer tells that all of it has come. */
static int receive_file(simul_stream *s)
{
	simul_stream *file;
	int r = simul_open(got_file, O_WRONLY | O_CREAT | O_TRUNC, 0600, &file);

	if (r < 0)
		return r;
	r = simul_copy(s, file, UINT64_MAX, NULL);
	return simul_close(file) < 0 ? -EIO : r;
}

/* Lines come back; what asks for a page or the file gets it, and what brings
 * one is kept. */
static int answer(simul_stream *s, void *arg)
{
	static const char page[] = "HTTP/1.0 200 OK\r\n\r\nhello from simul\n";
	char *line;
	int r;

	while ((r = simul_read_line(s, &line, NULL)) > 0) {
		if (strncmp(line, "GET /big", 8) == 0)
			return send_file(s);
		if (strcmp(line, "TAKE") == 0)
			return receive_file(s);
		if (strncmp(line, "GET ", 4) == 0)
			return simul_write(s, page, sizeof page - 1);
		r = simul_write(s, line, strlen(line));
		if (r >= 0)
			r = simul_write(s, "\n", 1);
		if (r < 0)
			return r;
	}
	return r;
}

static int serve(void *arg)
{
	return simul_serve_tls(listener, server_tls, answer, NULL, NULL);
}

static int run_client(void *command)
{
	simul_address where;
	simul_task *t;
	struct peer peer;

	make_contexts();
	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_address(listener, &where), ==, 0);
	t = simul_create_task(serve, NULL);
	peer = start_peer(command, simul_address_port(&where));
	await_peer(&peer);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	simul_listener_close(listener);
	free_contexts();
	return 0;
}

static void check_serves(const char *program, const char *command)
{
	need(program);
	write_papers();
	CHECK_INT(simul_run(run_client, (void *)command), ==, 0);
	remove_folder();
}

TEST(s_client_is_served_with_each_version)
{
	check_serves(
		"openssl",
		"for version in -tls1_2 -tls1_3; do "
		"said=$(printf 'GET / HTTP/1.0\\n' | "
		"openssl s_client $version "
		"-connect 127.0.0.1:$PORT -CAfile $CA -verify_return_error "
		"-verify_hostname a.example -servername a.example -quiet "
		"2>/dev/null) || exit 1; "
		"echo \"$said\" | grep -q 'hello from simul' || exit 1; "
		"done");
}

TEST(s_client_of_old_is_refused)
{
	check_serves("openssl",
		     "! openssl s_client -tls1_1 -cipher ALL:@SECLEVEL=0 "
		     "-connect 127.0.0.1:$PORT </dev/null >&2 2>/dev/null");
}

TEST(curl_gets_a_page)
{
	check_serves("curl", "said=$(curl -sS --cacert $CA "
			     "--resolve a.example:$PORT:127.0.0.1 "
			     "https://a.example:$PORT/) && "
			     "test \"$said\" = 'hello from simul'");
}

TEST(curl_knows_a_certificate_for_another_name)
{
	check_serves("curl", "curl -sS --cacert $CA "
			     "--resolve b.example:$PORT:127.0.0.1 "
			     "https://b.example:$PORT/ 2>/dev/null; "
			     "test $? -eq 60");
}

static const char python_client[] =
	"exec python3 -c '\n"
	"import os, ssl, asyncio\n"
	"context = ssl.create_default_context(cafile=os.environ[\"CA\"])\n"
	"async def talk():\n"
	"    r, w = await asyncio.open_connection(\"127.0.0.1\",\n"
	"        int(os.environ[\"PORT\"]), ssl=context,\n"
	"        server_hostname=\"a.example\", limit=1000000)\n"
	"    for size in (1, 1000, 60000):\n"
	"        data = b\"x\" * size + b\"\\n\"\n"
	"        w.write(data)\n"
	"        assert await r.readline() == data\n"
	"    w.close()\n"
	"    await w.wait_closed()\n"
	"async def main():\n"
	"    await asyncio.gather(*[talk() for i in range(20)])\n"
	"asyncio.run(main())\n"
	"'";

/* 8 MiB, and a place to compare them with. */
static void write_big_file(void)
{
	static char bytes[8 << 20];
	FILE *f;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	f = fopen(in_folder("big", big_file), "we");
	CHECK(f && fwrite(bytes, sizeof bytes, 1, f) == 1);
	fclose(f);
	in_folder("got", got_file);
	setenv("BIG", big_file, 1);
	setenv("GOT", got_file, 1);
}

static void check_serves_file(const char *program, const char *command)
{
	need(program);
	write_big_file();
	check_serves(program, command);
}

TEST(curl_gets_a_file)
{
	check_serves_file("curl", "curl -sS --cacert $CA "
				  "--resolve a.example:$PORT:127.0.0.1 "
				  "https://a.example:$PORT/big | cmp - $BIG");
}

TEST(s_client_gets_a_file)
{
	check_serves_file("openssl",
			  "printf 'GET /big\\n' | openssl s_client "
			  "-connect 127.0.0.1:$PORT -CAfile $CA "
			  "-verify_return_error -quiet 2>/dev/null | "
			  "tail -c +20 | cmp - $BIG");
}

static const char python_giver[] =
	"exec python3 -c '\n"
	"import os, ssl, socket, time\n"
	"context = ssl.create_default_context(cafile=os.environ[\"CA\"])\n"
	"t = context.wrap_socket(socket.create_connection((\"127.0.0.1\",\n"
	"        int(os.environ[\"PORT\"]))), server_hostname=\"a.example\")\n"
	"big = open(os.environ[\"BIG\"], \"rb\").read()\n"
	"t.sendall(b\"TAKE\\n\" + big)\n"
	"t.unwrap().close()\n"
	"assert open(os.environ[\"GOT\"], \"rb\").read() == big\n"
	"'";

TEST(python_brings_a_file)
{
	check_serves_file("python3", python_giver);
}

TEST(asyncio_clients_are_served)
{
	check_serves("python3", python_client);
}

static const char python_resumer[] =
	"exec python3 -c '\n"
	"import os, ssl, socket\n"
	"context = ssl.create_default_context(cafile=os.environ[\"CA\"])\n"
	"session = None\n"
	"for i in range(5):\n"
	"    s = socket.create_connection((\"127.0.0.1\",\n"
	"                                  int(os.environ[\"PORT\"])))\n"
	"    t = context.wrap_socket(s, server_hostname=\"a.example\",\n"
	"                            session=session)\n"
	"    t.sendall(b\"hello\\n\")\n"
	"    assert t.recv(100) == b\"hello\\n\"\n"
	"    assert t.session_reused == (i > 0)\n"
	"    session = t.session\n"
	"    t.unwrap().close()\n"
	"'";

TEST(python_resumes_its_sessions)
{
	check_serves("python3", python_resumer);
}

TEST(socat_is_served)
{
	check_serves("socat",
		     "test \"$(printf 'one\\ntwo\\n' | socat -t 10 STDIO "
		     "OPENSSL:127.0.0.1:$PORT,cafile=$CA,commonname=a.example)"
		     "\" = \"$(printf 'one\\ntwo')\"");
}

/* Nothing old, nothing weak, nothing known to be broken. */
TEST(sslscan_finds_nothing_to_complain_of)
{
	check_serves(
		"sslscan",
		"said=$(sslscan --no-colour --no-check-certificate "
		"127.0.0.1:$PORT) || exit 1; "
		"for old in SSLv2 SSLv3 TLSv1.0 TLSv1.1; do "
		"echo \"$said\" | grep -q \"^$old *disabled\" || exit 2; done; "
		"echo \"$said\" | grep -q 'renegotiation not supp' || exit 3; "
		"echo \"$said\" | grep -q ' vulnerable to' && "
		"echo \"$said\" | grep ' vulnerable to' | "
		"grep -qv ' not vulnerable' && exit 4; "
		"ciphers=$(echo \"$said\" | grep -E '^(Accept|Preferr)ed '); "
		"test $(echo \"$ciphers\" | wc -l) -eq 6 || exit 5; "
		"! echo \"$ciphers\" | "
		"grep -qvE 'TLS_AES|TLS_CHACHA|ECDHE.*(GCM|POLY1305)'");
}

/* ---- Our server, for which the kernel encrypts, if it can */

static void check_serves_by_kernel(const char *program, const char *command)
{
	bool can = kernel_has_tls();
	long before = kernel_count();

	server_options.use_kernel = true;
	check_serves_file(program, command);
	if (can)
		CHECK_INT(kernel_count(), >, before);
}

TEST(curl_gets_a_file_from_the_kernel)
{
	check_serves_by_kernel("curl",
			       "for most in 1.2 1.3; do "
			       "curl -sS --cacert $CA --tls-max $most "
			       "--resolve a.example:$PORT:127.0.0.1 "
			       "https://a.example:$PORT/big | cmp - $BIG "
			       "|| exit 1; done");
}

TEST(s_client_gets_a_file_from_the_kernel)
{
	check_serves_by_kernel("openssl",
			       "for version in -tls1_2 -tls1_3; do "
			       "printf 'GET /big\\n' | openssl s_client "
			       "$version -connect 127.0.0.1:$PORT -CAfile $CA "
			       "-verify_return_error -quiet 2>/dev/null | "
			       "tail -c +20 | cmp - $BIG || exit 1; done");
}

TEST(python_is_served_by_the_kernel)
{
	check_serves_by_kernel("python3", python_resumer);
	check_serves_by_kernel("python3", python_client);
	check_serves_by_kernel("python3", python_giver);
}

/* ---- Our client */

static int talk(void *arg)
{
	const simul_tls_start_options options = { .host = "a.example" };
	simul_stream *s;
	char *line;
	int r = simul_connect_tls(client_tls, "127.0.0.1", port, &options, &s);

	CHECK_STR(r < 0 ? simul_tls_error(client_tls) : "", "");
	for (int i = 0; i < 20; i++) {
		say(s, "hello ");
		say(s, "world\n");
		CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
		CHECK_STR(line, "HELLO WORLD");
	}
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	check_ends(s);
	return simul_close(s);
}

static const char python_server[] =
	"exec python3 -u -c '\n"
	"import os, ssl, asyncio\n"
	"context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)\n"
	"context.load_cert_chain(os.environ[\"LEAF\"])\n"
	"async def serve(r, w):\n"
	"    while data := await r.readline():\n"
	"        w.write(data.upper())\n"
	"        await w.drain()\n"
	"    w.close()\n"
	"async def main():\n"
	"    server = await asyncio.start_server(serve, \"127.0.0.1\", 0,\n"
	"                                        ssl=context)\n"
	"    print(server.sockets[0].getsockname()[1])\n"
	"    await server.serve_forever()\n"
	"asyncio.run(main())\n"
	"'";

static int ask_python(void *arg)
{
	char text[16];
	simul_task *t[10];
	struct peer peer = start_peer(python_server, 0);

	make_contexts();
	hear_peer(&peer, "", text, sizeof text);
	port = atoi(text);
	for (int i = 0; i < 10; i++)
		t[i] = simul_create_task(talk, NULL);
	CHECK_INT(simul_gather(t, 10, NULL), ==, 0);
	stop_peer(&peer);
	free_contexts();
	return 0;
}

TEST(an_asyncio_server_is_asked)
{
	need("python3");
	write_papers();
	CHECK_INT(simul_run(ask_python, NULL), ==, 0);
	remove_folder();
}

/* It says at which port it is. */
static struct peer start_s_server(const char *command)
{
	struct peer peer = start_peer(command, 0);
	char text[200];

	hear_peer(&peer, "ACCEPT", text, sizeof text);
	port = atoi(strchr(text, ':') + 1);
	return peer;
}

static simul_stream *connect_there(void)
{
	const simul_tls_start_options options = { .host = "a.example" };
	simul_stream *s;
	int r = simul_connect_tls(client_tls, "127.0.0.1", port, &options, &s);

	CHECK_STR(r < 0 ? simul_tls_error(client_tls) : "", "");
	return s;
}

/* It serves a page about the connection. */
static int ask_s_server(void *command)
{
	struct peer peer = start_s_server(command);
	simul_stream *s;
	char *line;
	int r;

	make_contexts();
	for (int i = 0; i < 3; i++) {
		s = connect_there();
		say(s, "GET / HTTP/1.0\r\n\r\n");
		CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
		CHECK_STR(line, "HTTP/1.0 200 ok");
		CHECK_INT(simul_tls_was_resumed(s), ==, i > 0);
		while ((r = simul_read_line(s, &line, NULL)) > 0)
			continue;
		CHECK_INT(r, ==, 0);
		CHECK_INT(simul_close(s), ==, 0);
	}
	stop_peer(&peer);
	free_contexts();
	return 0;
}

static void check_asks_s_server(const char *command)
{
	need("openssl");
	write_papers();
	CHECK_INT(simul_run(ask_s_server, (void *)command), ==, 0);
	remove_folder();
}

TEST(s_server_is_asked_in_tls_1_3)
{
	check_asks_s_server("exec openssl s_server -tls1_3 -accept 127.0.0.1:0 "
			    "-cert $LEAF -www");
}

TEST(s_server_is_asked_in_tls_1_2)
{
	check_asks_s_server("exec openssl s_server -tls1_2 -accept 127.0.0.1:0 "
			    "-cert $LEAF -www");
}

static int get_file(void *arg)
{
	struct peer peer = start_s_server(
		"cd $(dirname $BIG) && "
		"exec openssl s_server -accept 127.0.0.1:0 -cert $LEAF -WWW "
		"2>/dev/null");
	simul_stream *s;
	char *line;

	make_contexts();
	s = connect_there();
	say(s, "GET /big HTTP/1.0\r\n\r\n");
	do
		CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
	while (*line);
	CHECK_INT(receive_file(s), ==, 0);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(system("cmp $GOT $BIG"), ==, 0);
	stop_peer(&peer);
	free_contexts();
	return 0;
}

TEST(a_file_is_got_from_s_server)
{
	need("openssl");
	write_papers();
	write_big_file();
	CHECK_INT(simul_run(get_file, NULL), ==, 0);
	remove_folder();
}
