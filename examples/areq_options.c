/* SPDX-License-Identifier: MIT
 * areq_options.c - what areq is told to do. */
#include "areq_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { MOST_AT_ONCE = 10000, USAGE = 2 };

static const char help[] =
	"usage: areq [option]...\n"
	"\n"
	"Fetch many web pages at once, and write down all links in them.\n"
	"\n"
	"  -u, --urls FILE       URLs of pages, one a line; what begins\n"
	"                        with # is passed over. Without it: a\n"
	"                        site of 500 pages that areq itself serves\n"
	"  -n, --concurrency N   at most so many pages at a time (100)\n"
	"  -o, --output FILE     where the links go (foundurls.txt)\n"
	"  -t, --timeout S       seconds for one page (30)\n"
	"  -h, --help            this\n"
	"\n"
	"Exit status: 0; 1 if a line is no URL, if no page could be fetched,\n"
	"or if the links can't be written; 2 for wrong options; 130 after\n"
	"Ctrl-C. What was found until then is kept.\n";

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

static void parse(struct areq_options *my, int argc, char **argv)
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

/* By whatever names. */
static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* A connection is a descriptor, and one more for our own site's end of it. The
 * system's first limit on them is low, but may be raised. */
static void make_room_for_connections(struct areq_options *my)
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
	fprintf(stderr, "areq: at most %zu at a time: see ulimit -n\n",
		my->concurrency);
}

struct areq_options areq_parse_options(int argc, char **argv)
{
	struct areq_options my = { .output = "foundurls.txt",
				   .concurrency = 100,
				   .timeout = 30 };

	parse(&my, argc, argv);
	if (my.urls_file && is_same_file(my.urls_file, my.output))
		refuse("the links would take the place of the URLs in",
		       my.output);
	make_room_for_connections(&my);
	return my;
}
