/* SPDX-License-Identifier: MIT
 * tls/stream.h - a stream of plain text over a stream of ciphertext.
 *
 *	simul_read                        simul_write
 *	    | plain text                      | pending, leaving
 *	ops->read: SSL_read               ops->write: SSL_write
 *	    |                                 |
 *	below->in, whole records          below->pending
 *	    |                                 |
 *	simul_peek(below)                 smi_stream_push(below)
 *
 * OpenSSL is only called with what is there (tls/bio.c), and never suspends.
 * It is shown whole records, so that it has nothing half done when it returns,
 * but for a handshake message that spans several. What it wants to send, also
 * while it reads, gathers below and leaves by itself. A write is over when its
 * ciphertext has left below.
 */
#ifndef SMI_TLS_STREAM_H
#define SMI_TLS_STREAM_H

#include <openssl/ssl.h>

#include "io/stream.h"
#include "task/wait.h"
#include "tls/alpn.h"
#include "tls/context.h"

struct smi_tls_kernel;

struct smi_tls_stream {
	simul_stream stream;
	simul_stream *below;
	bool keep_below; /* it is not ours to close */
	size_t limit;	 /* that it had */
	struct smi_tls_context *context;
	struct smi_tls_material *material;
	SSL *ssl;
	struct smi_tls_kernel *kernel; /* it encrypts, unless NULL */
	int broken; /* why neither reading nor writing can go on */
	int mute;   /* why a write has failed, of which the peer can't know */
	bool no_memory;
	simul_tls_failure failure;

	size_t ready;	     /* bytes below that OpenSSL may take */
	size_t without_text; /* so many records in a row had none */

	size_t under_way;	    /* plain text whose ciphertext leaves, */
	uint64_t goal;		    /* so that below->left will be this; */
	struct simul_waiter waiter; /* waits for that */
	const void *stalled;	    /* not encrypted before more was read */
	size_t stalled_length;
	bool owes_goodbye; /* likewise */

	struct simul_waiter watcher; /* for those in simul_select: tells them
				      * of what happens below */
	size_t watching;	     /* so many of them, */
	size_t watching_below;	     /* and so many there */
	bool looking;

	/* Did anything go to and fro after the handshake? */
	bool has_written;
	bool has_read;

	/* Who the other side is, for a client: */
	char *host; /* whom its certificate must be for, or "" */
	const char *session;

	int verdict; /* what OpenSSL thinks of its certificate */
	const struct smi_tls_alpn *alpn; /* during the handshake */
	char *protocol;			 /* that was agreed on */
};

extern const struct smi_stream_ops smi_tls_ops;

/* The stream of an SSL. */
static inline struct smi_tls_stream *smi_tls_stream_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* s as what it is, or NULL. */
static inline struct smi_tls_stream *smi_tls_stream(const simul_stream *s)
{
	return s->ops == &smi_tls_ops ? (struct smi_tls_stream *)s : NULL;
}

/* ---- stream.c */

/* How a call of OpenSSL may end, if not with an error. */
enum smi_tls_end {
	SMI_TLS_WANTS, /* something to read */
	SMI_TLS_DONE,
	SMI_TLS_ENDED /* the peer has said goodbye */
};

/* What result means, which SSL_something has just returned. */
int smi_tls_judge(struct smi_tls_stream *t, int result);

/* Has OpenSSL used up all that it was shown, and nothing to say? */
bool smi_tls_needs_more(const struct smi_tls_stream *t);

/* Have a whole record ready, at least. Suspends, unless one has come. */
int smi_tls_more(struct smi_tls_stream *t);

/* The same for what has come already: -EAGAIN if that is not enough, or if the
 * peer doesn't read what it has made us answer; -SIMUL_EUNSUPPORTED if the
 * stream below can't tell; t->mute in place of both where nobody would answer
 * us. */
int smi_tls_more_now(struct smi_tls_stream *t);

/* Is the latter so? */
bool smi_tls_is_choked(const struct smi_tls_stream *t);

/* Decrypt some of what is ready, as ops->read. */
int smi_tls_decrypt(struct smi_tls_stream *t, void *bytes, size_t n,
		    size_t *ret_n);

/* Nothing more can be read or written; returns error. */
int smi_tls_break(struct smi_tls_stream *t, int error, const char *words);

/* Free all but what is below. */
void smi_tls_stream_free(struct smi_tls_stream *t);

/* ---- watch.c: for smi_tls_ops */

ptrdiff_t smi_tls_read_now(simul_stream *s, void *bytes, size_t n);
bool smi_tls_is_quiet(simul_stream *s);
int smi_tls_watch(simul_stream *s);
void smi_tls_unwatch(simul_stream *s);

/* ---- handshake.c */

/* As simul_start_tls; with keep, plain remains the caller's to close, when the
 * TLS stream has been closed. */
int smi_tls_start(simul_tls *tls, simul_stream *plain,
		  const simul_tls_start_options *options, bool keep,
		  simul_stream **ret_stream);

/* For SSL_CTX_set_alpn_select_cb. */
int smi_tls_choose_alpn(SSL *ssl, const unsigned char **ret_name,
			unsigned char *ret_length, const unsigned char *offered,
			unsigned offered_length, void *arg);

/* For SSL_CTX_sess_set_new_cb. */
int smi_tls_keep_session(SSL *ssl, SSL_SESSION *session);

/* ---- verdict.c */

/* For SSL_CTX_set_verify: write down what is wrong with a certificate. */
int smi_tls_note_verdict(int ok, X509_STORE_CTX *store);

/* Why OpenSSL has failed: an error, and words in t->failure. Its queue is
 * empty then. */
int smi_tls_explain(struct smi_tls_stream *t);

#endif /* SMI_TLS_STREAM_H */
