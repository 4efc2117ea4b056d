/* SPDX-License-Identifier: MIT
 * tests/net/test_linger.c - a server's last word. */
#include <errno.h>

#include "net/serving.h"
#include "test.h"

/* Says what it thinks of the first line, whatever may follow. */
static int refuse(simul_stream *s, void *arg)
{
	char *line;
	int r = simul_read_line(s, &line, NULL);

	return r <= 0 ? r : simul_write(s, "no, thank you", 13);
}

static int send_much(void *s)
{
	static char much[100000];
	int r = simul_write(s, "may I?\n", 7);

	for (int i = 0; i < 100 && r >= 0; i++)
		r = simul_write(s, much, sizeof much);
	return simul_shutdown_write(s);
}

TEST_VIRTUAL(a_peer_that_still_sends_gets_the_last_answer)
{
	simul_task *server = begin_held(refuse, 0), *sender;
	simul_stream *s = connect_here();

	sender = simul_create_task(send_much, s);
	simul_sleep(1);
	check_hears(s, "no, thank you");
	check_ends(s);
	CHECK_INT(simul_await(sender), ==, 0);
	simul_close(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

/* Lingers for so long, and then is gone. */
static void check_lingers(double linger, double seconds)
{
	simul_task *server;
	simul_stream *s;
	double begun;

	hold = (simul_server){ 0 };
	options.linger = linger;
	server = begin_held(refuse, 0);
	s = connect_here();
	say(s, "may I?\n");
	check_hears(s, "no, thank you");
	check_ends(s);
	begun = simul_now();
	while (simul_server_connections(&hold) > 0)
		simul_sleep(0.25);
	CHECK_NEAR(simul_now() - begun, seconds, 0.4);
	simul_close(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}

TEST_VIRTUAL(a_peer_that_does_not_close_is_waited_for_only_so_long)
{
	check_lingers(0, 2);
	check_lingers(5, 5);
	check_lingers(-1, 0);
}

static int break_off(simul_stream *s, void *arg)
{
	int r = simul_write(s, "half a ", 7);

	if (r >= 0)
		r = simul_flush(s);
	return r < 0 ? r : -ECONNABORTED;
}

TEST_VIRTUAL(a_handler_can_have_its_connection_reset)
{
	simul_task *server = begin_held(break_off, 0);
	simul_stream *s = connect_here();
	char buffer[100];
	ptrdiff_t n;

	do
		n = simul_read(s, buffer, sizeof buffer);
	while (n > 0);
	CHECK_INT(n, ==, -ECONNRESET);
	simul_close(s);
	simul_server_stop(&hold);
	check_stopped(server, simul_now(), 0);
}
