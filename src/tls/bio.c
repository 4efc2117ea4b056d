/* SPDX-License-Identifier: MIT
 * tls/bio.c - where OpenSSL reads and writes: the buffers of the stream
 * below. */
#include "tls/bio.h"

#include <string.h>

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

	BIO_clear_retry_flags(bio);
	if (smi_buffer_append(&t->below->pending, bytes, n) < 0) {
		t->no_memory = true;
		return 0;
	}
	*ret_n = n;
	return 1;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
	return command == BIO_CTRL_FLUSH;
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
