/* SPDX-License-Identifier: MIT
 * follow.c - print the lines of a log as they come, like tail -F.
 *
 * It survives rotation: when the file is renamed or removed and a new one gets
 * its name, the old one is read to its end and the new one from its beginning;
 * when it is cut, it is read from the beginning again. The kernel tells when to
 * look, so nothing is polled.
 *
 * Run it: follow FILE, and end it with Control-C */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <simul.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct log {
	const char *path;
	simul_stream *file; /* NULL: there is none just now */
	simul_watch *watch; /* on its directory */
};

/* ---- What is there */

/* A line is whole when it has its end: what has not is left for later. */
static int print_lines(simul_stream *file)
{
	size_t length;
	char *line;
	int r;

	while ((r = simul_read_until(file, "\n", 1, &line, &length)) > 0)
		printf("%.*s\n", (int)length, line);
	fflush(stdout);
	return r == -SIMUL_EEOF ? 0 : r;
}

/* Has it become shorter than what we have read of it? */
static int rewind_if_cut(simul_stream *file)
{
	int64_t size = simul_file_size(file), at;

	if (size < 0)
		return (int)size;
	at = simul_tell(file) + (int64_t)simul_stream_buffered(file);
	if (size >= at)
		return 0;
	at = simul_seek(file, 0, SEEK_SET);
	return at < 0 ? (int)at : 0;
}

/* ---- What happens to its name */

static int close_file(struct log *log)
{
	simul_stream *file = log->file;

	log->file = NULL;
	return simul_close(file);
}

/* Has another file the name of the one that we read? 1, 0, an error. While none
 * has it, there may come more from whoever still has the old one open. */
static int is_replaced(const struct log *log)
{
	struct stat ours, theirs;
	int r = simul_stat(log->path, &theirs);

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = simul_file_stat(log->file, &ours);
	if (r < 0)
		return r;
	return ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino;
}

static int open_file(struct log *log)
{
	int r = simul_open(log->path, O_RDONLY, 0, &log->file);

	return r == -ENOENT ? 0 : r;
}

/* When there is a new one, the old one is read once more, to its end. */
static int look_at_old(struct log *log)
{
	int replaced = is_replaced(log), r;

	if (replaced < 0)
		return replaced;
	r = rewind_if_cut(log->file);
	if (r >= 0)
		r = print_lines(log->file);
	if (r >= 0 && replaced)
		r = close_file(log);
	return r;
}

static int look(struct log *log)
{
	int r = log->file ? look_at_old(log) : 0;

	if (r >= 0 && !log->file) {
		r = open_file(log);
		if (r >= 0 && log->file)
			r = print_lines(log->file);
	}
	return r;
}

static int follow(struct log *log)
{
	simul_watch_event e;
	int r = look(log);

	while (r >= 0) {
		r = simul_watch_next(log->watch, &e);
		if (r >= 0)
			r = look(log);
	}
	return r;
}

/* ---- All */

static void name_directory(char *directory, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(directory, ".");
	else
		snprintf(directory, PATH_MAX, "%.*s/", (int)(slash - path),
			 path);
}

static int amain(void *arg)
{
	struct log log = { .path = arg };
	char directory[PATH_MAX];
	int r = simul_watch_open(&log.watch);

	if (r < 0)
		return r;
	name_directory(directory, log.path);
	r = simul_watch_add(log.watch, directory,
			    IN_MODIFY | IN_CREATE | IN_MOVE | IN_DELETE);
	if (r >= 0)
		r = follow(&log);
	simul_close(log.file);
	simul_watch_close(log.watch);
	return r;
}

int main(int argc, char **argv)
{
	int r;

	if (argc != 2) {
		fprintf(stderr, "usage: follow FILE\n");
		return 2;
	}
	r = simul_run(amain, argv[1]);
	if (r < 0 && r != -ECANCELED)
		fprintf(stderr, "follow: %s\n", simul_strerror(r));
	return r < 0 && r != -ECANCELED;
}
