/* SPDX-License-Identifier: MIT
 * parallel.c - run commands side by side, as `make -j` does, and show what each
 * says the moment it says it.
 *
 *	async def run(number, command, slots):
 *	    async with slots:
 *	        p = await asyncio.create_subprocess_shell(
 *	                command, stdout=PIPE, stderr=STDOUT)
 *	        async for line in p.stdout:
 *	            print(f"[{number}] {line.decode()}", end="")
 *	        return await p.wait()
 *
 * After a failure no command is started any more; those that run are waited
 * for. Interrupted, it ends them all: closing a process does that.
 *
 * Run it: parallel [-j N] [COMMAND...] */
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct build {
	simul_semaphore slots; /* how many may run */
	bool failed;
};

struct job {
	struct build *build;
	int number;
	const char *command;
};

/* A line each, so that lines of different commands don't mix. */
static int show_output(simul_process *p, int number)
{
	simul_stream *out = simul_process_out(p);
	char *line;
	int r;

	while ((r = simul_read_line(out, &line, NULL)) > 0) {
		printf("[%d] %s\n", number, line);
		fflush(stdout);
	}
	return r;
}

static int run_process(const struct job *my)
{
	simul_process *p;
	int r, closed;

	r = simul_process_start_shell(
		my->command,
		&(simul_process_options){ .in.to = SIMUL_TO_NULL,
					  .out.to = SIMUL_TO_PIPE,
					  .err.to = SIMUL_TO_STDOUT,
					  .new_group = true },
		&p);
	if (r < 0)
		return r;
	r = show_output(p, my->number);
	if (r >= 0)
		r = simul_process_wait(p);
	if (r > 0) {
		char words[100];

		simul_exit_words(simul_process_exit(p), words, sizeof words);
		printf("[%d] %s: %s\n", my->number, my->command, words);
	}
	closed = simul_process_close(p);
	return r < 0 ? r : closed;
}

static int job(void *arg)
{
	const struct job *my = arg;
	int r = simul_semaphore_acquire(&my->build->slots);

	if (r < 0)
		return r;
	if (!my->build->failed)
		r = run_process(my);
	if (r != 0)
		my->build->failed = true;
	simul_semaphore_release(&my->build->slots);
	return r < 0 ? r : 0;
}

/* ---- The command line */

struct amain {
	const char *const *commands;
	size_t count;
	size_t at_once;
};

/* One may fail; all run to their end. */
static int amain(void *arg)
{
	const struct amain *my = arg;
	struct build build = { .slots.value = my->at_once };
	simul_group group = { 0 };
	int r;

	for (size_t i = 0; i < my->count; i++)
		simul_group_go(&group, job, .build = &build,
			       .number = (int)i + 1,
			       .command = my->commands[i]);
	r = simul_group_wait(&group);
	simul_group_done(&group);
	return r < 0 ? r : build.failed;
}

static int usage(void)
{
	fputs("usage: parallel [-j N] [COMMAND...]\n", stderr);
	return 2;
}

static size_t parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *end || n < 1 || n > 10000 ? 0 : (size_t)n;
}

int main(int argc, char **argv)
{
	static const char *const examples[] = {
		"for i in 1 2 3; do echo $i; sleep 0.2; done",
		"sleep 0.3; echo in between", "sleep 0.1; echo a complaint >&2"
	};
	struct amain my = { examples, 3, 2 };
	int r;

	if (argc > 1 && strcmp(argv[1], "-j") == 0) {
		my.at_once = argc > 2 ? parse(argv[2]) : 0;
		if (my.at_once == 0)
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
		fprintf(stderr, "parallel: %s\n", simul_strerror(r));
	return r != 0;
}
