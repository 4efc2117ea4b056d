/* SPDX-License-Identifier: MIT
 * http/date.c - points of time as HTTP writes them. */
#include "http/date.h"

#include <string.h>

enum {
	DAY = 24 * 60 * 60,
	ERA = 146097,	      /* days in 400 years: they repeat */
	DAYS_TO_1970 = 719468 /* from the first of March of the year 0 */
};

static const int64_t first_second = -62135596800; /* of the year 1 */
static const int64_t last_second = 253402300799;  /* of the year 9999 */

struct day {
	unsigned year, month, day; /* from 1 */
	unsigned weekday;	   /* from 0, Sunday */
};

/* Years are counted from the first of March, so that the leap day is their
 * last; the months then have 31, 30, 31, 30, 31 days over and over: 153. */
static struct day find_day(unsigned days)
{
	unsigned of_era = days % ERA;
	unsigned year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA - 1)) /
		365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;

	return (struct day){
		.year = year + days / ERA * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
		.weekday = (days + 3) % 7,
	};
}

static char *put_number(char *p, unsigned n, unsigned digits)
{
	for (unsigned i = digits; i-- > 0; n /= 10)
		p[i] = (char)('0' + n % 10);
	return p + digits;
}

static char *put_text(char *p, const char *text, size_t n)
{
	memcpy(p, text, n);
	return p + n;
}

void smi_http_date(int64_t seconds, char to[SMI_HTTP_DATE_LENGTH])
{
	int64_t s = seconds < first_second  ? first_second
		    : seconds > last_second ? last_second
					    : seconds;
	unsigned day_number, rest;
	struct day day;

	s += (int64_t)DAYS_TO_1970 * DAY;
	day_number = (unsigned)(s / DAY);
	rest = (unsigned)(s % DAY);
	day = find_day(day_number);

	to = put_text(to, &"SunMonTueWedThuFriSat"[3 * day.weekday], 3);
	to = put_text(to, ", ", 2);
	to = put_number(to, day.day, 2);
	*to++ = ' ';
	to = put_text(
		to, &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * day.month - 3],
		3);
	*to++ = ' ';
	to = put_number(to, day.year, 4);
	*to++ = ' ';
	to = put_number(to, rest / 3600, 2);
	*to++ = ':';
	to = put_number(to, rest / 60 % 60, 2);
	*to++ = ':';
	to = put_number(to, rest % 60, 2);
	put_text(to, " GMT", 4);
}
