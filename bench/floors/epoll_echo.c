/* SPDX-License-Identifier: MIT
 * bench/floors/epoll_echo.c - floor of "echo" on epoll. */
#include "epoll.h"

int main(int argc, char **argv)
{
	epoll_serve(socket_listen(bench_number(argc, argv, 1, 7000)),
		    epoll_send);
	return 0;
}
