/* SPDX-License-Identifier: MIT
 * tests/file/tree.h - a tree of directories, and walks over it written down. */
#ifndef TREE_H
#define TREE_H

#include <simul/directory.h>

#include "folder.h"

/* t/{file,link -> a,empty/,a/{x,b/{y}}} */
static inline void make_tree(void)
{
	CHECK_INT(mkdir("t", 0755), ==, 0);
	CHECK_INT(mkdir("t/a", 0755), ==, 0);
	CHECK_INT(mkdir("t/a/b", 0755), ==, 0);
	CHECK_INT(mkdir("t/empty", 0755), ==, 0);
	make_file("t/file", "file");
	make_file("t/a/x", "x");
	make_file("t/a/b/y", "y");
	CHECK_INT(symlink("a", "t/link"), ==, 0);
}

struct written {
	char lines[100][100];
	int count;
};

static inline char letter_of(unsigned type)
{
	return type == S_IFDIR	 ? 'd'
	       : type == S_IFLNK ? 'l'
	       : type == S_IFREG ? '-'
				 : '?';
}

/* "d t/a", "d t/a." after it, "d t/a!13" with an error. */
static inline void write_down(struct written *w, const simul_walk_entry *e)
{
	char error[16] = "";

	CHECK_INT(w->count, <, 100);
	if (e->error)
		snprintf(error, sizeof error, "!%d", -e->error);
	snprintf(w->lines[w->count++], 100, "%c %s%s%s", letter_of(e->type),
		 e->path, e->after ? "." : "", error);
}

static inline int line_of(const struct written *w, const char *line)
{
	for (int i = 0; i < w->count; i++)
		if (strcmp(w->lines[i], line) == 0)
			return i;
	return -1;
}

#define CHECK_SHOWN(w, line) CHECK_INT(line_of(w, line), >=, 0)
#define CHECK_ORDER(w, one, other)                                             \
	do {                                                                   \
		CHECK_SHOWN(w, one);                                           \
		CHECK_INT(line_of(w, one), <, line_of(w, other));              \
	} while (0)

static inline int walk_all(const char *root, const simul_walk_options *options,
			   struct written *w)
{
	simul_walk *walk;
	simul_walk_entry e;
	int r = simul_walk_open(root, options, &walk);

	if (r < 0)
		return r;
	while ((r = simul_walk_next(walk, &e)) > 0)
		write_down(w, &e);
	simul_walk_close(walk);
	return r;
}

#endif /* TREE_H */
