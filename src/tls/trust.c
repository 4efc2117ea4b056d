/* SPDX-License-Identifier: MIT
 * tls/trust.c - whom we trust.
 *
 * All certificates are read at once and kept. OpenSSL would rather look into
 * the system's folder when it needs one, which is in the middle of a handshake,
 * in the loop's thread. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include <simul/error.h>

#include "tls/failure.h"
#include "tls/material.h"

struct found {
	int certificates;
	int lists; /* of revoked ones */
};

/* ---- Files, folders, texts */

static int add_all(X509_STORE *store, BIO *bio, struct found *found)
{
	STACK_OF(X509_INFO) *all =
		PEM_X509_INFO_read_bio(bio, NULL, NULL, (void *)"");
	int r = all ? 0 : -EINVAL;

	for (int i = 0; r == 0 && i < sk_X509_INFO_num(all); i++) {
		const X509_INFO *info = sk_X509_INFO_value(all, i);

		if (info->x509 && !X509_STORE_add_cert(store, info->x509))
			r = -ENOMEM;
		if (info->crl && !X509_STORE_add_crl(store, info->crl))
			r = -ENOMEM;
		found->certificates += info->x509 != NULL;
		found->lists += info->crl != NULL;
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	return r;
}

static int add_pem(X509_STORE *store, const char *file, const char *text,
		   simul_tls_failure *failure, struct found *found)
{
	BIO *bio;
	int r = smi_tls_open_pem(file, text, failure, &bio);

	if (r < 0)
		return r;
	r = add_all(store, bio, found);
	BIO_free(bio);
	if (r < 0)
		smi_tls_fail_because(failure, r, "no proper PEM in %s",
				     file ? file : ".ca_pem");
	return r;
}

static int add_certificates(X509_STORE *store, const char *file,
			    const char *text, simul_tls_failure *failure)
{
	struct found found = { 0 };
	int r = add_pem(store, file, text, failure, &found);

	if (r >= 0 && found.certificates == 0)
		r = smi_tls_fail(failure, -EINVAL, "no certificates in %s",
				 file ? file : ".ca_pem");
	return r;
}

/* What is in such a folder besides certificates is none of our business. */
static void add_entries(X509_STORE *store, const char *folder, DIR *dir,
			struct found *found)
{
	simul_tls_failure ignored;
	struct dirent *entry;
	char path[4096];

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		add_pem(store, path, NULL, &ignored, found);
		ERR_clear_error();
	}
}

static int add_folder(X509_STORE *store, const char *folder,
		      simul_tls_failure *failure)
{
	struct found found = { 0 };
	DIR *dir = opendir(folder);
	int error = dir ? 0 : -errno;

	if (!dir)
		return smi_tls_fail(failure, error, "%s: %s", folder,
				    simul_strerror(error));
	add_entries(store, folder, dir, &found);
	closedir(dir);
	return found.certificates > 0
		       ? 0
		       : smi_tls_fail(failure, -EINVAL, "no certificates in %s",
				      folder);
}

/* ---- The system's */

/* Debian and its like; Fedora and its like; SUSE; Alpine and the BSDs. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

/* What the environment says, unless it is that of somebody who may do less than
 * we. NULL or not empty. */
static const char *environment(const char *name)
{
	const char *value = secure_getenv(name);

	return value && *value ? value : NULL;
}

static const char *find_bundle(void)
{
	const char *file = environment(X509_get_default_cert_file_env());

	if (file)
		return file;
	for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
		if (access(bundles[i], R_OK) == 0)
			return bundles[i];
	return NULL;
}

/* "/one:/other", of which some need not be there, as for OpenSSL. */
static int add_folders(X509_STORE *store, const char *list,
		       simul_tls_failure *failure)
{
	char folder[4096];
	int r = -ENOENT, added;

	while (*list) {
		size_t n = strcspn(list, ":");

		snprintf(folder, sizeof folder, "%.*s", (int)n, list);
		added = n > 0 ? add_folder(store, folder, failure) : r;
		if (added >= 0)
			r = 0;
		else if (r < 0)
			r = added;
		list += n + (list[n] == ':');
	}
	return r;
}

static int trust_system(X509_STORE *store, simul_tls_failure *failure)
{
	const char *folders = environment(X509_get_default_cert_dir_env());
	const char *bundle = find_bundle();
	int r = 0;

	if (bundle)
		r = add_certificates(store, bundle, NULL, failure);
	else if (!folders)
		folders = X509_get_default_cert_dir();
	if (r >= 0 && folders)
		r = add_folders(store, folders, failure);
	return r;
}

/* ---- All of it */

static int trust_given(X509_STORE *store, const simul_tls_options *o,
		       simul_tls_failure *failure)
{
	int r = 0;

	if (o->ca_file)
		r = add_certificates(store, o->ca_file, NULL, failure);
	if (r >= 0 && o->ca_pem)
		r = add_certificates(store, NULL, o->ca_pem, failure);
	if (r >= 0 && o->ca_dir)
		r = add_folder(store, o->ca_dir, failure);
	return r;
}

static int add_revoked(X509_STORE *store, const char *file,
		       simul_tls_failure *failure)
{
	struct found found = { 0 };
	int r = add_pem(store, file, NULL, failure, &found);

	if (r >= 0 && found.lists == 0)
		r = smi_tls_fail(failure, -EINVAL,
				 "no list of revoked certificates in %s", file);
	if (r >= 0)
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	return r;
}

int smi_tls_trust(SSL_CTX *ctx, const struct smi_tls_settings *settings,
		  simul_tls_failure *failure)
{
	const simul_tls_options *o = &settings->options;
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	int r = 0;

	if (o->ca_file || o->ca_pem || o->ca_dir)
		r = trust_given(store, o, failure);
	else if (!settings->is_server && !o->insecure_no_verification)
		r = trust_system(store, failure);
	if (r >= 0 && o->crl_file)
		r = add_revoked(store, o->crl_file, failure);
	return r;
}
