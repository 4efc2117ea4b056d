/* SPDX-License-Identifier: MIT
 * http/target.h - what a request asks for, and of which host (RFC 9112,
 * section 3).
 */
#ifndef SMI_HTTP_TARGET_H
#define SMI_HTTP_TARGET_H

#include <stdint.h>

#include "http/message.h"

enum smi_http_target_form {
	SMI_HTTP_ORIGIN,    /* GET /path?query */
	SMI_HTTP_ABSOLUTE,  /* GET http://host/path?query, as to a proxy */
	SMI_HTTP_AUTHORITY, /* CONNECT host:port */
	SMI_HTTP_ASTERISK   /* OPTIONS * */
};

struct smi_http_target {
	enum smi_http_target_form form;
	uint16_t port;		/* 0 if none is given */
	struct smi_slice host;	/* without brackets; may be empty */
	struct smi_slice path;	/* as it came, percent-encoding and all */
	struct smi_slice query; /* absent without ? */
};

/* What the request is for. The host is the Host field's, unless the target has
 * one. -SIMUL_EPROTOCOL if the target is none, or if there is not the one Host
 * field that HTTP/1.1 demands: answer 400. */
int smi_http_read_target(const struct smi_http_message *m,
			 struct smi_http_target *ret_target);

#endif /* SMI_HTTP_TARGET_H */
