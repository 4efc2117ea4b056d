/* SPDX-License-Identifier: MIT
 * tls/bio.c - where OpenSSL reads and writes: the buffers of the stream
 * below. */
#include "tls/bio.h"

#include <errno.h>
#include <string.h>

#include "tls/kernel.h"
#include "tls/stream.h"

static int read_below(BIO *bio, char *bytes, size_t n, size_t *ret_n)
{
	struct smi_tls_stream *t = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (t->ready == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	if (n > t->ready)
		n = t->ready;
	memcpy(bytes, smi_input_bytes(&t->below->in), n);
	simul_consume(t->below, n);
	t->ready -= n;
	*ret_n = n;
	return 1;
}

static int write_below(BIO *bio, const char *bytes, size_t n, size_t *ret_n)
{
	struct smi_tls_stream *t = BIO_get_data(bio);
	int r = smi_tls_kernel_is_announced(t)
			? smi_tls_kernel_write_apart(t, bytes, n)
			: smi_buffer_append(&t->below->pending, bytes, n);

	BIO_clear_retry_flags(bio);
	t->no_memory |= r == -ENOMEM;
	if (r < 0)
		return 0;
	*ret_n = n;
	return 1;
}

/* Its bio.h has these in a comment, so that nobody else may use them. */
enum { SET_KTLS = 72, ANNOUNCE_KTLS = 74 };

static long control(BIO *bio, int command, long number, void *pointer)
{
	struct smi_tls_stream *t = BIO_get_data(bio);

	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case SET_KTLS: /* number: to send, not to receive */
		return number && smi_tls_kernel_begin(t, pointer);
	case BIO_CTRL_GET_KTLS_SEND:
		return t->kernel != NULL;
	case ANNOUNCE_KTLS:
		if (t->kernel)
			smi_tls_kernel_announce(t, (int)number);
		return 0;
	default:
		return 0;
	}
}

BIO_METHOD *smi_tls_bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "simul");

	if (m && BIO_meth_set_read_ex(m, read_below) &&
	    BIO_meth_set_write_ex(m, write_below) &&
	    BIO_meth_set_ctrl(m, control))
		return m;
	BIO_meth_free(m);
	return NULL;
}

BIO *smi_tls_bio_new(const BIO_METHOD *method, struct smi_tls_stream *stream)
{
	BIO *bio = BIO_new(method);

	if (!bio)
		return NULL;
	BIO_set_data(bio, stream);
	BIO_set_init(bio, 1);
	return bio;
}
