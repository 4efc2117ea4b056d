/* SPDX-License-Identifier: MIT
 * http/client_url.c - what programs that fetch URLs want to know of them. */
#include <string.h>

#include <simul/error.h>
#include <simul/http_client.h>

#include "http/url.h"

int simul_url_check(const char *url, const char **ret_why)
{
	const char *complaint = smi_url_complaint(smi_slice_of(url));

	if (!complaint)
		return 0;
	if (ret_why)
		*ret_why = complaint;
	return -SIMUL_EURL;
}

/* As snprintf does. */
static int give_out(const struct smi_buffer *from, char *text, size_t room)
{
	size_t length = smi_buffer_length(from);
	size_t n = length < room ? length : room - 1;

	if (room > 0) {
		if (n > 0)
			memcpy(text, smi_buffer_bytes(from), n);
		text[n] = '\0';
	}
	return (int)length;
}

int simul_url_join(const char *base, const char *reference, char *text,
		   size_t room)
{
	struct smi_buffer joined = { 0 };
	struct smi_url url;
	int r = smi_url_parse(smi_slice_of(base), &url);

	if (r < 0)
		return r;
	r = smi_url_resolve(&url, smi_slice_of(reference), &joined);
	if (r >= 0)
		r = give_out(&joined, text, room);
	smi_buffer_done(&joined);
	return r;
}
