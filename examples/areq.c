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
 * areq_report.c tells of it; areq_options.c and areq_site.c are what they say.
 *
 * Run it: areq --help */
#include <errno.h>
#include <simul.h>
#include <stdio.h>

#include "areq_crawl.h"
#include "areq_options.h"
#include "areq_report.h"
#include "areq_site.h"
#include "areq_urls.h"

enum { FAILED = 1, INTERRUPTED = 130 /* as shells say it */ };

enum { BAD_LINES_TOLD = 20 };

struct areq {
	struct areq_options options;
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
	r = my->site_task ? 0 : -ENOMEM;
	for (size_t i = 0; i < areq_site_url_count(&my->site) && r >= 0; i++) {
		areq_site_url(&my->site, i, url, sizeof(url));
		r = areq_urls_add(&my->urls, url);
	}
	return r < 0 ? complain(my, "can't serve a site", r) : 0;
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
			 my->options.urls_file, number, line, why);
}

static int read_urls(struct areq *my)
{
	int r = areq_urls_read(&my->urls, my->options.urls_file,
			       tell_of_bad_line, my);

	if (my->bad_lines > BAD_LINES_TOLD)
		areq_say(&my->report, "%s: and %zu more", my->options.urls_file,
			 my->bad_lines - BAD_LINES_TOLD);
	if (r < 0)
		return complain(my, my->options.urls_file, r);
	if (my->urls.count == 0)
		areq_say(&my->report, "%s: there is no URL in it",
			 my->options.urls_file);
	return my->urls.count > 0 ? 0 : -SIMUL_EURL;
}

/* ---- What was found */

/* A file that can't be written is better found out before the work. */
static int open_results(struct areq *my)
{
	static const char header[] = "source_url\tparsed_url\n";
	int r = simul_open(my->options.output, O_WRONLY | O_CREAT | O_TRUNC,
			   0666, &my->results);

	if (r >= 0)
		r = simul_write(my->results, header, sizeof(header) - 1);
	if (r >= 0)
		r = simul_flush(my->results);
	return r < 0 ? complain(my, my->options.output, r) : 0;
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
	struct areq_crawl crawl = { .concurrency = my->options.concurrency,
				    .timeout = my->options.timeout,
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
		complain(my, my->options.output, r);
	areq_report_print(&my->report, my->options.output);
	return r;
}

static int amain(void *arg)
{
	struct areq *my = arg;
	int r = my->options.urls_file ? read_urls(my) : start_site(my);

	if (r >= 0)
		r = open_results(my);
	if (r >= 0)
		r = crawl(my);
	simul_shield(close_results, my);
	stop_site(my);
	areq_urls_done(&my->urls);
	return my->result = r;
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
	struct areq my = { .options = areq_parse_options(argc, argv) };
	int r = simul_run(amain, &my);

	if (r != my.result) /* it is the loop's, and nobody has told of it */
		fprintf(stderr, "areq: %s\n", simul_strerror(r));
	return exit_status(&my, r);
}
