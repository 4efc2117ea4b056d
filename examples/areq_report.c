/* SPDX-License-Identifier: MIT
 * areq_report.c - what areq says while it works, and in the end. */
#include "areq_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LINE = 400 };

/* ---- Numbers for people */

struct number {
	char text[32];
};

/* 1,234,567 */
static struct number count_of(size_t n)
{
	struct number digits, out;
	int length = snprintf(digits.text, sizeof(digits.text), "%zu", n);
	char *to = out.text;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits.text[i];
	}
	*to = '\0';
	return out;
}

/* 1.2 MB */
static struct number bytes_of(unsigned long long bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double n = (double)bytes / 1000;
	struct number out;
	int i = 0;

	while (n >= 999.95 && i < 3) {
		n /= 1000;
		i++;
	}
	if (bytes < 1000)
		snprintf(out.text, sizeof(out.text), "%llu bytes", bytes);
	else
		snprintf(out.text, sizeof(out.text), "%.1f %s", n, units[i]);
	return out;
}

/* ---- The line that shows how it goes */

static double elapsed(const struct areq_report *report)
{
	return simul_now() - report->start;
}

static void describe(const struct areq_report *report, char *text, size_t room)
{
	double seconds = elapsed(report);

	snprintf(text, room,
		 "%s of %s pages, %s failed, %s links, %s, %.0f pages/s",
		 count_of(report->done).text, count_of(report->pages).text,
		 count_of(report->failed).text, count_of(report->links).text,
		 bytes_of(report->bytes).text,
		 seconds > 0 ? (double)report->done / seconds : 0);
}

/* A line that is wider than the terminal could not be drawn over. */
static size_t width_of_terminal(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* [#####.....] */
static void draw_bar(const struct areq_report *report, char *text, int width)
{
	int full = report->pages > 0
			   ? (int)(report->done * (size_t)width / report->pages)
			   : width;

	for (int i = 0; i < width; i++)
		text[i] = i < full ? '#' : '.';
	text[width] = '\0';
}

static void draw(struct areq_report *report)
{
	size_t width = width_of_terminal();
	char bar[21], words[LINE], line[LINE];

	draw_bar(report, bar, 20);
	describe(report, words, sizeof(words));
	snprintf(line, sizeof(line), "[%s] %s", bar, words);
	if (strlen(line) >= width)
		line[width - 1] = '\0';
	printf("\r\033[K%s", line);
	fflush(stdout);
	report->drawn = true;
}

static void erase(struct areq_report *report)
{
	if (!report->drawn)
		return;
	fputs("\r\033[K", stdout);
	fflush(stdout);
	report->drawn = false;
}

static void print_plainly(const struct areq_report *report)
{
	char line[LINE];

	describe(report, line, sizeof(line));
	puts(line);
	fflush(stdout);
}

static int tick(void *arg)
{
	struct areq_report *report = arg;

	while (simul_sleep(report->terminal ? 0.1 : 1) >= 0) {
		if (report->terminal)
			draw(report);
		else
			print_plainly(report);
	}
	return 0;
}

static bool is_terminal(void)
{
	const char *kind = getenv("TERM");

	return isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0;
}

void areq_report_start(struct areq_report *report)
{
	report->start = simul_now();
	report->terminal = is_terminal();
	report->ticker = simul_create_task(tick, report);
	if (report->terminal)
		draw(report);
}

void areq_report_stop(struct areq_report *report)
{
	simul_cancel(report->ticker);
	simul_await(report->ticker);
	report->ticker = NULL;
	erase(report);
}

/* ---- Messages */

/* Control characters could move the cursor, or worse. */
static void disarm(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void areq_say(struct areq_report *report, const char *format, ...)
{
	bool drawn = report->drawn;
	char line[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	disarm(line);
	erase(report);
	fprintf(stderr, "areq: %s\n", line);
	if (drawn)
		draw(report);
}

/* ---- Pages */

void areq_page_began(struct areq_report *report)
{
	if (++report->active > report->most_active)
		report->most_active = report->active;
}

void areq_page_ended(struct areq_report *report, double seconds, bool done)
{
	report->active--;
	report->done += done;
	report->one_by_one += seconds;
}

static struct areq_reason *find_reason(struct areq_report *report, int code,
				       const char *words)
{
	struct areq_reason *last = &report->reasons[AREQ_MOST_REASONS - 1];
	struct areq_reason *reason = report->reasons;

	for (size_t i = 0; i < report->reason_count; i++, reason++)
		if (reason->code == code)
			return reason;
	if (report->reason_count == AREQ_MOST_REASONS)
		return last;
	report->reason_count++;
	reason->code = code;
	snprintf(reason->words, sizeof(reason->words), "%s",
		 reason == last ? "other reasons" : words);
	disarm(reason->words);
	return reason;
}

void areq_page_failed(struct areq_report *report, const char *url, int code,
		      const char *words, const char *detail)
{
	report->failed++;
	find_reason(report, code, words)->count++;
	areq_say(report, "%s: %s", url, detail);
}

/* ---- The end */

static int by_count(const void *a, const void *b)
{
	const struct areq_reason *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void print_reasons(const struct areq_report *report)
{
	struct areq_reason reasons[AREQ_MOST_REASONS];

	memcpy(reasons, report->reasons, sizeof(reasons));
	qsort(reasons, report->reason_count, sizeof(*reasons), by_count);
	for (size_t i = 0; i < report->reason_count; i++)
		printf("  %9s  %s\n", count_of(reasons[i].count).text,
		       reasons[i].words);
}

void areq_report_print(const struct areq_report *report, const char *file)
{
	double seconds = elapsed(report);

	printf("%s of %s pages fetched, %s failed\n",
	       count_of(report->done - report->failed).text,
	       count_of(report->pages).text, count_of(report->failed).text);
	print_reasons(report);
	if (report->done < report->pages)
		printf("not fetched any more: %s\n",
		       count_of(report->pages - report->done).text);
	printf("%s links found, now in %s\n", count_of(report->links).text,
	       file);
	printf("%s in %.2f s, at most %s at a time\n",
	       bytes_of(report->bytes).text, seconds,
	       count_of(report->most_active).text);
	printf("one page at a time would have taken %.2f s\n",
	       report->one_by_one);
}
