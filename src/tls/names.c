/* SPDX-License-Identifier: MIT
 * tls/names.c - the names in a certificate, as text. */
#include "tls/names.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* A zero byte in it would have it taken for another. */
static bool write_host(const ASN1_STRING *host, char text[SMI_TLS_NAME])
{
	const unsigned char *bytes = ASN1_STRING_get0_data(host);
	size_t n = (size_t)ASN1_STRING_length(host);

	if (n >= SMI_TLS_NAME || memchr(bytes, 0, n))
		return false;
	memcpy(text, bytes, n);
	text[n] = 0;
	return true;
}

static bool write_address(const ASN1_STRING *address, char text[SMI_TLS_NAME])
{
	int n = ASN1_STRING_length(address);

	if (n != 4 && n != 16)
		return false;
	return inet_ntop(n == 4 ? AF_INET : AF_INET6,
			 ASN1_STRING_get0_data(address), text,
			 SMI_TLS_NAME) != NULL;
}

bool smi_tls_write_name(const GENERAL_NAME *name, char text[SMI_TLS_NAME])
{
	int kind;
	const ASN1_STRING *value = GENERAL_NAME_get0_value(name, &kind);

	if (kind == GEN_DNS)
		return write_host(value, text);
	return kind == GEN_IPADD && write_address(value, text);
}

void smi_tls_list_names(X509 *x, char *text, size_t room)
{
	GENERAL_NAMES *all =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	char name[SMI_TLS_NAME];
	size_t n = 0;

	text[0] = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		if (!smi_tls_write_name(sk_GENERAL_NAME_value(all, i), name) ||
		    n + strlen(name) + sizeof ", " > room)
			continue;
		n += (size_t)snprintf(text + n, room - n, "%s%s",
				      n > 0 ? ", " : "", name);
	}
	GENERAL_NAMES_free(all);
}

void smi_tls_write_subject(X509 *x, char *text, size_t room)
{
	BIO *bio = x ? BIO_new(BIO_s_mem()) : NULL;
	int n = 0;

	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
				      XN_FLAG_RFC2253) > 0)
		n = BIO_read(bio, text, (int)room - 1);
	text[n > 0 ? n : 0] = 0;
	BIO_free(bio);
}
