/* SPDX-License-Identifier: MIT
 * http/framing.h - where a message's body ends, and whether its connection
 * goes on after it (RFC 9112, sections 6 and 9).
 *
 * Two parties that disagree about this can be made to take one message's body
 * for the next message. So there is no guessing: Content-Length must be there
 * once and be a number, Transfer-Encoding must be `chunked` and stand alone,
 * and anything else is an error after which the connection is of no use.
 */
#ifndef SMI_HTTP_FRAMING_H
#define SMI_HTTP_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

#include "http/message.h"

enum smi_http_body_kind {
	SMI_HTTP_NO_BODY,
	SMI_HTTP_LENGTH,     /* so many bytes, at least one */
	SMI_HTTP_CHUNKED,    /* in chunks */
	SMI_HTTP_UNTIL_CLOSE /* all that comes; only of a response */
};

struct smi_http_framing {
	enum smi_http_body_kind kind;
	uint64_t length;       /* of SMI_HTTP_LENGTH; at most INT64_MAX */
	bool keep_alive;       /* another message may follow the body */
	bool expects_continue; /* the client waits for 100 before the body */
};

/* How a request is framed.
 *   -SIMUL_EPROTOCOL     can't be told: answer 400 and close
 *   -SIMUL_EUNSUPPORTED  a coding before `chunked`: answer 501 and close
 */
int smi_http_frame_request(const struct smi_http_message *m,
			   struct smi_http_framing *ret_framing);

/* How the response to a request of this method is framed. The same errors. A
 * 1xx response other than 101 precedes another on the same connection; after
 * 101, and after success of CONNECT, the connection speaks something else:
 * there is no body and no keep-alive. */
int smi_http_frame_response(const struct smi_http_message *m,
			    struct smi_slice method,
			    struct smi_http_framing *ret_framing);

#endif /* SMI_HTTP_FRAMING_H */
