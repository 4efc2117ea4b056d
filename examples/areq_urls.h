/* SPDX-License-Identifier: MIT
 * areq_urls.h - sets of URLs: each once, in the order in which they came.
 */
#ifndef AREQ_URLS_H
#define AREQ_URLS_H

#include <stddef.h>

/* All zero is an empty set. */
struct areq_urls {
	char **items;
	size_t count;
	size_t room;
	void *tree; /* of tsearch(3), to look them up */
};

/* Add a copy of url: 1, or 0 if it was there, or -ENOMEM. */
int areq_urls_add(struct areq_urls *urls, const char *url);

/* Free what is in it. */
void areq_urls_done(struct areq_urls *urls);

/* Tells somebody of a line that is no URL. */
typedef void areq_bad_line(void *arg, size_t number, const char *line,
			   const char *why);

/* Add the URLs in a file, one a line. Empty lines, and those that begin with
 * #, are passed over; for each that is no URL tell(arg, ...) is called. An
 * error that ends reading leaves what was added before. */
int areq_urls_read(struct areq_urls *urls, const char *path,
		   areq_bad_line *tell, void *arg);

#endif /* AREQ_URLS_H */
