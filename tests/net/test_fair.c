/* SPDX-License-Identifier: MIT
 * tests/net/test_fair.c - peers that never stop keep nobody else waiting. */
#include "loopback.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include <simul/run.h>
#include <simul/scope.h>

/* ---- One that sends as fast as it can, in a thread of its own */

static atomic_bool enough;

static void *flood(void *arg)
{
	static const char bytes[1 << 16];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (connect(fd, (struct sockaddr *)&where.storage, where.length) == 0)
		while (!enough &&
		       send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
			continue;
	close(fd);
	return NULL;
}

struct sipper {
	simul_stream *s;
	int sips;
};

enum { TICKS = 10, SIPS_FOR_A_TICK = 100 };

static int tick(void *arg)
{
	(void)arg;
	for (int i = 0; i < TICKS; i++)
		CHECK_INT(simul_sleep(0.001), ==, 0);
	return 0;
}

/* Take little at a time, and take one's time for it. */
static int sip(void *arg)
{
	struct sipper *my = arg;
	char bytes[2048];
	ptrdiff_t n;
	double end;

	while ((n = simul_read(my->s, bytes, sizeof bytes)) > 0) {
		my->sips++;
		end = simul_now() + 0.0005;
		while (simul_now() < end)
			continue;
	}
	return (int)n;
}

static int sip_while_others_count(void *arg)
{
	struct sipper sipper = { .sips = 0 };
	simul_task *t;
	pthread_t thread;

	(void)arg;
	listen_here();
	CHECK_INT(pthread_create(&thread, NULL, flood, NULL), ==, 0);
	CHECK_INT(simul_accept(listener, &sipper.s), ==, 0);
	t = simul_create_task(sip, &sipper);
	CHECK_INT(simul_await(simul_create_task(tick, NULL)), ==, 0);
	CHECK_INT(sipper.sips, >, TICKS / 2);
	CHECK_INT(sipper.sips, <=, TICKS * SIPS_FOR_A_TICK);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	enough = true;
	simul_abort(sipper.s);
	simul_listener_close(listener);
	pthread_join(thread, NULL);
	return 0;
}

TEST(a_peer_that_always_has_more_to_say_keeps_nobody_else_waiting)
{
	CHECK_INT(simul_run(sip_while_others_count, NULL), ==, 0);
}
