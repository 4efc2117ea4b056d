/* SPDX-License-Identifier: MIT
 * areq_crawl.h - fetch pages, find their links, and write them down.
 */
#ifndef AREQ_CRAWL_H
#define AREQ_CRAWL_H

#include <simul.h>

#include "areq_report.h"
#include "areq_urls.h"

struct areq_crawl {
	size_t concurrency; /* pages at a time */
	double timeout;	    /* seconds for one page */
	struct areq_report *report;
	simul_stream *results;
	/* Its own: */
	simul_http_session *session;
	simul_semaphore turns;
};

/* Fetch all these pages and write `page TAB link` lines to the results. A page
 * that fails is reported and costs only itself; only what concerns all of them
 * is an error: the results can't be written, or -ECANCELED. */
int areq_crawl_all(struct areq_crawl *crawl, const struct areq_urls *urls);

#endif /* AREQ_CRAWL_H */
