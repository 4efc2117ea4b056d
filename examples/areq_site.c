/* SPDX-License-Identifier: MIT
 * areq_site.c - a web site that is made up from a seed, for areq to visit. */
#include "areq_site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAGES = 500,
	SECTION = 25, /* pages in a directory of their own */
	PIECE = 1000  /* bytes of a page at a time, when it comes in chunks */
};

/* ---- Chance. A number from what it is for: the order of questions does not
 * matter. */

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9;
	x ^= x >> 27;
	x *= 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* A number below n, the same for the same site, page and purpose. */
static int chance(const struct areq_site *site, int page, int purpose, int n)
{
	uint64_t x = mix(site->seed + 0x9e3779b97f4a7c15);

	x = mix(x + (uint64_t)page + 1);
	x = mix(x + (uint64_t)purpose + 1);
	return (int)(x % (uint64_t)n);
}

enum purpose { LATENCY, SIZE, LINKS, KIND_OF_LINK = 100, TARGET = 200 };

/* ---- Settings */

static int pages_of(const struct areq_site *site)
{
	return site->pages > 0 ? site->pages : PAGES;
}

static double latency_of(const struct areq_site *site)
{
	return site->latency == 0 ? 0.05 : site->latency;
}

static double slowness_of(const struct areq_site *site)
{
	return site->slowness == 0 ? 2 : site->slowness;
}

/* ---- Ordinary pages: /section-3/page-81.html */

static void write_path(FILE *to, int page)
{
	fprintf(to, "/section-%d/page-%d.html", page / SECTION, page);
}

/* The page that a path is of, or -1. */
static int parse_path(const struct areq_site *site, const char *path)
{
	int section, page, length = 0;

	if (sscanf(path, "/section-%d/page-%d.html%n", &section, &page,
		   &length) != 2 ||
	    length == 0 || path[length] != 0)
		return -1;
	if (page < 0 || page >= pages_of(site) || section != page / SECTION)
		return -1;
	return page;
}

/* One link in the ways that links are written: as seen from this page, from
 * the root, or from anywhere. */
static void write_link(FILE *to, const struct areq_site *site, int page, int i)
{
	int target = chance(site, page, TARGET + i, pages_of(site));

	fputs("<p>See <a href=\"", to);
	switch (chance(site, page, KIND_OF_LINK + i, 4)) {
	case 0:
		fprintf(to, "http://127.0.0.1:%u", site->port);
		write_path(to, target);
		break;
	case 1:
		write_path(to, target);
		break;
	case 2:
		fputs("..", to);
		write_path(to, target);
		break;
	default: /* in the same directory */
		target = page / SECTION * SECTION + target % SECTION;
		target = target < pages_of(site) ? target : page;
		fprintf(to, "page-%d.html#part-%d", target, i);
	}
	fprintf(to, "\">page %d</a>.</p>\n", target);
}

/* Some of the troubles are linked to as well, now and then. */
static void write_trouble_link(FILE *to, const struct areq_site *site, int page)
{
	int i = chance(site, page, LINKS, 10 * (int)areq_site_trouble_count);

	if (i < (int)areq_site_trouble_count)
		fprintf(to, "<p>Or <a href=\"%s\">this</a>.</p>\n",
			areq_site_troubles[i].path);
}

/* Most pages are small; one in fifty is a hundred times as long. */
static void write_filler(FILE *to, const struct areq_site *site, int page)
{
	int lines = 5 + chance(site, page, SIZE, 40);

	if (chance(site, page, SIZE + 1, 50) == 0)
		lines *= 100;
	for (int i = 0; i < lines; i++)
		fprintf(to,
			"<p>Nobody plays faster; nobody waits idle."
			" That was line %d.</p>\n",
			i);
}

static void write_page(FILE *to, const struct areq_site *site, int page)
{
	int links = 3 + chance(site, page, LINKS + 1, 10);

	fprintf(to,
		"<!DOCTYPE html>\n<html><head><title>Page %d</title></head>\n"
		"<body>\n<h1>Page %d</h1>\n",
		page, page);
	for (int i = 0; i < links; i++)
		write_link(to, site, page, i);
	write_trouble_link(to, site, page);
	write_filler(to, site, page);
	fputs("<p><a href=\"mailto:nobody@example.org\">Write to us</a> or go"
	      " <a href=\"#top\">up</a>.</p>\n</body></html>\n",
	      to);
}

static int reply_in_chunks(simul_http_request *request, const char *text,
			   size_t length)
{
	int r = simul_http_reply_begin(request, 200, "text/html; charset=utf-8",
				       -1);

	while (r >= 0 && length > 0) {
		size_t n = length < PIECE ? length : PIECE;

		r = simul_http_reply_write(request, text, n);
		text += n;
		length -= n;
	}
	return r < 0 ? r : simul_http_reply_end(request);
}

static int reply_page(simul_http_request *request, struct areq_site *site,
		      int page)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);
	int r;

	if (!to)
		return -ENOMEM;
	write_page(to, site, page);
	r = fclose(to) == 0 ? 0 : -ENOMEM;
	if (r >= 0 && page % 2 == 0)
		r = reply_in_chunks(request, text, length);
	else if (r >= 0)
		r = simul_http_reply(request, 200, "text/html; charset=utf-8",
				     text, length);
	free(text);
	return r;
}

static int answer_page(simul_http_request *request, struct areq_site *site,
		       int page)
{
	double factor = 0.5 + chance(site, page, LATENCY, 1000) / 1000.0;
	int r = 0;

	if (latency_of(site) > 0)
		r = simul_sleep(latency_of(site) * factor);
	return r < 0 ? r : reply_page(request, site, page);
}

/* ---- Troubles */

const struct areq_site_trouble areq_site_troubles[] = {
	{ "/slow.html", "answers late" },
	{ "/missing.html", "is not there (404)" },
	{ "/broken.html", "breaks off in the middle" },
	{ "/broken-chunks.html", "breaks off between two chunks" },
	{ "/latin-1.html", "is not UTF-8" },
	{ "/bad-links.html", "has links that are no URLs" },
	{ "/moved.html", "has moved (301)" },
	{ "/error.html", "fails (500)" },
	{ "/empty.html", "has nothing in it" },
};

const size_t areq_site_trouble_count =
	sizeof areq_site_troubles / sizeof areq_site_troubles[0];

static const char latin_1[] = "<html><body><p>Fran\xe7ois caf\xe9: <a "
			      "href=\"/section-0/page-1.html\">"
			      "d\xe9j\xe0 vu</a></p></body></html>\n";

static const char bad_links[] =
	"<html><body>\n"
	"<a href=\"http://[::1/\">an address without its end</a>\n"
	"<a href=\"http://\">no host</a>\n"
	"<a href=\"http://example.org:99999/\">no such port</a>\n"
	"<a href=\"\">nothing</a>\n"
	"<a href=\"javascript:void(0)\">no link</a>\n"
	"<a href=\"/section-0/page-2.html\">a good one</a>\n"
	"</body></html>\n";

static int reply_text(simul_http_request *request, int status,
		      const char *content_type, const char *text)
{
	return simul_http_reply(request, status, content_type, text,
				strlen(text));
}

static int reply_slowly(simul_http_request *request, double seconds)
{
	int r = simul_sleep(seconds);

	if (r < 0)
		return r;
	return reply_text(request, 200, "text/html",
			  "<a href=\"/section-0/page-0.html\">at last</a>\n");
}

/* The handler fails after it has begun: the connection ends. */
static int break_off(simul_http_request *request, int64_t length)
{
	static const char text[] = "<a href=\"/section-0/page-0.html\">so far";
	int r = simul_http_reply_begin(request, 200, "text/html", length);

	if (r >= 0)
		r = simul_http_reply_write(request, text, sizeof text - 1);
	return r < 0 ? r : -EIO;
}

static int reply_moved(simul_http_request *request)
{
	int r = simul_http_reply_header(request, "Location",
					"/section-0/page-3.html");

	return r < 0 ? r : reply_text(request, 301, NULL, "");
}

static int answer_trouble(simul_http_request *request, struct areq_site *site,
			  const char *path)
{
	if (strcmp(path, "/slow.html") == 0)
		return reply_slowly(request, slowness_of(site));
	if (strcmp(path, "/broken.html") == 0)
		return break_off(request, 10000);
	if (strcmp(path, "/broken-chunks.html") == 0)
		return break_off(request, -1);
	if (strcmp(path, "/latin-1.html") == 0)
		return reply_text(request, 200, "text/html", latin_1);
	if (strcmp(path, "/bad-links.html") == 0)
		return reply_text(request, 200, "text/html", bad_links);
	if (strcmp(path, "/moved.html") == 0)
		return reply_moved(request);
	if (strcmp(path, "/error.html") == 0)
		return -EIO;
	if (strcmp(path, "/empty.html") == 0)
		return reply_text(request, 200, "text/html", "");
	return reply_text(request, 404, "text/plain", "no such page\n");
}

/* ---- The site */

static int answer(simul_http_request *request, void *arg)
{
	struct areq_site *site = arg;
	const char *path = simul_http_request_path(request);
	int page = parse_path(site, path);

	site->requests++;
	if (page >= 0)
		return answer_page(request, site, page);
	return answer_trouble(request, site, path);
}

int areq_site_open(struct areq_site *site)
{
	simul_address address;
	int r = simul_address_parse("127.0.0.1", 0, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &site->listener);
	if (r < 0)
		return r;
	r = simul_listener_address(site->listener, &address);
	if (r < 0) {
		areq_site_close(site);
		return r;
	}
	site->port = (uint16_t)simul_address_port(&address);
	return 0;
}

int areq_site_run(void *arg)
{
	struct areq_site *site = arg;

	return simul_http_serve(site->listener, answer, site,
				&(simul_http_server_options){ .grace = 1 });
}

void areq_site_close(struct areq_site *site)
{
	simul_listener_close(site->listener);
	site->listener = NULL;
}

/* ---- Its URLs */

size_t areq_site_url_count(const struct areq_site *site)
{
	return (size_t)pages_of(site) + areq_site_trouble_count;
}

int areq_site_url(const struct areq_site *site, size_t i, char *text,
		  size_t room)
{
	size_t pages = (size_t)pages_of(site);

	if (i < pages)
		return snprintf(text, room,
				"http://127.0.0.1:%u/section-%zu/page-%zu.html",
				site->port, i / SECTION, i);
	return snprintf(text, room, "http://127.0.0.1:%u%s", site->port,
			areq_site_troubles[i - pages].path);
}
