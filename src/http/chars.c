/* SPDX-License-Identifier: MIT
 * http/chars.c - which characters may stand where in HTTP and in URLs. */
#include "http/chars.h"

/* What a character may be in, by kind: the table below has sixteen a row. */
enum kind {
	x = SMI_CHAR_TEXT,
	t = x | SMI_CHAR_TOKEN,
	q = x | SMI_CHAR_QUERY,
	p = q | SMI_CHAR_PATH,
	c = p | SMI_CHAR_USERINFO,
	s = c | SMI_CHAR_HOST,
	S = s | SMI_CHAR_TOKEN,
	U = S | SMI_CHAR_UNRESERVED,
	X = U | SMI_CHAR_HEX
};

const unsigned char smi_char_classes[256] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, x, 0, 0, 0, 0, 0, 0, /* controls; tab */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* controls */
	x, S, x, t, S, t, S, S, s, s, S, S, s, U, U, p, /*  !"#$%&'()*+,-./ */
	X, X, X, X, X, X, X, X, X, X, c, s, x, s, x, q, /* 0123456789:;<=>? */
	p, X, X, X, X, X, X, U, U, U, U, U, U, U, U, U, /* @ABCDEFGHIJKLMNO */
	U, U, U, U, U, U, U, U, U, U, U, x, x, x, t, U, /* PQRSTUVWXYZ[\]^_ */
	t, X, X, X, X, X, X, U, U, U, U, U, U, U, U, U, /* `abcdefghijklmno */
	U, U, U, U, U, U, U, U, U, U, U, x, t, x, U, 0, /* pqrstuvwxyz{|}~ */
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /* not ASCII */
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
	x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, /**/
};
