/* SPDX-License-Identifier: MIT
 * tls/context.h - what many connections share. */
#ifndef SMI_TLS_CONTEXT_H
#define SMI_TLS_CONTEXT_H

#include "tls/failure.h"
#include "tls/material.h"
#include "tls/sessions.h"
#include "tls/table.h"

struct smi_tls_context {
	simul_tls base;
	size_t users; /* its owner, and streams */
	struct smi_tls_settings *settings;
	struct smi_tls_material *material; /* in force */
	struct smi_tls_sessions sessions;
	simul_tls_failure failure; /* of the last call that failed */
};

static inline struct smi_tls_context *smi_tls_context_of(const simul_tls *tls)
{
	return (struct smi_tls_context *)tls;
}

/* One user less; the last one takes it along. */
void smi_tls_context_release(struct smi_tls_context *context);

#endif /* SMI_TLS_CONTEXT_H */
