/* SPDX-License-Identifier: MIT
 * bench/peers/c/libevent_echo.c - "echo" with libevent's buffered events, as
 * its book has it. */
#include "../../bench.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static void received(struct bufferevent *client, void *arg)
{
	(void)arg;
	evbuffer_add_buffer(bufferevent_get_output(client),
			    bufferevent_get_input(client));
}

static void ended(struct bufferevent *client, short events, void *arg)
{
	(void)arg;
	if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		bufferevent_free(client);
}

static void connected(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *address, int length, void *arg)
{
	struct event_base *base = evconnlistener_get_base(listener);
	struct bufferevent *client =
		bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	int on = 1;

	(void)address;
	(void)length;
	(void)arg;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bufferevent_setcb(client, received, NULL, ended, NULL);
	bufferevent_enable(client, EV_READ | EV_WRITE);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)bench_number(argc, argv, 1, 7000)),
	};
	struct event_base *base = event_base_new();

	if (!evconnlistener_new_bind(base, connected, NULL,
				     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
				     1024, (struct sockaddr *)&address,
				     sizeof(address))) {
		perror("listen");
		return 1;
	}
	return event_base_dispatch(base);
}
