/* SPDX-License-Identifier: MIT
 * tls/alpn.h - the protocol that is spoken inside (ALPN, RFC 7301). */
#ifndef SMI_TLS_ALPN_H
#define SMI_TLS_ALPN_H

#include <stddef.h>

/* Names as they are sent: each has its length before it. */
struct smi_tls_alpn {
	unsigned char length; /* of all; 0: there are none */
	unsigned char names[255];
};

/* "h2,http/1.1", or NULL. -EINVAL if it is no list of names, or too long. */
int smi_tls_alpn_parse(const char *text, struct smi_tls_alpn *ret_alpn);

#endif /* SMI_TLS_ALPN_H */
