/* SPDX-License-Identifier: MIT
 * tls/names.h - the names in a certificate, as text. */
#ifndef SMI_TLS_NAMES_H
#define SMI_TLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509v3.h>

enum { SMI_TLS_NAME = 256 };

/* Write a host name, or an address in numbers. false if it is another kind of
 * name. */
bool smi_tls_write_name(const GENERAL_NAME *name, char text[SMI_TLS_NAME]);

/* Write those that a certificate is for, "a.example, b.example", as many as
 * fit. */
void smi_tls_list_names(X509 *x, char *text, size_t room);

/* Write whose certificate it is: "CN=a.example", cut off if need be. */
void smi_tls_write_subject(X509 *x, char *text, size_t room);

#endif /* SMI_TLS_NAMES_H */
