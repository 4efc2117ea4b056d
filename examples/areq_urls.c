/* SPDX-License-Identifier: MIT
 * areq_urls.c - sets of URLs: each once, in the order in which they came. */
#include "areq_urls.h"

#include <errno.h>
#include <search.h>
#include <simul.h>
#include <stdlib.h>
#include <string.h>

/* ---- The set */

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Have room for one more. */
static int grow(struct areq_urls *urls)
{
	size_t room = urls->room ? 2 * urls->room : 16;
	char **items;

	if (urls->count < urls->room)
		return 0;
	items = reallocarray(urls->items, room, sizeof(*items));
	if (!items)
		return -ENOMEM;
	urls->items = items;
	urls->room = room;
	return 0;
}

int areq_urls_add(struct areq_urls *urls, const char *url)
{
	char *copy, **found;

	if (tfind(url, &urls->tree, compare))
		return 0;
	if (grow(urls) < 0)
		return -ENOMEM;
	copy = strdup(url);
	if (!copy)
		return -ENOMEM;
	found = tsearch(copy, &urls->tree, compare);
	if (!found) {
		free(copy);
		return -ENOMEM;
	}
	urls->items[urls->count++] = copy;
	return 1;
}

static void keep_item(void *item)
{
}

void areq_urls_done(struct areq_urls *urls)
{
	tdestroy(urls->tree, keep_item);
	for (size_t i = 0; i < urls->count; i++)
		free(urls->items[i]);
	free(urls->items);
	*urls = (struct areq_urls){ 0 };
}

/* ---- The file */

/* Without the white space around it. */
static char *trim(char *line)
{
	char *end;

	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && strchr(" \t", end[-1]))
		end--;
	*end = '\0';
	return line;
}

/* Some editors begin a file with a mark that it is UTF-8. */
static char *skip_mark(char *line)
{
	return strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line;
}

static int read_lines(struct areq_urls *urls, simul_stream *file,
		      areq_bad_line *tell, void *arg)
{
	size_t number = 0, length;
	char *line;
	int r;

	while ((r = simul_read_line(file, &line, &length)) > 0) {
		const char *why = "it has a zero byte in it";
		bool whole = strlen(line) == length;

		if (number++ == 0)
			line = skip_mark(line);
		line = trim(line);
		if (whole && (*line == '\0' || *line == '#'))
			continue;
		if (whole && simul_url_check(line, &why) == 0)
			r = areq_urls_add(urls, line);
		else
			tell(arg, number, line, why);
		if (r < 0)
			return r;
	}
	if (r == -SIMUL_ETOOLONG)
		tell(arg, number + 1, "...",
		     "it is over 65536 bytes long, and I stop there");
	return r == -SIMUL_ETOOLONG ? 0 : r;
}

int areq_urls_read(struct areq_urls *urls, const char *path,
		   areq_bad_line *tell, void *arg)
{
	simul_stream *file;
	int r = simul_open(path, O_RDONLY, 0, &file);

	if (r < 0)
		return r;
	r = read_lines(urls, file, tell, arg);
	simul_close(file);
	return r;
}
