/* SPDX-License-Identifier: MIT
 * tls/kernel.c - the kernel encrypts what is sent. */
#include "tls/kernel.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdalign.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Not netinet/tcp.h, whose struct tcp_info is too short. */
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/tls.h>

#include <simul/error.h>
#include <simul/socket.h>
#include <simul/task.h>

#include "base/alloc.h"
#include "tls/stream.h"

/* A record that is no data: this, and what is in it. */
struct head {
	unsigned char kind;
	uint16_t length;
};

struct smi_tls_kernel {
	int fd;
	int announced; /* the kind of what OpenSSL writes next, or 0 */

	struct smi_buffer apart; /* records that are no data: they gather, */
	struct smi_buffer going; /* and leave, one at a time */
	bool under_way;
	bool ended;
	struct simul_waiter waiter;
	struct smi_op op;
	struct msghdr message;
	struct iovec part;
	alignas(struct cmsghdr) char kind[CMSG_SPACE(1)];

	/* For smi_tls_kernel_is_empty */
	size_t info_size;
	size_t overhead;  /* of a record, beyond what is in it */
	uint64_t records; /* numbers at the beginning: of the record, */
	uint64_t sent;	  /* of TCP's byte, */
	uint64_t left;	  /* of the stream's below, */
	uint64_t past;	  /* and, since then, what went past that */
};

/* ---- What the kernel is told, and what it tells */

enum {
	HEADER = 5, /* of a record */
	TAG = 16,   /* behind it, of all ciphers that there are */
	KIND = 1    /* in it, in TLS 1.3 */
};

static size_t size_of(const struct tls_crypto_info *info)
{
	switch (info->cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		return sizeof(struct tls12_crypto_info_aes_gcm_128);
	case TLS_CIPHER_AES_GCM_256:
		return sizeof(struct tls12_crypto_info_aes_gcm_256);
	case TLS_CIPHER_CHACHA20_POLY1305:
		return sizeof(struct tls12_crypto_info_chacha20_poly1305);
	default:
		return 0;
	}
}

/* RFC 8446, 5.2; RFC 5288, 3; RFC 7905, 2. */
static size_t overhead_of(const struct tls_crypto_info *info)
{
	if (info->version == TLS_1_3_VERSION)
		return HEADER + KIND + TAG;
	return info->cipher_type == TLS_CIPHER_CHACHA20_POLY1305
		       ? HEADER + TAG
		       : HEADER + TLS_CIPHER_AES_GCM_128_IV_SIZE + TAG;
}

/* The number of the next record is at the end of all of them. */
static uint64_t record_in(const void *info, size_t size)
{
	const unsigned char *bytes = info;
	uint64_t n = 0;

	for (size_t i = size - sizeof n; i < size; i++)
		n = n << 8 | bytes[i];
	return n;
}

static int count_records(const struct smi_tls_kernel *k, uint64_t *ret_n)
{
	struct tls12_crypto_info_aes_gcm_256 largest = { 0 };
	socklen_t size = (socklen_t)k->info_size;
	int r = getsockopt(k->fd, SOL_TLS, TLS_TX, &largest, &size);

	if (r < 0)
		return -errno;
	*ret_n = record_in(&largest, k->info_size) - k->records;
	OPENSSL_cleanse(&largest, sizeof largest);
	return 0;
}

static int count_acked(int fd, uint64_t *ret_n)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	*ret_n = info.tcpi_bytes_acked;
	return 0;
}

/* How many bytes TCP was given. Those that are acknowledged between the two
 * questions would be counted in neither: then ask again. */
static int count_sent(int fd, uint64_t *ret_n)
{
	uint64_t before = 0, after = 0;
	int waiting = 0, r;

	do {
		r = count_acked(fd, &before);
		if (r == 0 && ioctl(fd, SIOCOUTQ, &waiting) < 0)
			r = -errno;
		if (r == 0)
			r = count_acked(fd, &after);
	} while (r == 0 && before != after);
	if (r == 0)
		*ret_n = after + (unsigned)waiting;
	return r;
}

/* ---- The beginning */

static struct smi_tls_kernel *make(const struct smi_tls_stream *t, int fd,
				   const struct tls_crypto_info *info)
{
	struct smi_tls_kernel *k = smi_alloc_zero(sizeof *k);

	if (!k)
		return NULL;
	k->fd = fd;
	k->info_size = size_of(info);
	k->overhead = overhead_of(info);
	k->records = record_in(info, k->info_size);
	k->left = t->below->left;
	return k;
}

/* Will it tell count_records? Before 5.16 it does so for AES only; and who
 * knows what 5.19 has brought is not older than that. */
static bool tells_records(int fd, const struct tls_crypto_info *info)
{
	int value;
	socklen_t size = sizeof value;

	return info->cipher_type != TLS_CIPHER_CHACHA20_POLY1305 ||
	       getsockopt(fd, SOL_TLS, TLS_TX_ZEROCOPY_RO, &value, &size) == 0;
}

/* Both are for good, but the first does nothing without the second. */
static bool hand_over(struct smi_tls_kernel *k, const void *info)
{
	static const char protocol[] = "tls";

	return count_sent(k->fd, &k->sent) == 0 &&
	       setsockopt(k->fd, IPPROTO_TCP, TCP_ULP, protocol,
			  sizeof protocol) == 0 &&
	       tells_records(k->fd, info) &&
	       setsockopt(k->fd, SOL_TLS, TLS_TX, info,
			  (socklen_t)k->info_size) == 0;
}

bool smi_tls_kernel_begin(struct smi_tls_stream *t, const void *info)
{
	simul_stream *below = t->below;
	int fd = below->ops->below ? -1 : simul_socket_fd(below);
	struct smi_tls_kernel *k;

	if (t->kernel || fd < 0 || size_of(info) == 0 ||
	    !smi_stream_push_now(below))
		return false;
	k = make(t, fd, info);
	if (!k || !hand_over(k, info)) {
		smi_free(k);
		return false;
	}
	t->kernel = k;
	return true;
}

/* ---- Records that are no data */

static bool is_idle(const simul_stream *s)
{
	return !s->writing && simul_stream_unsent(s) == 0;
}

/* Who is sending just now, of the two that may be. */
static simul_stream *find_sender(struct smi_tls_stream *t)
{
	if (t->stream.seized)
		return &t->stream;
	return is_idle(t->below) ? NULL : t->below;
}

static bool fetch(struct smi_tls_kernel *k)
{
	struct smi_buffer empty = k->going;

	if (smi_buffer_length(&k->going) > 0)
		return true;
	k->going = k->apart;
	k->apart = empty;
	return smi_buffer_length(&k->going) > 0;
}

static void drop(struct smi_tls_kernel *k)
{
	smi_buffer_done(&k->apart);
	smi_buffer_done(&k->going);
}

/* Make the first record that is going a message. */
static void address(struct smi_tls_kernel *k)
{
	char *bytes = smi_buffer_bytes(&k->going);
	struct cmsghdr *c;
	struct head head;

	memcpy(&head, bytes, sizeof head);
	k->part = (struct iovec){ bytes + sizeof head, head.length };
	k->message = (struct msghdr){ .msg_iov = &k->part,
				      .msg_iovlen = 1,
				      .msg_control = k->kind,
				      .msg_controllen = sizeof k->kind };
	c = CMSG_FIRSTHDR(&k->message);
	c->cmsg_level = SOL_TLS;
	c->cmsg_type = TLS_SET_RECORD_TYPE;
	c->cmsg_len = CMSG_LEN(1);
	*CMSG_DATA(c) = head.kind;
}

/* It was sent, or was not. Half an alert would be none. */
static int settle(struct smi_tls_kernel *k, ptrdiff_t n)
{
	k->under_way = false;
	if (n != (ptrdiff_t)k->part.iov_len) {
		drop(k);
		return n < 0 ? (int)n : -EIO;
	}
	k->past += (size_t)n;
	smi_buffer_consume(&k->going, sizeof(struct head) + (size_t)n);
	return 0;
}

static void advance(struct smi_tls_stream *t);

static void was_sent(struct smi_op *op)
{
	struct smi_tls_stream *t = op->owner;

	smi_stream_let_go(t->below, settle(t->kernel, op->result));
	advance(t);
}

/* There is no room in the socket now. */
static void send_later(struct smi_tls_stream *t)
{
	struct smi_tls_kernel *k = t->kernel;
	int r;

	if (!smi_stream_seize(t->below)) {
		drop(k);
		return;
	}
	k->op = (struct smi_op){ .kind = SMI_OP_SENDMSG,
				 .fd = k->fd,
				 .buffer = &k->message,
				 .flags = MSG_NOSIGNAL,
				 .done = was_sent,
				 .owner = t };
	k->under_way = true;
	r = smi_op_submit(&t->stream.loop->loop, &k->op);
	if (r != 0)
		smi_stream_let_go(t->below,
				  settle(k, r < 0 ? r : k->op.result));
}

static void send_next(struct smi_tls_stream *t)
{
	struct smi_tls_kernel *k = t->kernel;
	ssize_t n;

	address(k);
	n = sendmsg(k->fd, &k->message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		send_later(t);
	else if (settle(k, n) < 0)
		smi_stream_let_go(t->below, -EIO);
}

static void has_left(struct simul_waiter *waiter, int result)
{
	advance(waiter->value);
}

static void advance(struct smi_tls_stream *t)
{
	struct smi_tls_kernel *k = t->kernel;

	while (!k->under_way && !k->waiter.queue && !k->ended && fetch(k)) {
		simul_stream *sender = find_sender(t);

		if (t->below->write_error) {
			drop(k);
		} else if (sender) {
			k->waiter.value = t;
			k->waiter.notify = has_left;
			smi_waiters_add(&sender->flushers, &k->waiter);
		} else {
			send_next(t);
		}
	}
}

void smi_tls_kernel_announce(struct smi_tls_stream *t, int kind)
{
	t->kernel->announced = kind;
}

bool smi_tls_kernel_is_announced(const struct smi_tls_stream *t)
{
	return t->kernel && t->kernel->announced;
}

static int append(struct smi_tls_kernel *k, int kind, const void *bytes,
		  size_t n)
{
	struct head head = { 0 };

	if (n > SSL3_RT_MAX_PLAIN_LENGTH ||
	    smi_buffer_reserve(&k->apart, sizeof head + n) < 0)
		return -ENOMEM;
	head.kind = (unsigned char)kind;
	head.length = (uint16_t)n;
	smi_buffer_append(&k->apart, &head, sizeof head);
	return smi_buffer_append(&k->apart, bytes, n);
}

static int write_apart(struct smi_tls_stream *t, int kind, const void *bytes,
		       size_t n)
{
	int r = append(t->kernel, kind, bytes, n);

	if (r >= 0)
		advance(t);
	return r;
}

/* Neither OpenSSL 3.0 nor Linux before 6.14 can change the key of a connection
 * that the kernel encrypts. So who asks for that (RFC 8446, 4.6.3) gets an
 * alert instead of an answer that would be a lie. */
static void refuse_key(struct smi_tls_stream *t)
{
	static const unsigned char sorry[] = { SSL3_AL_FATAL,
					       SSL_AD_INTERNAL_ERROR };

	smi_tls_break(
		t, -SIMUL_EPROTOCOL,
		"the peer asks for a new key, which the kernel can't have");
	write_apart(t, SSL3_RT_ALERT, sorry, sizeof sorry);
}

/* OpenSSL 3.0 would answer before it writes data, which it never does here. */
void smi_tls_kernel_check_key(struct smi_tls_stream *t)
{
	if (t->kernel && !t->broken &&
	    SSL_get_key_update_type(t->ssl) != SSL_KEY_UPDATE_NONE)
		refuse_key(t);
}

static bool changes_key(int kind, const unsigned char *bytes, size_t n)
{
	return kind == SSL3_RT_HANDSHAKE && n > 0 &&
	       bytes[0] == SSL3_MT_KEY_UPDATE;
}

int smi_tls_kernel_write_apart(struct smi_tls_stream *t, const void *bytes,
			       size_t n)
{
	int kind = t->kernel->announced;

	t->kernel->announced = 0;
	if (!changes_key(kind, bytes, n))
		return write_apart(t, kind, bytes, n);
	refuse_key(t);
	return t->broken;
}

/* ---- Data */

ptrdiff_t smi_tls_kernel_send(struct smi_tls_stream *t,
			      const struct iovec *parts, int count)
{
	simul_stream *below = t->below;
	ptrdiff_t n;

	if (below->write_error)
		return below->write_error;
	if (!is_idle(below))
		return -EAGAIN;
	n = below->ops->write_now(below, parts, count);
	if (n > 0)
		t->kernel->past += (size_t)n;
	/* The stream below will try again, and say what is wrong. */
	return n > 0 ? n : -EAGAIN;
}

/* ---- The end */

size_t smi_tls_kernel_unsent(const struct smi_tls_stream *t)
{
	const struct smi_tls_kernel *k = t->kernel;

	return k ? smi_buffer_length(&k->apart) + smi_buffer_length(&k->going)
		 : 0;
}

/* All that was given to the kernel, and what it makes of it. */
static int count_given(const struct smi_tls_stream *t, uint64_t *ret_n)
{
	const struct smi_tls_kernel *k = t->kernel;
	uint64_t records = 0;
	int r = count_records(k, &records);

	if (r == 0)
		*ret_n = k->sent + t->below->left - k->left + k->past +
			 t->stream.past + records * k->overhead;
	return r;
}

/* Is there a connection any more? */
static bool is_connected(int fd)
{
	enum { ESTABLISHED = 1, CLOSE_WAIT = 8 }; /* net/tcp_states.h */
	struct tcp_info info = { 0 };
	socklen_t size = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
	       (info.tcpi_state == ESTABLISHED ||
		info.tcpi_state == CLOSE_WAIT);
}

int smi_tls_kernel_is_empty(const struct smi_tls_stream *t)
{
	uint64_t given = 0, sent = 0;
	int r;

	if (!t->kernel)
		return 1;
	r = count_given(t, &given);
	if (r == 0)
		r = count_sent(t->kernel->fd, &sent);
	if (r < 0 || given == sent)
		return r < 0 ? r : 1;
	return is_connected(t->kernel->fd) ? 0 : -EPIPE;
}

int smi_tls_kernel_send_all(struct smi_tls_stream *t)
{
	static const struct smi_wait waiting = { "bytes to leave a stream",
						 smi_interrupt_waiter };
	simul_stream *below = t->below;
	struct simul_waiters *queue;
	struct simul_waiter waiter;
	int r = simul_flush(below);

	while (r >= 0 && smi_tls_kernel_unsent(t) > 0 && !below->write_error) {
		/* What leaves at once behind a file tells nobody else. */
		queue = t->kernel->waiter.queue;
		r = smi_may_suspend();
		if (r >= 0)
			r = smi_wait_in(queue ? queue : &below->flushers,
					&waiter, &waiting);
	}
	return r < 0 ? r : below->write_error;
}

/* Nothing tells when it is; but it is soon when there is room again. */
int smi_tls_kernel_flush(struct smi_tls_stream *t)
{
	static const double longest = 0.05; /* seconds */
	double pause = 0.0005;
	int r = smi_tls_kernel_send_all(t);

	while (r >= 0) {
		r = smi_tls_kernel_is_empty(t);
		if (r != 0)
			break;
		r = simul_wait_fd(t->kernel->fd, POLLOUT);
		if (r >= 0)
			r = simul_sleep(pause);
		if (pause < longest)
			pause *= 2;
	}
	return r < 0 ? r : 0;
}

/* It would wait for room, in close, with what it could not send of a file that
 * was sent by a thread (file/send_file.c), as that may wait. */
static void stop_waiting(int fd)
{
	static const struct timeval moment = { .tv_usec = 1 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof moment);
}

void smi_tls_kernel_end(struct smi_tls_stream *t)
{
	static const struct smi_wait waiting = { "the end of a write", NULL };
	struct smi_tls_kernel *k = t->kernel;
	struct simul_waiter waiter;

	if (!k)
		return;
	k->ended = true;
	if (k->waiter.queue)
		smi_waiters_remove(&k->waiter);
	if (k->under_way)
		smi_op_cancel(&t->stream.loop->loop, &k->op);
	while (k->under_way)
		smi_wait_in(&t->below->flushers, &waiter, &waiting);
	stop_waiting(k->fd);
	drop(k);
	t->kernel = NULL;
	smi_free(k);
}
