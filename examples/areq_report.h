/* SPDX-License-Identifier: MIT
 * areq_report.h - what areq says while it works, and in the end.
 *
 * On a terminal, one line is drawn again and again, and messages scroll by
 * above it. Elsewhere it is a line of its own now and then.
 */
#ifndef AREQ_REPORT_H
#define AREQ_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <simul.h>

enum { AREQ_MOST_REASONS = 32 };

/* Why pages failed: a status, or an error. */
struct areq_reason {
	size_t count;
	int code; /* 404, -ECONNREFUSED */
	char words[60];
};

struct areq_report {
	size_t pages; /* there are; set this */

	size_t active; /* pages that are under way */
	size_t most_active;
	size_t done;
	size_t failed;
	size_t links;
	unsigned long long bytes;
	double start;
	double one_by_one; /* seconds for all pages, each for itself */
	struct areq_reason reasons[AREQ_MOST_REASONS]; /* the last: others */
	size_t reason_count;

	bool terminal;
	bool drawn; /* there is a line that is to be drawn again */
	simul_task *ticker;
};

/* Say something on stderr, a line. What comes from elsewhere can't make a mess
 * of the terminal. */
void areq_say(struct areq_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Begin and end to show how it goes. */
void areq_report_start(struct areq_report *report);
void areq_report_stop(struct areq_report *report);

/* A page is under way; and no longer: that took so many seconds, and it is done
 * (or failed), or was given up. */
void areq_page_began(struct areq_report *report);
void areq_page_ended(struct areq_report *report, double seconds, bool done);

/* It failed: code is a status or a negative error, words say what that is, and
 * detail what it was in this case. */
void areq_page_failed(struct areq_report *report, const char *url, int code,
		      const char *words, const char *detail);

/* The closing words: what was found, which is in file. */
void areq_report_print(const struct areq_report *report, const char *file);

#endif /* AREQ_REPORT_H */
