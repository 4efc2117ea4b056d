/* SPDX-License-Identifier: MIT
 * areq.c - fetch many web pages at once, and write down all their links.
 *
 * This is the walkthrough's full program: one HTTP session, one task for each
 * URL, and nobody waits for anybody. Without arguments it visits a site that
 * it serves itself, with what one meets in the real world: pages that are
 * late, missing, broken off. A page that fails is told of and costs only
 * itself.
 *
 *	async def main():
 *	    urls = set(map(str.strip, open("urls.txt")))
 *	    with open("foundurls.txt", "w") as outfile:
 *	        outfile.write("source_url\tparsed_url\n")
 *	    await bulk_crawl_and_write(file="foundurls.txt", urls=urls)
 *
 * areq.c is the order of events, areq_crawl.c fetches, areq_urls.c reads URLs,
 * areq_report.c tells of it; areq_site.c is the site.
 *
 * Run it: areq --help */
#include <errno.h>
#include <getopt.h>
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "areq_crawl.h"
#include "areq_report.h"
#include "areq_site.h"
#include "areq_urls.h"

enum { FAILED = 1, USAGE = 2, INTERRUPTED = 130 /* as shells say it */ };

enum { MOST_AT_ONCE = 10000, BAD_LINES_TOLD = 20 };

struct areq {
	/* Options */
	const char *urls_file; /* NULL: our own site */
	const char *output;
	size_t concurrency;
	double timeout;

	struct areq_site site;
	simul_task *site_task;
	struct areq_urls urls;
	size_t bad_lines;
	simul_stream *results;
	struct areq_report report;
	int result;
};

static int complain(struct areq *my, const char *about, int error)
{
	if (error == -ECANCELED) /* nothing else cancels the main task */
		areq_say(&my->report, "interrupted");
	else
		areq_say(&my->report, "%s: %s", about, simul_strerror(error));
	return error;
}

/* ---- What to visit */

static int start_site(struct areq *my)
{
	char url[100];
	int r = areq_site_open(&my->site);

	if (r < 0)
		return complain(my, "can't serve a site", r);
	my->site_task = simul_create_task(areq_site_run, &my->site);
	for (size_t i = 0; i < areq_site_url_count(&my->site) && r >= 0; i++) {
		areq_site_url(&my->site, i, url, sizeof(url));
		r = areq_urls_add(&my->urls, url);
	}
	return r < 0 ? complain(my, "can't list the site's pages", r) : 0;
}

static void stop_site(struct areq *my)
{
	simul_cancel(my->site_task);
	if (my->site_task)
		simul_await(my->site_task);
	areq_site_close(&my->site);
}

static void tell_of_bad_line(void *arg, size_t number, const char *line,
			     const char *why)
{
	struct areq *my = arg;

	if (my->bad_lines++ < BAD_LINES_TOLD)
		areq_say(&my->report, "%s:%zu: '%.100s' is no URL: %s",
			 my->urls_file, number, line, why);
}

static int read_urls(struct areq *my)
{
	int r = areq_urls_read(&my->urls, my->urls_file, tell_of_bad_line, my);

	if (my->bad_lines > BAD_LINES_TOLD)
		areq_say(&my->report, "%s: and %zu more", my->urls_file,
			 my->bad_lines - BAD_LINES_TOLD);
	if (r < 0)
		return complain(my, my->urls_file, r);
	if (my->urls.count == 0)
		areq_say(&my->report, "%s: there is no URL in it",
			 my->urls_file);
	return my->urls.count > 0 ? 0 : -SIMUL_EURL;
}

/* ---- What was found */

/* A file that can't be written is better found out before the work. */
static int open_results(struct areq *my)
{
	static const char header[] = "source_url\tparsed_url\n";
	int r = simul_open(my->output, O_WRONLY | O_CREAT | O_TRUNC, 0666,
			   &my->results);

	if (r >= 0)
		r = simul_write(my->results, header, sizeof(header) - 1);
	if (r >= 0)
		r = simul_flush(my->results);
	return r < 0 ? complain(my, my->output, r) : 0;
}

/* Behind a shield: what was found is kept, also after Ctrl-C. */
static int close_results(void *arg)
{
	struct areq *my = arg;
	simul_stream *results = my->results;

	my->results = NULL;
	return simul_close(results);
}

/* ---- The order of events */

static int crawl(struct areq *my)
{
	struct areq_crawl crawl = { .concurrency = my->concurrency,
				    .timeout = my->timeout,
				    .report = &my->report,
				    .results = my->results };
	int r, closed;

	my->report.pages = my->urls.count;
	areq_report_start(&my->report);
	r = areq_crawl_all(&crawl, &my->urls);
	closed = simul_shield(close_results, my);
	areq_report_stop(&my->report);
	if (r >= 0)
		r = closed;
	if (r < 0)
		complain(my, my->output, r);
	areq_report_print(&my->report, my->output);
	return r;
}

static int amain(void *arg)
{
	struct areq *my = arg;
	int r = my->urls_file ? read_urls(my) : start_site(my);

	if (r >= 0)
		r = open_results(my);
	if (r >= 0)
		r = crawl(my);
	simul_shield(close_results, my);
	stop_site(my);
	areq_urls_done(&my->urls);
	return my->result = r;
}

/* ---- Options */

static const char help[] =
	"usage: areq [option]...\n"
	"\n"
	"Fetch many web pages at once, and write down all links in them.\n"
	"\n"
	"  -u, --urls FILE       the pages' URLs, one a line; lines that "
	"begin\n"
	"                        with # don't count. Without it, areq visits "
	"a\n"
	"                        site of 500 pages that it serves itself\n"
	"  -n, --concurrency N   at most so many pages at a time (100)\n"
	"  -o, --output FILE     where the links go (foundurls.txt)\n"
	"  -t, --timeout S       seconds for one page (30)\n"
	"  -h, --help            this\n"
	"\n"
	"It ends with 0; 1 if not all could be done: a line is no URL, no "
	"page\n"
	"could be fetched, the links can't be written; 2 for wrong options; "
	"130\n"
	"when interrupted. What was found until then is kept.\n";

static _Noreturn void refuse(const char *what, const char *text)
{
	fprintf(stderr, "areq: %s: '%s'; see areq --help\n", what, text);
	exit(USAGE);
}

static size_t parse_count(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end || errno || n < 1 || n > MOST_AT_ONCE)
		refuse("not a number from 1 to 10000", text);
	return (size_t)n;
}

static double parse_seconds(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end || !(n > 0 && n < 1e9))
		refuse("not a number of seconds", text);
	return n;
}

static void parse_options(struct areq *my, int argc, char **argv)
{
	static const struct option options[] = {
		{ "urls", required_argument, NULL, 'u' },
		{ "concurrency", required_argument, NULL, 'n' },
		{ "output", required_argument, NULL, 'o' },
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "u:n:o:t:h", options, NULL)) !=
	       -1) {
		if (option == 'u') {
			my->urls_file = optarg;
		} else if (option == 'n') {
			my->concurrency = parse_count(optarg);
		} else if (option == 'o') {
			my->output = optarg;
		} else if (option == 't') {
			my->timeout = parse_seconds(optarg);
		} else if (option == 'h') {
			fputs(help, stdout);
			exit(0);
		} else {
			fputs("see areq --help\n", stderr);
			exit(USAGE);
		}
	}
	if (optind < argc)
		refuse("not an option", argv[optind]);
}

/* A connection is a descriptor, and one more for our own site's end of it. The
 * system's first limit on them is low, but may be raised. */
static void make_room_for_connections(struct areq *my)
{
	const size_t each = my->urls_file ? 1 : 2, others = 40;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur >= each * my->concurrency + others)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= each * my->concurrency + others)
		return;
	my->concurrency = limit.rlim_cur > others + each
				  ? (limit.rlim_cur - others) / each
				  : 1;
	fprintf(stderr, "areq: only %zu pages at a time: see ulimit -n\n",
		my->concurrency);
}

static int exit_status(const struct areq *my, int r)
{
	bool got_none = my->report.done == my->report.failed;

	if (r == -ECANCELED)
		return INTERRUPTED;
	return r < 0 || my->bad_lines > 0 || got_none ? FAILED : 0;
}

int main(int argc, char **argv)
{
	struct areq my = { .output = "foundurls.txt",
			   .concurrency = 100,
			   .timeout = 30 };
	int r;

	parse_options(&my, argc, argv);
	make_room_for_connections(&my);
	r = simul_run(amain, &my);
	if (r != my.result) /* it is the loop's, and nobody has told of it */
		fprintf(stderr, "areq: %s\n", simul_strerror(r));
	return exit_status(&my, r);
}
