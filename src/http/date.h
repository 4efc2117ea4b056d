/* SPDX-License-Identifier: MIT
 * http/date.h - points of time as HTTP writes them (RFC 9110, section 5.6.7).
 */
#ifndef SMI_HTTP_DATE_H
#define SMI_HTTP_DATE_H

#include <stdint.h>

enum { SMI_HTTP_DATE_LENGTH = 29 };

/* Write a point of time, seconds since 1970: "Sun, 06 Nov 1994 08:49:37 GMT",
 * with no zero behind it. What is before the year 1 or after 9999 becomes the
 * first or last second of these. Locale and time zone don't matter. It takes
 * some 20 ns; who sends many a second keeps the text for that second. */
void smi_http_date(int64_t seconds, char to[SMI_HTTP_DATE_LENGTH]);

#endif /* SMI_HTTP_DATE_H */
