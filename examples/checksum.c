/* SPDX-License-Identifier: MIT
 * checksum.c - the checksum (FNV-1a, 64 bits) of each file below a directory.
 *
 * One task walks over the tree and puts the files that it meets into a queue;
 * others take them out, read them, and have a thread compute: so disk and
 * processors are busy at once, and memory is bounded, however large the tree.
 * What can't be read is reported, and the rest goes on.
 *
 * Run it: checksum DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { READERS = 8, WAITING = 64, PIECE = 1 << 18 };

struct line {
	char *path;
	uint64_t sum;
	int error;
};

struct work {
	const char *directory;
	simul_queue paths;
	struct line *lines;
	size_t count;
	size_t room;
};

/* ---- One file */

struct piece {
	unsigned char bytes[PIECE];
	size_t length;
	uint64_t sum;
};

/* In a thread. */
static int add_piece(void *arg)
{
	struct piece *p = arg;

	for (size_t i = 0; i < p->length; i++)
		p->sum = (p->sum ^ p->bytes[i]) * UINT64_C(0x100000001b3);
	return 0;
}

static int sum_stream(simul_stream *s, struct piece *p)
{
	ptrdiff_t n;
	int r;

	while ((n = simul_read(s, p->bytes, PIECE)) > 0) {
		p->length = (size_t)n;
		r = simul_to_thread(add_piece, p);
		if (r < 0)
			return r;
	}
	return (int)n;
}

static int sum_file(const char *path, struct piece *p)
{
	simul_stream *s;
	int r = simul_open(path, O_RDONLY, 0, &s);

	p->sum = UINT64_C(0xcbf29ce484222325);
	if (r < 0)
		return r;
	r = sum_stream(s, p);
	simul_close(s);
	return r;
}

/* ---- Many */

static int keep(struct work *work, char *path, int error, uint64_t sum)
{
	if (work->count == work->room) {
		size_t room = work->room ? work->room * 2 : 64;
		struct line *lines = realloc(work->lines, room * sizeof *lines);

		if (!lines) {
			free(path);
			return -ENOMEM;
		}
		work->lines = lines;
		work->room = room;
	}
	work->lines[work->count++] = (struct line){ path, sum, error };
	return 0;
}

static int read_files(void *arg)
{
	struct work *work = arg;
	struct piece *piece = malloc(sizeof *piece);
	void *path;
	int r = piece ? 0 : -ENOMEM, error;

	while (r >= 0 && (r = simul_queue_get(&work->paths, &path)) >= 0) {
		error = sum_file(path, piece);
		r = keep(work, path, error, piece->sum);
		if (error == -ECANCELED)
			r = error;
	}
	free(piece);
	return r == -EPIPE ? 0 : r;
}

static int put_path(struct work *work, const simul_walk_entry *e)
{
	char *path;
	int r;

	if (e->error)
		fprintf(stderr, "checksum: %s: %s\n", e->path,
			simul_strerror(e->error));
	if (e->type != S_IFREG)
		return 0;
	path = strdup(e->path);
	r = path ? simul_queue_put(&work->paths, path) : -ENOMEM;
	if (r < 0)
		free(path);
	return r;
}

static int find_files(void *arg)
{
	struct work *work = arg;
	simul_walk *walk;
	simul_walk_entry e;
	int r = simul_walk_open(work->directory, NULL, &walk);

	if (r >= 0) {
		while ((r = simul_walk_next(walk, &e)) > 0) {
			r = put_path(work, &e);
			if (r < 0)
				break;
		}
		simul_walk_close(walk);
	}
	simul_queue_shutdown(&work->paths);
	return r;
}

/* ---- All */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->path,
		      ((const struct line *)b)->path);
}

static void print(const struct work *work)
{
	size_t skip = strlen(work->directory) + 1;

	qsort(work->lines, work->count, sizeof *work->lines, compare);
	for (size_t i = 0; i < work->count; i++) {
		const struct line *l = &work->lines[i];

		if (l->error < 0)
			fprintf(stderr, "checksum: %s: %s\n", l->path,
				simul_strerror(l->error));
		else
			printf("%016" PRIx64 "  %s\n", l->sum, l->path + skip);
	}
}

static void discard(struct work *work)
{
	void *path;

	while (simul_queue_try_get(&work->paths, &path) >= 0)
		free(path);
	simul_queue_done(&work->paths);
	for (size_t i = 0; i < work->count; i++)
		free(work->lines[i].path);
	free(work->lines);
}

static int amain(void *arg)
{
	struct work work = { .directory = arg,
			     .paths = { .capacity = WAITING } };
	simul_group group = { 0 };
	int r;

	simul_group_create_task(&group, find_files, &work);
	for (int i = 0; i < READERS; i++)
		simul_group_create_task(&group, read_files, &work);
	r = simul_group_wait(&group);
	if (r >= 0)
		print(&work);
	simul_group_done(&group);
	discard(&work);
	return r;
}

int main(int argc, char **argv)
{
	int r;

	if (argc != 2) {
		fprintf(stderr, "usage: checksum DIRECTORY\n");
		return 2;
	}
	r = simul_run(amain, argv[1]);
	if (r < 0)
		fprintf(stderr, "checksum: %s\n", simul_strerror(r));
	return r < 0;
}
