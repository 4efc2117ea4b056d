/* SPDX-License-Identifier: MIT
 * http/url_parts.h - what parsing and writing URLs share: the generic syntax.
 */
#ifndef SMI_HTTP_URL_PARTS_H
#define SMI_HTTP_URL_PARTS_H

#include "http/slice.h"

/* A URL of any scheme, or a relative reference. What is not there is absent;
 * a path always is. */
struct smi_url_parts {
	struct smi_slice scheme;
	struct smi_slice authority;
	struct smi_slice path;
	struct smi_slice query;
	struct smi_slice fragment;
};

/* Take text apart. Any text is something. */
struct smi_url_parts smi_url_split(struct smi_slice text);

/* Without the white space that surrounds URLs in files and documents. */
struct smi_slice smi_url_trim(struct smi_slice text);

/* Why this can't be a URL or reference whatever its parts; or NULL. */
const char *smi_url_text_complaint(struct smi_slice text);

#endif /* SMI_HTTP_URL_PARTS_H */
