/* SPDX-License-Identifier: MIT
 * bench/peers/c/libuv_udp.c - "udp" with libuv.
 *
 *	libuv_udp PORT		one datagram to a system call
 *	libuv_udp PORT many	libuv receives many in one
 *
 * An answer is tried at once, and queued if the system has no room for it. */
#include "../../bench.h"

#include <uv.h>

enum { ROOM = 65536, BATCH = 64 };

struct reply {
	uv_udp_send_t request;
	char bytes[];
};

static void give(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	static char bytes[BATCH * ROOM];

	(void)size;
	buffer->base = bytes;
	buffer->len = uv_udp_using_recvmmsg((uv_udp_t *)handle) ? sizeof(bytes)
								: ROOM;
}

static void sent(uv_udp_send_t *request, int status)
{
	(void)status;
	free(request);
}

static void received(uv_udp_t *socket, ssize_t n, const uv_buf_t *buffer,
		     const struct sockaddr *from, unsigned flags)
{
	uv_buf_t answer = uv_buf_init(buffer->base, n > 0 ? (unsigned)n : 0);
	struct reply *reply;

	(void)flags;
	if (n < 0 || !from || uv_udp_try_send(socket, &answer, 1, from) >= 0)
		return;
	reply = malloc(sizeof(*reply) + answer.len);
	memcpy(reply->bytes, answer.base, answer.len);
	answer.base = reply->bytes;
	uv_udp_send(&reply->request, socket, &answer, 1, from, sent);
}

int main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();
	struct sockaddr_in address;
	uv_udp_t socket;
	int r;

	uv_ip4_addr("127.0.0.1", (int)bench_number(argc, argv, 1, 7000),
		    &address);
	uv_udp_init_ex(loop, &socket,
		       AF_INET | (bench_word(argc, argv, 2, "many")
					  ? UV_UDP_RECVMMSG
					  : 0));
	r = uv_udp_bind(&socket, (const struct sockaddr *)&address, 0);
	if (r >= 0)
		r = uv_udp_recv_start(&socket, give, received);
	if (r < 0) {
		fprintf(stderr, "bind: %s\n", uv_strerror(r));
		return 1;
	}
	return uv_run(loop, UV_RUN_DEFAULT);
}
