/* SPDX-License-Identifier: MIT
 * net/receive.h - how the bytes of a socket come into its stream.
 *
 * Where the backend can (SMI_OP_RECEIVE), a socket is told once to bring
 * whatever comes, and who waits for it holds no memory. What comes goes where
 * the reader wants it, or, if nobody is reading just now, into stream.late.
 * When that is more than SMI_LATE_MOST, the peer is faster than the reader: the
 * socket is told to stop, and is read directly, as much as the reader asks
 * for at a time, until a read brings little. So what a peer can make us hold
 * is that and once the loop's buffers. It is the same after a piece so large
 * that its copy would cost more than the operation that is saved.
 *
 * Elsewhere each read is an operation of its own.
 */
#ifndef SMI_NET_RECEIVE_H
#define SMI_NET_RECEIVE_H

#include "io/descriptor.h"

enum { SMI_LATE_MOST = 65536, SMI_LARGE_PIECE = 16384, SMI_SMALL_PIECE = 4096 };

/* A reader who waits, in its frame. */
struct smi_reader {
	struct simul_task *task; /* NULL: it has been woken */
	char *bytes;
	size_t room; /* 0: it only wants to know that something is there */
	size_t got;
};

struct smi_socket {
	struct smi_descriptor base;
	struct smi_op receive;
	struct smi_reader *reader;
	bool armed;    /* receive is under way */
	bool stopping; /* and was cancelled */
	bool direct;   /* each read is an operation of its own: for now, ... */
	bool deaf;     /* ... or for ever */
};

/* For ops->read, ops->read_now and ops->await. */
ptrdiff_t smi_socket_read(simul_stream *s, void *bytes, size_t n);
ptrdiff_t smi_socket_read_now(simul_stream *s, void *bytes, size_t n);
int smi_socket_await(simul_stream *s);

/* For ops->send_into: what has come goes on past us. */
ptrdiff_t smi_socket_send_into(simul_stream *s, simul_stream *to, int *way,
			       uint64_t most);

/* For ops->watch and ops->unwatch. */
int smi_socket_watch(simul_stream *s);
void smi_socket_unwatch(simul_stream *s);

/* For ops->rest: have nothing under way. What has come until then is kept. */
void smi_socket_rest(simul_stream *s);

/* The socket is about to be closed: receive no more. It has not ended before
 * smi_socket_settle has returned. */
void smi_socket_stop(struct smi_socket *socket);

/* Wait for that. Not to be cancelled. */
void smi_socket_settle(struct smi_socket *socket);

#endif /* SMI_NET_RECEIVE_H */
