/* SPDX-License-Identifier: MIT
 * tests/net/test_peers.c - connections with programs that are not ours. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/server.h>
#include <simul/thread.h>

#include "net/loopback.h"
#include "test.h"

static bool have(const char *program)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	return system(command) == 0;
}

/* Start a shell command whose output can be read from *ret_output. */
static pid_t start(const char *command, int *ret_output)
{
	int ends[2];
	pid_t pid;

	CHECK_INT(pipe(ends), ==, 0);
	pid = fork();
	CHECK_INT(pid, >=, 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(ends[1]);
	*ret_output = ends[0];
	return pid;
}

static int wait_for_end(void *arg)
{
	int status;

	CHECK_INT(waitpid(*(pid_t *)arg, &status, 0), ==, *(pid_t *)arg);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

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
	"' %d";

/* A command for our port, in place of the %d in it. */
static void command_for(char command[2000], const char *text)
{
	const char *port = strstr(text, "%d");

	CHECK(port != NULL);
	snprintf(command, 2000, "%.*s%d%s", (int)(port - text), text,
		 simul_address_port(&where), port + 2);
}

/* arg is a command with %d in place of the port. */
static int run_client(void *arg)
{
	char command[2000];
	simul_task *server;
	int output;
	pid_t pid;

	listen_here();
	server = simul_create_task(serve, NULL);
	command_for(command, arg);
	pid = start(command, &output);
	CHECK_INT(simul_to_thread(wait_for_end, &pid), ==, 0);
	close(output);
	simul_cancel(server);
	CHECK_INT(simul_await(server), ==, -ECANCELED);
	simul_listener_close(listener);
	return 0;
}

TEST(asyncio_clients_are_served)
{
	if (!have("python3"))
		SKIP("there is no python3");
	CHECK_INT(simul_run(run_client, (void *)python_client), ==, 0);
}

static const char socat_client[] =
	"test \"$(head -c 1000000 /dev/zero | "
	"socat -t 10 STDIO TCP:127.0.0.1:%d | wc -c)\" -eq 1000000";

TEST(socat_is_served)
{
	if (!have("socat"))
		SKIP("there is no socat");
	CHECK_INT(simul_run(run_client, (void *)socat_client), ==, 0);
}

static const char nc_client[] = "test \"$(head -c 1000000 /dev/zero | "
				"nc -N 127.0.0.1 %d | wc -c)\" -eq 1000000";

TEST(nc_is_served)
{
	if (!have("nc"))
		SKIP("there is no nc");
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
	"' %d";

TEST(asyncio_clients_that_abort_disturb_nobody)
{
	if (!have("python3"))
		SKIP("there is no python3");
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
	char text[16] = "";
	simul_task *t[20];
	int output, port;
	pid_t pid = start(python_server, &output);

	CHECK_INT(read(output, text, sizeof text - 1), >, 0);
	port = atoi(text);
	for (int i = 0; i < 20; i++)
		t[i] = simul_create_task(talk, &port);
	CHECK_INT(simul_gather(t, 20, NULL), ==, 0);
	kill(pid, SIGKILL);
	wait_for_end(&pid);
	close(output);
	return 0;
}

TEST(an_asyncio_server_is_asked)
{
	if (!have("python3"))
		SKIP("there is no python3");
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
	int output;
	pid_t pid;

	snprintf(path, sizeof path, "@simul-test-%d", (int)getpid());
	snprintf(command, sizeof command,
		 "exec socat ABSTRACT-LISTEN:%s EXEC:'tr a-z A-Z'", path + 1);
	pid = start(command, &output);
	s = connect_soon(path);
	say(s, "hello");
	CHECK_INT(simul_shutdown_write(s), ==, 0);
	check_hears(s, "HELLO");
	check_ends(s);
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_to_thread(wait_for_end, &pid), ==, 0);
	close(output);
	return 0;
}

TEST(a_socat_server_is_asked)
{
	if (!have("socat"))
		SKIP("there is no socat");
	CHECK_INT(simul_run(ask_socat, NULL), ==, 0);
}

static int ask_nc(void *arg)
{
	char command[200], path[64], heard[16] = "";
	simul_stream *s;
	int output;
	pid_t pid;

	snprintf(path, sizeof path, "/tmp/simul-test-%d", (int)getpid());
	snprintf(command, sizeof command, "echo hello | nc -N -l -U %s", path);
	pid = start(command, &output);
	s = connect_soon(path);
	check_hears(s, "hello\n");
	check_ends(s);
	say(s, "bye");
	CHECK_INT(simul_close(s), ==, 0);
	CHECK_INT(simul_to_thread(wait_for_end, &pid), ==, 0);
	CHECK_INT(read(output, heard, sizeof heard - 1), ==, 3);
	CHECK_STR(heard, "bye");
	close(output);
	unlink(path);
	return 0;
}

TEST(an_nc_server_is_asked)
{
	if (!have("nc"))
		SKIP("there is no nc");
	CHECK_INT(simul_run(ask_nc, NULL), ==, 0);
}
