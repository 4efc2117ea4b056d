/* SPDX-License-Identifier: MIT
 * tests/net/test_peers.c - connections with programs that are not ours. */
#include <errno.h>

#include <simul/gather.h>
#include <simul/server.h>

#include "net/loopback.h"
#include "peers.h"

/* ---- Our server */

static int echo(simul_stream *s, void *arg)
{
	char buffer[5000];
	ptrdiff_t n;
	int r = 0;

	while (r >= 0 && (n = simul_read(s, buffer, sizeof buffer)) != 0)
		r = n < 0 ? (int)n : simul_write(s, buffer, (size_t)n);
	return r;
}

static int serve(void *arg)
{
	return simul_serve(listener, echo, NULL, NULL);
}

static const char python_client[] =
	"exec python3 -c '\n"
	"import asyncio, os, sys\n"
	"async def talk(port, i):\n"
	"    r, w = await asyncio.open_connection(\"127.0.0.1\", port)\n"
	"    for size in (1, 1000, 200000):\n"
	"        data = os.urandom(size)\n"
	"        w.write(data)\n"
	"        assert await r.readexactly(size) == data\n"
	"    w.write_eof()\n"
	"    assert await r.read() == b\"\"\n"
	"    w.close()\n"
	"async def main():\n"
	"    port = int(sys.argv[1])\n"
	"    await asyncio.gather(*[talk(port, i) for i in range(50)])\n"
	"asyncio.run(main())\n"
	"' $PORT";

static int run_client(void *command)
{
	simul_task *server;
	struct peer peer;

	listen_here();
	server = simul_create_task(serve, NULL);
	peer = start_peer(command, simul_address_port(&where));
	await_peer(&peer);
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(listener);
	return 0;
}

TEST(asyncio_clients_are_served)
{
	need("python3");
	CHECK_INT(simul_run(run_client, (void *)python_client), ==, 0);
}

static const char socat_client[] =
	"test \"$(head -c 1000000 /dev/zero | "
	"socat -t 10 STDIO TCP:127.0.0.1:$PORT | wc -c)\" -eq 1000000";

TEST(socat_is_served)
{
	need("socat");
	CHECK_INT(simul_run(run_client, (void *)socat_client), ==, 0);
}

static const char nc_client[] = "test \"$(head -c 1000000 /dev/zero | "
				"nc -N 127.0.0.1 $PORT | wc -c)\" -eq 1000000";

TEST(nc_is_served)
{
	need("nc");
	CHECK_INT(simul_run(run_client, (void *)nc_client), ==, 0);
}

/* They send much and go away without a word, while others are served. */
static const char rude_client[] =
	"exec python3 -c '\n"
	"import asyncio, sys\n"
	"port = int(sys.argv[1])\n"
	"async def rude(i):\n"
	"    r, w = await asyncio.open_connection(\"127.0.0.1\", port)\n"
	"    w.write(bytes(100000))\n"
	"    await r.read(i + 1)\n"
	"    w.transport.abort()\n"
	"async def polite():\n"
	"    r, w = await asyncio.open_connection(\"127.0.0.1\", port)\n"
	"    for i in range(200):\n"
	"        w.write(b\"hello\")\n"
	"        assert await r.readexactly(5) == b\"hello\"\n"
	"    w.close()\n"
	"async def main():\n"
	"    await asyncio.gather(polite(), *[rude(i) for i in range(100)])\n"
	"    await polite()\n"
	"asyncio.run(main())\n"
	"' $PORT";

TEST(asyncio_clients_that_abort_disturb_nobody)
{
	need("python3");
	CHECK_INT(simul_run(run_client, (void *)rude_client), ==, 0);
}

/* ---- Our client */

static const char python_server[] =
	"exec python3 -u -c '\n"
	"import asyncio\n"
	"async def echo(r, w):\n"
	"    while data := await r.readline():\n"
	"        w.write(data.upper())\n"
	"        await w.drain()\n"
	"    w.close()\n"
	"async def main():\n"
	"    server = await asyncio.start_server(echo, \"127.0.0.1\", 0)\n"
	"    print(server.sockets[0].getsockname()[1])\n"
	"    await server.serve_forever()\n"
	"asyncio.run(main())\n"
	"'";

static int talk(void *arg)
{
	simul_stream *s;
	char *line;

	CHECK_INT(simul_connect("127.0.0.1", *(int *)arg, &s), ==, 0);
	for (int i = 0; i < 100; i++) {
		say(s, "hello ");
		say(s, "world\n");
		CHECK_INT(simul_read_line(s, &line, NULL), ==, 1);
		CHECK_STR(line, "HELLO WORLD");
	}
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	check_ends(s);
	return simul_close(s);
}

static int ask_python(void *arg)
{
	char text[16];
	simul_task *t[20];
	struct peer peer = start_peer(python_server, 0);
	int port;

	hear_peer(&peer, "", text, sizeof text);
	port = atoi(text);
	for (int i = 0; i < 20; i++)
		t[i] = simul_create_task(talk, &port);
	CHECK_INT(simul_gather(t, 20, NULL), ==, 0);
	stop_peer(&peer);
	return 0;
}

TEST(an_asyncio_server_is_asked)
{
	need("python3");
	CHECK_INT(simul_run(ask_python, NULL), ==, 0);
}

/* ---- Our client, at Unix sockets of others */

/* Connect to a server that is only just starting. */
static simul_stream *connect_soon(const char *path)
{
	simul_address address;
	simul_stream *s;
	int r;

	CHECK_INT(simul_address_unix(path, &address), ==, 0);
	do
		r = simul_connect_address(&address, &s);
	while ((r == -ENOENT || r == -ECONNREFUSED) && simul_sleep(0.01) >= 0);
	CHECK_INT(r, ==, 0);
	return s;
}

static int ask_socat(void *arg)
{
	char command[200], path[64];
	simul_stream *s;
	struct peer peer;

	snprintf(path, sizeof path, "@simul-test-%d", (int)getpid());
	snprintf(command, sizeof command,
		 "exec socat -t 20 ABSTRACT-LISTEN:%s EXEC:'tr a-z A-Z'",
		 path + 1);
	peer = start_peer(command, 0);
	s = connect_soon(path);
	say(s, "hello");
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	check_hears(s, "HELLO");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	await_peer(&peer);
	return 0;
}

TEST(a_socat_server_is_asked)
{
	need("socat");
	CHECK_INT(simul_run(ask_socat, NULL), ==, 0);
}

static int ask_nc(void *arg)
{
	char command[200], path[64], heard[16] = "";
	simul_stream *s;
	struct peer peer;

	snprintf(path, sizeof path, "/tmp/simul-test-%d", (int)getpid());
	snprintf(command, sizeof command, "echo hello | nc -N -l -U %s", path);
	peer = start_peer(command, 0);
	s = connect_soon(path);
	check_hears(s, "hello\n");
	check_ends(s);
	say(s, "bye");
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(read(peer.output, heard, sizeof heard - 1), ==, 3);
	CHECK_STR(heard, "bye");
	await_peer(&peer);
	unlink(path);
	return 0;
}

TEST(an_nc_server_is_asked)
{
	need("nc");
	CHECK_INT(simul_run(ask_nc, NULL), ==, 0);
}
