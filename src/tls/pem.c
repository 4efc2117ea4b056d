/* SPDX-License-Identifier: MIT
 * tls/pem.c - files and texts with PEM in them. */
#include <errno.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <simul/error.h>

#include "tls/failure.h"
#include "tls/material.h"

static int open_file(const char *file, simul_tls_failure *failure,
		     BIO **ret_bio)
{
	FILE *f = fopen(file, "re");
	int error = f ? 0 : -errno;

	if (!f)
		return smi_tls_fail(failure, error, "%s: %s", file,
				    simul_strerror(error));
	*ret_bio = BIO_new_fp(f, BIO_CLOSE);
	if (*ret_bio)
		return 0;
	fclose(f);
	return smi_tls_fail(failure, -ENOMEM, "%s: no memory", file);
}

int smi_tls_open_pem(const char *file, const char *text,
		     simul_tls_failure *failure, BIO **ret_bio)
{
	if (file)
		return open_file(file, failure, ret_bio);
	*ret_bio = BIO_new_mem_buf(text, -1);
	return *ret_bio ? 0 : smi_tls_fail(failure, -ENOMEM, "no memory");
}

bool smi_tls_pem_ended(void)
{
	unsigned long error = ERR_peek_last_error();

	if (ERR_GET_LIB(error) != ERR_LIB_PEM ||
	    ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
		return false;
	ERR_clear_error();
	return true;
}
