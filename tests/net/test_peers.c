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
