/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_echo.c - "echo" with libuv, as its guide has it. */
#include "../../bench.h"

#include <signal.h>
#include <uv.h>

struct reply {
	uv_write_t request;
	uv_buf_t buffer;
};

static void give(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	(void)handle;
	buffer->base = malloc(size);
	buffer->len = size;
}

static void closed(uv_handle_t *handle)
{
	free(handle);
}

static void sent(uv_write_t *request, int status)
{
	struct reply *reply = (struct reply *)request;

	(void)status;
	free(reply->buffer.base);
	free(reply);
}

static void received(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct reply *reply;

	if (n <= 0) {
		free(buffer->base);
		if (n < 0)
			uv_close((uv_handle_t *)stream, closed);
		return;
	}
	reply = malloc(sizeof(*reply));
	reply->buffer = uv_buf_init(buffer->base, (unsigned)n);
	uv_write(&reply->request, stream, &reply->buffer, 1, sent);
}

static void connected(uv_stream_t *listener, int status)
{
	uv_tcp_t *client;

	if (status < 0)
		return;
	client = malloc(sizeof(*client));
	uv_tcp_init(listener->loop, client);
	if (uv_accept(listener, (uv_stream_t *)client) < 0) {
		uv_close((uv_handle_t *)client, closed);
		return;
	}
	uv_tcp_nodelay(client, 1);
	uv_read_start((uv_stream_t *)client, give, received);
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in address;
	uv_tcp_t listener;
	int r;

	/* A client that is gone while we write to it ends nobody else. */
	signal(SIGPIPE, SIG_IGN);
	uv_ip4_addr("127.0.0.1", (int)bench_number(argc, argv, 1, 7000),
		    &address);
	uv_tcp_init(loop, &listener);
	uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0);
	r = uv_listen((uv_stream_t *)&listener, 1024, connected);
	if (r < 0) {
		fprintf(stderr, "listen: %s\n", uv_strerror(r));
		return 1;
	}
	return uv_run(loop, UV_RUN_DEFAULT);
}
