/* SPDX-License-Identifier: MIT
 * tls/table.h - what is known of TLS where there need be no OpenSSL.
 *
 * TLS is a library of its own (libsimul-tls). HTTP, which is not, reaches it
 * through the context that a program has made there: that begins with a table
 * of functions.
 */
#ifndef SMI_TLS_TABLE_H
#define SMI_TLS_TABLE_H

#include <simul/tls.h>

struct smi_tls_table {
	/* As simul_start_tls. */
	int (*start)(simul_tls *tls, simul_stream *plain,
		     const simul_tls_start_options *options,
		     simul_stream **ret_stream);

	/* As simul_tls_error. */
	const char *(*error)(const simul_tls *tls);
};

struct simul_tls {
	const struct smi_tls_table *table;
	bool is_server;
};

#endif /* SMI_TLS_TABLE_H */
