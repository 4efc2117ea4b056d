/* SPDX-License-Identifier: MIT
 * bench/floors/threads_tls.c - "tls" as one writes it first: OpenSSL on sockets
 * that block, and threads that each serve a connection from its beginning to
 * its end. There can be no more connections than threads. */
#include "tls.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { THREADS = 64, BUFFER = 4096 };

static SSL_CTX *context;
static int listener;

static void echo(SSL *ssl)
{
	char buffer[BUFFER];
	int n;

	while ((n = SSL_read(ssl, buffer, BUFFER)) > 0 &&
	       SSL_write(ssl, buffer, n) == n)
		continue;
}

static void *serve(void *arg)
{
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		SSL *ssl = SSL_new(context);

		socket_hurry(fd);
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1)
			echo(ssl);
		SSL_shutdown(ssl);
		ERR_clear_error();
		SSL_free(ssl);
		close(fd);
	}
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];

	listener = socket_listen(bench_number(argc, argv, 1, 7000));
	fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK);
	context = tls_context();
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, serve, NULL))
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
