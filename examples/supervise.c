/* SPDX-License-Identifier: MIT
 * supervise.c - keep programs alive.
 *
 * Each command is started again when it has ended: at once at first, after
 * some time when it ends again and again, and no more after so many times. On
 * SIGTERM or SIGINT every program is asked to end, given some seconds, and
 * killed if it must be; then the supervisor ends. None of this is written down
 * here: it is what closing a process does, and what a group does when it is
 * cancelled.
 *
 * Run it: supervise [-n TIMES] [COMMAND...] */
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LONG_ENOUGH = 10, FIRST_PAUSE = 0.1, LONGEST_PAUSE = 30;

/* ---- One program */

static void say(const char *command, const char *what)
{
	printf("%s: %s\n", command, what);
	fflush(stdout);
}

/* Run it once to its end. */
static int run_once(const char *command)
{
	simul_process *p;
	char words[100];
	int r = simul_process_start_shell(
		command,
		&(simul_process_options){ .in.to = SIMUL_TO_NULL,
					  .new_group = true },
		&p);

	if (r < 0)
		return r;
	say(command, "started");
	r = simul_process_wait(p);
	if (r < 0)
		say(command, "is to end");
	else
		simul_exit_words(simul_process_exit(p), words, sizeof words);
	simul_process_close(p);
	if (r >= 0)
		say(command, words);
	return r;
}

struct keep {
	const char *command;
	int times;
};

static int keep(void *arg)
{
	const struct keep *my = arg;
	double pause = FIRST_PAUSE;
	int r = 0;

	for (int i = 0; i < my->times && r >= 0; i++) {
		double start = simul_now();

		if (i > 0)
			r = simul_sleep(pause);
		if (r >= 0)
			r = run_once(my->command);
		if (simul_now() - start >= LONG_ENOUGH)
			pause = FIRST_PAUSE;
		else if (i > 0 && pause < LONGEST_PAUSE)
			pause *= 2;
	}
	if (r >= 0)
		say(my->command, "ended too often");
	return r < 0 ? r : 0;
}

/* ---- All */

static int end_when_told(void *arg)
{
	int r = simul_wait_signal(SIGTERM, SIGINT);

	if (r > 0)
		simul_group_cancel(arg);
	return r;
}

struct amain {
	const char *const *commands;
	size_t count;
	int times;
};

static int amain(void *arg)
{
	const struct amain *my = arg;
	simul_group group = { 0 };
	simul_task *told = simul_create_task(end_when_told, &group);
	int r;

	for (size_t i = 0; i < my->count; i++)
		simul_group_go(&group, keep, .command = my->commands[i],
			       .times = my->times);
	r = simul_group_wait(&group);
	simul_group_done(&group);
	simul_cancel(told);
	simul_await(told);
	return r;
}

/* ---- The command line */

static int usage(void)
{
	fputs("usage: supervise [-n TIMES] [COMMAND...]\n", stderr);
	return 2;
}

static int parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *end || n < 1 || n > 1000000 ? 0 : (int)n;
}

int main(int argc, char **argv)
{
	static const char *const examples[] = { "sleep 1", "exit 3",
						"kill -SEGV $$" };
	struct amain my = { examples, 3, 5 };
	int r;

	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		my.times = argc > 2 ? parse(argv[2]) : 0;
		if (my.times == 0)
			return usage();
		argc -= 2;
		argv += 2;
	}
	if (argc > 1 && argv[1][0] == '-')
		return usage();
	if (argc > 1) {
		my.commands = (const char *const *)argv + 1;
		my.count = (size_t)argc - 1;
	}
	r = simul_run(amain, &my);
	if (r < 0)
		fprintf(stderr, "supervise: %s\n", simul_strerror(r));
	return r < 0;
}
