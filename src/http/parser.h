/* SPDX-License-Identifier: MIT
 * http/parser.h - finds the parts of a head in the bytes that arrived.
 *
 * Give it all bytes that are there, from the first of the head on; when it
 * says that the head is not complete, read more behind them and ask again. It
 * remembers where it stopped: a peer that sends one byte at a time costs time
 * in proportion to what it sent, and the bytes may move in between.
 *
 *	struct smi_http_parser parser = { 0 };
 *	struct smi_http_message head = { 0 };
 *
 *	do
 *		read more into buffer
 *	while ((n = smi_http_parse_request(&parser, smi_buffer_bytes(buffer),
 *					   smi_buffer_length(buffer),
 *					   &head)) == 0);
 *
 * What it accepts is RFC 9112 taken strictly, because what one party reads as
 * the end of a message and another does not is how requests are smuggled:
 * names are tokens with no space before the colon; there is no control
 * character (tab in values apart), so no lone CR and no NUL; a request's lines
 * end in CRLF, are not folded, and are preceded by nothing but empty lines.
 * Of responses it takes what clients must (folded lines) and what every client
 * does (lines that end in LF alone; no reason and no space before it).
 */
#ifndef SMI_HTTP_PARSER_H
#define SMI_HTTP_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/message.h"

enum {
	SMI_HTTP_HEAD_LIMIT = 32 * 1024, /* bytes, the last line's included */
	SMI_HTTP_FIELD_LIMIT = 128
};

/* All bits zero is ready to use, with the limits above. */
struct smi_http_parser {
	uint32_t head_limit;  /* 0: SMI_HTTP_HEAD_LIMIT */
	uint32_t field_limit; /* 0: SMI_HTTP_FIELD_LIMIT */
	uint32_t line;	      /* where the first line not parsed begins */
	uint32_t searched;    /* no end of that line before here */
	bool started;	      /* the first line has been parsed */
};

/* Parse a request's head. Returns how many bytes it takes up (then message is
 * complete, and the parser ready for the next head), or 0 if it goes on beyond
 * these.
 *   -SIMUL_EPROTOCOL     not HTTP: answer 400
 *   -SIMUL_EUNSUPPORTED  not HTTP/1: answer 505
 *   -SIMUL_ETOOLONG      over a limit: answer 414 if !parser->started, or 431
 *   -ENOMEM              may be tried again
 * After the first three only a parser set to zero is of use. What is wrong with
 * a line that comes in pieces may be found only when its end is there. */
ptrdiff_t smi_http_parse_request(struct smi_http_parser *parser,
				 const char *bytes, size_t length,
				 struct smi_http_message *message);

/* The same for a response's head. The line breaks in folded values are
 * overwritten with spaces. */
ptrdiff_t smi_http_parse_response(struct smi_http_parser *parser, char *bytes,
				  size_t length,
				  struct smi_http_message *message);

#endif /* SMI_HTTP_PARSER_H */
