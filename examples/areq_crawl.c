/* SPDX-License-Identifier: MIT
 * areq_crawl.c - fetch pages, find their links, and write them down.
 *
 * One session for all, one task a page. In Python:
 *
 *	async def fetch_html(url, session):
 *	    resp = await session.request(method="GET", url=url)
 *	    resp.raise_for_status()
 *	    return await resp.text()
 *
 *	async def bulk_crawl_and_write(file, urls):
 *	    async with ClientSession() as session:
 *	        tasks = [write_one(file, url, session) for url in urls]
 *	        await asyncio.gather(*tasks)
 */
#include "areq_crawl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_BYTES = 16 * 1024 * 1024, LONGEST_LINK = 4096 };

/* One page, in its task. */
struct write_one {
	struct areq_crawl *crawl;
	const char *url;
};

/* ---- Fetching */

/* The page has failed, unless all of it is to end. */
static int failed(const struct write_one *my, int error, const char *detail)
{
	if (error != -ECANCELED)
		areq_page_failed(my->crawl->report, my->url, error,
				 simul_strerror(error), detail);
	return error;
}

static int check_status(const struct write_one *my,
			const simul_http_response *response)
{
	int status = simul_http_response_status(response);
	char words[100];

	if (status < 400)
		return 0;
	snprintf(words, sizeof(words), "%d %s", status,
		 simul_http_response_reason(response));
	areq_page_failed(my->crawl->report, my->url, status, words, words);
	return -SIMUL_EPROTOCOL;
}

/* A zero byte would end the text. */
static void replace_zeros(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = ' ';
}

/* GET the page. *ret_html lies in the response, which is the caller's to close
 * if it is not NULL, also when this fails. */
static int fetch_html(const struct write_one *my,
		      simul_http_response **ret_response, char **ret_html)
{
	simul_http_session *session = my->crawl->session;
	size_t length;
	int r = simul_http_get(session, my->url, ret_response);

	if (r < 0)
		return failed(my, r, simul_http_session_error(session));
	r = check_status(my, *ret_response);
	if (r < 0)
		return r;
	r = simul_http_response_read_all(*ret_response, ret_html, &length);
	if (r < 0)
		return failed(my, r, simul_http_response_error(*ret_response));
	my->crawl->report->bytes += length;
	replace_zeros(*ret_html, length);
	return 0;
}

/* ---- Finding links: all that `href="(.*?)"` matches. */

/* The next link in the text at *at, as a string of its own; NULL: no more. */
static char *next_href(char **at)
{
	static const char start[] = "href=\"";
	char *href = *at, *end;

	while ((href = strstr(href, start))) {
		href += sizeof(start) - 1;
		end = href + strcspn(href, "\"\n");
		if (*end == '"') {
			*end = '\0';
			*at = end + 1;
			return href;
		}
	}
	return NULL;
}

static bool is_http(const char *url)
{
	return strncasecmp(url, "http:", 5) == 0 ||
	       strncasecmp(url, "https:", 6) == 0;
}

/* Make a link absolute. A reason if it can't be. */
static const char *make_absolute(const char *page, const char *href,
				 char link[LONGEST_LINK])
{
	const char *why = NULL;
	int length = simul_url_join(page, href, link, LONGEST_LINK);

	if (length < 0)
		return "it can't be a URL";
	if (length >= LONGEST_LINK)
		return "it is too long";
	if (is_http(link))
		simul_url_check(link, &why);
	return why;
}

/* Find the links in a page: each once, and absolute. */
static int parse(const struct write_one *my, const char *page, char *html,
		 struct areq_urls *found)
{
	char link[LONGEST_LINK], first_bad[100], *href;
	const char *first_why = NULL;
	size_t bad = 0;
	int r = 0;

	while (r >= 0 && (href = next_href(&html))) {
		const char *why = make_absolute(page, href, link);

		if (!why) {
			r = areq_urls_add(found, link);
		} else if (bad++ == 0) {
			first_why = why;
			snprintf(first_bad, sizeof(first_bad), "%s", href);
		}
	}
	if (bad > 0)
		areq_say(my->crawl->report,
			 "%s: %zu of its links are no URLs, such as '%s': %s",
			 my->url, bad, first_bad, first_why);
	return r < 0 ? failed(my, r, simul_strerror(r)) : 0;
}

/* ---- Writing */

/* All links of a page in one write: it stays in one piece. */
static int write_links(const struct write_one *my,
		       const struct areq_urls *found)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	int r = to ? 0 : -ENOMEM;

	for (size_t i = 0; i < found->count && to; i++)
		if (fprintf(to, "%s\t%s\n", my->url, found->items[i]) < 0)
			r = -ENOMEM;
	if (to && fclose(to) != 0)
		r = -ENOMEM;
	if (r >= 0)
		r = simul_write(my->crawl->results, text, length);
	if (r >= 0)
		my->crawl->report->links += found->count;
	free(text);
	return r;
}

/* ---- One page, and all */

static int visit(const struct write_one *my)
{
	struct areq_report *report = my->crawl->report;
	simul_http_response *response = NULL;
	struct areq_urls found = { 0 };
	double start = simul_now();
	char *html;
	int r;

	areq_page_began(report);
	r = fetch_html(my, &response, &html);
	if (r >= 0)
		r = parse(my, simul_http_response_url(response), html, &found);
	simul_http_response_close(response);
	areq_page_ended(report, simul_now() - start, r != -ECANCELED);
	if (r >= 0)
		r = write_links(my, &found);
	else if (r != -ECANCELED)
		r = 0; /* it costs only itself */
	areq_urls_done(&found);
	return r;
}

static int write_one(void *arg)
{
	const struct write_one *my = arg;
	int r = visit(my);

	simul_semaphore_release(&my->crawl->turns);
	return r;
}

/* A task is made when its turn has come, so there are never more of them than
 * pages at a time, however many URLs there are. */
static int bulk_crawl_and_write(struct areq_crawl *crawl,
				const struct areq_urls *urls)
{
	simul_group group = { 0 };
	int r = 0, ended;

	for (size_t i = 0; i < urls->count && r >= 0; i++) {
		r = simul_semaphore_acquire(&crawl->turns);
		if (r >= 0)
			r = simul_group_go(&group, write_one, .crawl = crawl,
					   .url = urls->items[i]);
	}
	ended = simul_group_wait(&group);
	simul_group_done(&group);
	return ended < 0 ? ended : r;
}

/* Pages of this machine need no TLS, and to read whom the system trusts takes
 * a tenth of a second. */
static bool all_are_here(const struct areq_urls *urls)
{
	static const char here[] = "http://127.0.0.1";

	for (size_t i = 0; i < urls->count; i++)
		if (strncmp(urls->items[i], here, sizeof here - 1) != 0)
			return false;
	return true;
}

/* For https. In a build without OpenSSL, such a page fails. */
static int new_tls(const struct areq_urls *urls, simul_tls **ret_tls)
{
	int r = all_are_here(urls) ? 0 : simul_tls_new_client(NULL, ret_tls);

	return r == -SIMUL_EUNSUPPORTED ? 0 : r;
}

static int crawl_in_session(struct areq_crawl *crawl, simul_tls *tls,
			    const struct areq_urls *urls)
{
	int r = simul_http_session_open(
		&(simul_http_session_options){ .max_connections =
						       crawl->concurrency,
					       .timeout = crawl->timeout,
					       .max_body = MOST_BYTES,
					       .tls = tls,
					       .user_agent = "areq" },
		&crawl->session);

	if (r < 0)
		return r;
	crawl->turns.value = crawl->concurrency;
	r = bulk_crawl_and_write(crawl, urls);
	simul_http_session_close(crawl->session);
	return r;
}

int areq_crawl_all(struct areq_crawl *crawl, const struct areq_urls *urls)
{
	simul_tls *tls = NULL;
	int r = new_tls(urls, &tls);

	if (r >= 0)
		r = crawl_in_session(crawl, tls, urls);
	simul_tls_free(tls);
	return r;
}
