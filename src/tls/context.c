/* SPDX-License-Identifier: MIT
 * tls/context.c - what many connections share: its life. */
#include "tls/context.h"

#include <errno.h>

#include <simul/error.h>
#include <simul/thread.h>

#include "base/alloc.h"

static const struct smi_tls_table table = {
	.start = simul_start_tls,
	.error = simul_tls_error,
};

/* ---- In a thread, as files are read */

struct reading {
	const struct smi_tls_settings *settings;
	simul_tls_failure failure;
	struct smi_tls_material *material;
};

static int read_files(void *arg)
{
	struct reading *my = arg;

	return smi_tls_material_new(my->settings, &my->failure, &my->material);
}

static int make_material(const struct smi_tls_settings *settings,
			 simul_tls_failure *failure,
			 struct smi_tls_material **ret_material)
{
	struct reading my = { .settings = settings };
	int r = simul_to_thread(read_files, &my);

	if (r >= 0)
		*ret_material = my.material;
	else if (my.failure.text[0])
		*failure = my.failure;
	else
		smi_tls_fail(failure, r, "reading certificates: %s",
			     simul_strerror(r));
	return r;
}

/* ---- Making */

static struct smi_tls_context *make_context(struct smi_tls_settings *settings,
					    struct smi_tls_material *material)
{
	struct smi_tls_context *context = smi_alloc_zero(sizeof *context);

	if (!context)
		return NULL;
	context->base.table = &table;
	context->base.is_server = settings->is_server;
	context->users = 1;
	context->settings = settings;
	context->material = material;
	context->sessions.most = settings->options.max_sessions;
	return context;
}

static int make(struct smi_tls_settings *settings, simul_tls_failure *failure,
		simul_tls **ret_tls)
{
	struct smi_tls_material *material = NULL;
	struct smi_tls_context *context;
	int r = make_material(settings, failure, &material);

	if (r < 0)
		return r;
	context = make_context(settings, material);
	if (!context) {
		smi_tls_material_release(material);
		return smi_tls_fail(failure, -ENOMEM, "no memory");
	}
	*ret_tls = &context->base;
	return 0;
}

static int new_context(bool is_server, const simul_tls_options *options,
		       simul_tls **ret_tls)
{
	simul_tls_failure own = { "" };
	simul_tls_failure *failure =
		options && options->failure ? options->failure : &own;
	struct smi_tls_settings *settings;
	int r = smi_tls_settings_new(is_server, options, failure, &settings);

	if (r < 0)
		return r;
	r = make(settings, failure, ret_tls);
	if (r < 0)
		smi_tls_settings_free(settings);
	return r;
}

int simul_tls_new_client(const simul_tls_options *options, simul_tls **ret_tls)
{
	return new_context(false, options, ret_tls);
}

int simul_tls_new_server(const simul_tls_options *options, simul_tls **ret_tls)
{
	return new_context(true, options, ret_tls);
}

/* ---- Once more */

/* So that tickets that were given out are good for the new one, too. Not where
 * clients are verified: whom we trust may have changed. */
static void hand_on_keys(const struct smi_tls_context *context,
			 const struct smi_tls_material *material)
{
	unsigned char keys[256];
	long n =
		SSL_CTX_get_tlsext_ticket_keys(context->material->ctx, NULL, 0);

	if (!context->base.is_server || context->settings->options.clients ||
	    n <= 0 || (size_t)n > sizeof keys)
		return;
	if (SSL_CTX_get_tlsext_ticket_keys(context->material->ctx, keys, n))
		SSL_CTX_set_tlsext_ticket_keys(material->ctx, keys, n);
	OPENSSL_cleanse(keys, sizeof keys);
}

int simul_tls_reload(simul_tls *tls)
{
	struct smi_tls_context *context = smi_tls_context_of(tls);
	struct smi_tls_material *material = NULL;
	simul_tls_failure failure;
	int r = make_material(context->settings, &failure, &material);

	if (r < 0) {
		context->failure = failure;
		return r;
	}
	hand_on_keys(context, material);
	/* They were begun with whom we trusted before. */
	smi_tls_sessions_done(&context->sessions);
	smi_tls_material_release(context->material);
	context->material = material;
	return 0;
}

/* ---- Its end */

void smi_tls_context_release(struct smi_tls_context *context)
{
	if (--context->users > 0)
		return;
	smi_tls_sessions_done(&context->sessions);
	smi_tls_material_release(context->material);
	smi_tls_settings_free(context->settings);
	smi_free(context);
}

void simul_tls_free(simul_tls *tls)
{
	if (tls)
		smi_tls_context_release(smi_tls_context_of(tls));
}

const char *simul_tls_error(const simul_tls *tls)
{
	return smi_tls_context_of(tls)->failure.text;
}
