/* SPDX-License-Identifier: MIT
 * areq_site.h - a web site that is made up from a seed, for areq to visit.
 *
 *	struct areq_site site = { .pages = 500, .latency = 0.05 };
 *
 *	r = areq_site_open(&site);			// site.port is known
 *	server = simul_create_task(areq_site_run, &site);
 *	for (i = 0; i < areq_site_url_count(&site); i++)
 *		areq_site_url(&site, i, url, sizeof url);
 *	...
 *	simul_cancel(server);
 *	simul_await(server);
 *	areq_site_close(&site);
 *
 * The same members give the same site, but for the port. Its pages link to
 * each other, by relative and absolute links; they are small and large, and
 * come in chunks or with their length. And there is what one meets in the real
 * world: areq_site_trouble.
 */
#ifndef AREQ_SITE_H
#define AREQ_SITE_H

#include <stdint.h>
#include <stdio.h>

#include <simul.h>

struct areq_site {
	int pages;	 /* ordinary ones; 0: 500 */
	double latency;	 /* seconds until a page answers, half as much again
			  * more or less; 0: 0.05; less: none */
	double slowness; /* seconds that the slow page takes; 0: 2 */
	uint64_t seed;
	/* Set by areq_site_open. */
	uint16_t port;
	simul_listener *listener;
	/* Counted by areq_site_run. */
	size_t requests;
};

/* Paths that are not ordinary pages: what is wrong with them, in words. */
struct areq_site_trouble {
	const char *path; /* "/slow.html" */
	const char *what; /* "answers late" */
};

extern const struct areq_site_trouble areq_site_troubles[];
extern const size_t areq_site_trouble_count;

/* Listen at a free port of the loopback. */
int areq_site_open(struct areq_site *site);

/* Serve the site until cancelled: a task for simul_create_task. */
int areq_site_run(void *site);

/* How many URLs the site has, troubles included. */
size_t areq_site_url_count(const struct areq_site *site);

/* Write URL number i, of a site that is open, to text; returns its length, as
 * snprintf does. */
int areq_site_url(const struct areq_site *site, size_t i, char *text,
		  size_t room);

/* Stop listening. For a site that is not open it does nothing. */
void areq_site_close(struct areq_site *site);

#endif /* AREQ_SITE_H */
