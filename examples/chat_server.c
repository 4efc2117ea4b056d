/* SPDX-License-Identifier: MIT
 * chat_server.c - what one says, all others hear.
 *
 * Each connection is a task that reads lines and writes them to the streams of
 * all others. A write copies the line and returns, unless much waits to leave
 * already; so that nobody has to wait for a reader who is slow or has gone to
 * sleep, who falls more than 64 KiB behind is dropped.
 *
 * Between two calls that suspend nobody else runs: the list of members needs no
 * lock.
 *
 * Run it: chat_server [PORT], and join: nc 127.0.0.1 PORT */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simul.h>

enum {
	NAME = 20,   /* bytes of a nickname, */
	LINE = 1000, /* and of a line, at most */
	BEHIND = 64 * 1024
};

struct member {
	struct member *next;
	simul_stream *stream;
	simul_task *task;
	char name[NAME + 1];
};

/* All who have said who they are. */
static struct member *members;

/* ---- Telling */

static void tell(struct member *member, const char *text, size_t length)
{
	if (simul_stream_unsent(member->stream) > BEHIND)
		simul_cancel(member->task); /* its handler cleans up */
	else
		simul_write(member->stream, text, length);
}

/* Say something to all members but one. */
__attribute__((format(printf, 2, 3))) static void
tell_others(const struct member *speaker, const char *format, ...)
{
	char text[NAME + LINE + 100];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	for (struct member *m = members; m; m = m->next)
		if (m != speaker)
			tell(m, text, (size_t)length);
}

/* ---- Listening */

/* Read a line, in which nothing is left that would play with the others'
 * terminals. 1, 0 at the end, or an error. */
static int hear(simul_stream *s, char **ret_line)
{
	int r = simul_read_line(s, ret_line, NULL);

	if (r > 0)
		for (char *c = *ret_line; *c; c++)
			if (iscntrl((unsigned char)*c))
				*c = '?';
	return r;
}

static int prompt(simul_stream *s, const char *text)
{
	return simul_write(s, text, strlen(text));
}

/* What is wrong with a nickname? NULL: nothing. */
static const char *objection(const char *name)
{
	if (*name == 0 || strlen(name) > NAME)
		return "* a name has 1 to 20 letters; yours?\n";
	for (const struct member *m = members; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return "* there is one already; your name?\n";
	return NULL;
}

static int ask_name(struct member *me)
{
	const char *what = "* your name?\n";
	char *name;
	int r;

	do {
		r = prompt(me->stream, what);
		if (r >= 0)
			r = hear(me->stream, &name);
		if (r <= 0)
			return r;
		what = objection(name);
	} while (what);
	strcpy(me->name, name);
	return r;
}

/* ---- Coming and going */

static void join(struct member *me)
{
	tell_others(me, "* %s has come\n", me->name);
	me->next = members;
	members = me;
}

static int say_farewell(void *arg)
{
	const struct member *me = arg;

	tell_others(me, "* %s has gone\n", me->name);
	return 0;
}

/* Who is dropped has been cancelled and could not write any more, but in a
 * shield. */
static void leave(struct member *me)
{
	struct member **link = &members;

	while (*link != me)
		link = &(*link)->next;
	*link = me->next;
	simul_shield(say_farewell, me);
}

static int chat(simul_stream *s, void *arg)
{
	struct member me = { .stream = s, .task = simul_current_task() };
	char *line;
	int r;

	(void)arg;
	simul_stream_set_limit(s, LINE);
	r = ask_name(&me);
	if (r <= 0)
		return r;
	join(&me);
	while ((r = hear(s, &line)) > 0)
		tell_others(&me, "%s: %s\n", me.name, line);
	leave(&me);
	if (r == -SIMUL_ETOOLONG)
		prompt(s, "* that is too much at once\n");
	return r;
}

/* ---- The server */

static void say_where(simul_listener *listener)
{
	char text[SIMUL_ADDRESS_TEXT] = "?";
	simul_address address;

	if (simul_listener_address(listener, &address) >= 0)
		simul_address_format(&address, text, sizeof text);
	printf("listening at %s\n", text);
	fflush(stdout);
}

static int amain(void *arg)
{
	const int *port = arg;
	simul_address address;
	simul_listener *listener;
	int r = simul_address_parse("127.0.0.1", *port, &address);

	if (r >= 0)
		r = simul_listen(&address, NULL, &listener);
	if (r < 0)
		return r;
	say_where(listener);
	r = simul_serve(listener, chat, NULL, NULL);
	simul_listener_close(listener);
	return r;
}

int main(int argc, char **argv)
{
	int port = argc > 1 ? atoi(argv[1]) : 7008;
	int r = simul_run(amain, &port);

	/* Ctrl-C is how it ends. */
	if (r == -ECANCELED)
		return 0;
	fprintf(stderr, "chat_server: %s\n", simul_strerror(r));
	return 1;
}
