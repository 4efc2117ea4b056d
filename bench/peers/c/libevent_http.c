/* SPDX-License-Identifier: MIT
 * bench/peers/c/libevent_http.c - "http" with libevent's own server. */
#include "../../bench.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

static void hello(struct evhttp_request *request, void *arg)
{
	struct evbuffer *body = evbuffer_new();

	(void)arg;
	evhttp_add_header(evhttp_request_get_output_headers(request),
			  "Content-Type", "text/plain");
	evbuffer_add(body, "Hello, World!", 13);
	evhttp_send_reply(request, 200, "OK", body);
	evbuffer_free(body);
}

int main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	uint16_t port = (uint16_t)bench_number(argc, argv, 1, 7000);

	evhttp_set_gencb(http, hello, NULL);
	if (evhttp_bind_socket(http, "127.0.0.1", port)) {
		perror("listen");
		return 1;
	}
	return event_base_dispatch(base);
}
