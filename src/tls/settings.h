/* SPDX-License-Identifier: MIT
 * tls/settings.h - a copy of the options that a context was made with. */
#ifndef SMI_TLS_SETTINGS_H
#define SMI_TLS_SETTINGS_H

#include <simul/tls.h>

#include "tls/alpn.h"

struct smi_tls_settings {
	bool is_server;
	simul_tls_options options; /* with the defaults filled in */
	struct smi_tls_alpn alpn;
};

/* Copy options, which may be NULL. -EINVAL if they make no sense, -ENOMEM. */
int smi_tls_settings_new(bool is_server, const simul_tls_options *options,
			 simul_tls_failure *failure,
			 struct smi_tls_settings **ret_settings);

void smi_tls_settings_free(struct smi_tls_settings *settings);

/* Identity number i: .identity, then the others. */
static inline const simul_tls_identity *
smi_tls_settings_identity(const struct smi_tls_settings *settings, size_t i)
{
	return i == 0 ? &settings->options.identity
		      : &settings->options.identities[i - 1];
}

static inline bool smi_tls_is_given(const simul_tls_identity *identity)
{
	return identity->certificate_file || identity->certificate_pem;
}

#endif /* SMI_TLS_SETTINGS_H */
