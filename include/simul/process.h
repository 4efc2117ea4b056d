/* SPDX-License-Identifier: MIT
 * simul/process.h - run other programs.
 *
 *	simul_output output;
 *	int r = simul_run_command(SIMUL_ARGV("git", "status"), NULL, &output);
 *
 *	if (r == 0)
 *		puts(output.out);
 *	if (r >= 0)
 *		simul_output_done(&output);
 *
 * or, with more say in it:
 *
 *	simul_process *p;
 *	int r = simul_process_start(SIMUL_ARGV("sort"),
 *			&(simul_process_options){
 *				.in.to = SIMUL_TO_PIPE,
 *				.out.to = SIMUL_TO_PIPE }, &p);
 *
 *	simul_write(simul_process_in(p), "b\na\n", 4);
 *	simul_shutdown_write(simul_process_in(p));
 *	while (simul_read_line(simul_process_out(p), &line, NULL) > 0)
 *		...
 *	r = simul_process_wait(p);
 *	simul_process_close(p);
 *
 * To start a program takes the same time however much memory yours has. A
 * thread does it, so that no other task waits for a slow disk. What the
 * program gets is what you name: no descriptor of yours but the three standard
 * ones and those in .others; no signal is blocked or caught, and SIGPIPE ends
 * it. (Signals that you ignore otherwise are ignored there, too, as nohup(1)
 * needs it.)
 *
 * A process belongs to its handle. To cancel a task that waits for it leaves
 * the process alone; to close the handle ends it, politely at first, and no
 * zombie stays. Nobody but the processes started here is waited for, and no
 * handler for SIGCHLD is installed. (If the program ignores SIGCHLD, or
 * somebody in it waits for any child, the way a process has ended may be lost:
 * then that is -ECHILD.)
 *
 * How a process has ended is one number, as in a shell: what it exited with,
 * or 128 and the number of the signal that ended it; struct simul_exit tells
 * the two apart. So 0, and nothing else, is success; a negative number says
 * that it could not be run or waited for at all.
 */
#ifndef SIMUL_PROCESS_H
#define SIMUL_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_process simul_process;

/* ---- What a program gets */

/* Where one of its standard descriptors comes from or goes to. */
enum simul_redirection {
	SIMUL_INHERIT,	 /* where ours does */
	SIMUL_TO_PIPE,	 /* a stream of yours: simul_process_in, ... */
	SIMUL_TO_NULL,	 /* /dev/null: nothing comes, all is dropped */
	SIMUL_TO_FD,	 /* .fd, which stays yours */
	SIMUL_TO_FILE,	 /* .path, opened with .flags and .mode */
	SIMUL_TO_STDOUT, /* for stderr: where stdout goes */
	SIMUL_TO_NOTHING /* it is closed */
};

struct simul_child_io {
	enum simul_redirection to;
	int fd;
	const char *path; /* as seen from here, not from .directory. If it
			   * is a FIFO, the program starts when somebody has
			   * opened the other end */
	int flags;	  /* as open(2) has them; 0: O_RDONLY for stdin, else
			   * O_WRONLY | O_CREAT | O_TRUNC, and mode 0666 */
	unsigned mode;
};

/* One more descriptor: the program has ours under this number. */
struct simul_child_fd {
	int child;
	int ours;
};

/* Another user, by numbers; see getpwnam(3). It takes root to do that. */
struct simul_child_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups; /* and no others */
	size_t group_count;
};

/* A limit, as setrlimit(2) has it: RLIMIT_AS, ... */
struct simul_child_limit {
	int resource;
	struct rlimit limit;
};

typedef struct simul_process_options {
	struct simul_child_io in; /* standard input, ... */
	struct simul_child_io out;
	struct simul_child_io err;
	const struct simul_child_fd *others; /* besides those three */
	size_t other_count;

	/* The file to execute, if not argv[0]. Looked for in the PATH of the
	 * program's environment, unless there is a slash in it. */
	const char *program;
	const char *directory; /* where it runs; NULL: here */

	/* All of its environment, as "NAME=value", ended by NULL; if this is
	 * NULL: ours. Then what differs from that, as "NAME=value" to set and
	 * "NAME" to remove, ended by NULL, too. */
	const char *const *environment;
	const char *const *change_environment;

	const struct simul_child_user *user;
	const struct simul_child_limit *limits;
	size_t limit_count;
	int nice; /* added to our priority; see nice(2) */
	bool set_umask;
	unsigned umask;

	/* Lead a group of processes, or a session, of its own: a terminal's
	 * signals don't reach it. What this handle signals, and ends when it
	 * is closed, is then the group: also what the program has started,
	 * unless that has left it. */
	bool new_group;
	bool new_session;

	/* Instead, join the group of this process, which must be in our
	 * session; 0: stay in ours. */
	pid_t group;

	/* A terminal of its own, of this size (24 by 80 if 0), with a session
	 * of its own. Those of .in, .out and .err that are SIMUL_INHERIT are
	 * that terminal, and simul_process_terminal is its other side. */
	bool terminal;
	unsigned short rows;
	unsigned short columns;

	/* The signal that it gets if our process dies without closing it:
	 * SIGTERM, SIGKILL, ... It gets it, too, when the loop ends. */
	int death_signal;

	/* How many seconds simul_process_close gives it between the polite
	 * SIGTERM and the SIGKILL. 0: 5 seconds; negative: none. */
	double grace;

	/* The most that simul_process_communicate collects of each of its two
	 * outputs. 0: 16 MiB. */
	size_t output_limit;

	/* How many seconds simul_process_communicate waits for the end of the
	 * output after the program has ended, as something that it has started
	 * may hold it open. 0: 1 second; negative: none. */
	double linger;

	/* For simul_run_command: its standard input. */
	const void *input;
	size_t input_length;

	/* If simul_process_start fails, where to say at what: "exec",
	 * "directory", "user", ... A constant string. */
	const char **ret_step;
} simul_process_options;

/* An argv: SIMUL_ARGV("ls", "-l"). Not for C++: make an array there, that ends
 * with NULL.
 * Suspends: never. */
#define SIMUL_ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* ---- Starting */

/* Run a program with arguments argv, ended by NULL, of which the first is its
 * name. options are only read during the call; NULL is as good as all zero.
 * When it returns 0 the program runs; that it can't be run is known here:
 * -ENOENT: no such program, or no such directory (options->ret_step tells);
 * -EACCES: it may not be executed; -ENOEXEC: it is no program, or a script
 * without a first line that says whose; -EAGAIN, -ENOMEM: no more processes;
 * -EMFILE; -EINVAL: options that make no sense.
 * Suspends: always. Cancelled: it was not started. */
SIMUL_API int simul_process_start(const char *const *argv,
				  const simul_process_options *options,
				  simul_process **ret_process);

/* The same for a command line that /bin/sh interprets. Never make one of what
 * a stranger has said.
 * Suspends: always. Cancelled: it was not started. */
SIMUL_API int simul_process_start_shell(const char *command,
					const simul_process_options *options,
					simul_process **ret_process);

/* ---- Talking to it
 *
 * The streams are the process's: don't close them, they are closed with it.
 * simul_shutdown_write ends its standard input. Each is NULL if it is not
 * SIMUL_TO_PIPE. */

/* What it reads.
 * Suspends: never. */
SIMUL_API simul_stream *simul_process_in(const simul_process *process);

/* What it writes.
 * Suspends: never. */
SIMUL_API simul_stream *simul_process_out(const simul_process *process);

/* What it complains of.
 * Suspends: never. */
SIMUL_API simul_stream *simul_process_err(const simul_process *process);

/* Our side of its terminal: what is written is as if typed, what it shows is
 * read. The end of the stream is when nobody has the other side open.
 * Suspends: never. */
SIMUL_API simul_stream *simul_process_terminal(const simul_process *process);

/* Make its terminal another size: it is told by SIGWINCH. -ENOTTY if it has
 * none.
 * Suspends: never. */
SIMUL_API int simul_process_resize(simul_process *process, unsigned short rows,
				   unsigned short columns);

/* ---- Ending */

/* How a process has ended. */
typedef struct simul_exit {
	int code;	  /* what it exited with; 128 + signal: */
	int signal;	  /* what ended it; 0: it exited by itself */
	bool dumped_core; /* and left a core file */
} simul_exit;

/* Wait until the process has ended: what it exited with, or 128 + signal.
 * Several tasks may wait; it may be asked again.
 * Suspends: if it still runs. Cancelled: it runs on. */
SIMUL_API int simul_process_wait(simul_process *process);

/* How it has ended, or NULL if nobody has waited for that so far. Good until
 * it is closed.
 * Suspends: never. */
SIMUL_API const simul_exit *simul_process_exit(const simul_process *process);

/* Say it in words: "exited with 3", "ended by SIGSEGV (Segmentation fault)".
 * Like snprintf, it returns the length of the text and writes what fits.
 * Suspends: never. */
SIMUL_API int simul_exit_words(const simul_exit *how, char *text, size_t size);

/* Send it, or its group (see .new_group), a signal. It can't hit another
 * process that has the number now. -ESRCH if it has ended; -EPERM.
 * Suspends: never. */
SIMUL_API int simul_process_send_signal(simul_process *process, int signal);

/* Its number, for people.
 * Suspends: never. */
SIMUL_API pid_t simul_process_id(const simul_process *process);

/* End the process, if it still runs, and free the handle: end its input, send
 * SIGTERM, give it its .grace, send SIGKILL, wait; then close its other
 * streams. If it leads a group, what is left of that is killed, too. The result
 * is that of simul_process_wait. No other task may be using the handle. NULL
 * is 0.
 * Suspends: until it has ended, which cancellation doesn't cut short. */
SIMUL_API int simul_process_close(simul_process *process);

/* ---- All at once */

/* What a program has written. Each text is followed by a zero byte; NULL if it
 * was not a pipe. */
typedef struct simul_output {
	char *out;
	size_t out_length;
	char *err;
	size_t err_length;
	simul_exit how;
} simul_output;

/* Write input (length bytes, NULL if there is none) to the process and end its
 * input, collect its output, and wait until it has ended. Returns what
 * simul_process_wait does. That the process doesn't read its input is no
 * error. -SIMUL_ETOOLONG if it says more than .output_limit: it runs on, with
 * nobody reading. When it has ended, but something that it has started still
 * holds its output open, what has been written by then is what you get, after
 * .linger seconds. What it shows on a terminal of its own is .out, if that is
 * no pipe.
 *
 * One task at a time; nobody else may be using its streams. input is lent until
 * the call returns. The output is yours: simul_output_done frees it.
 * Suspends: if anything of this has to be waited for. Cancelled: the process
 * runs on. Nothing is lost: what has come is kept for the next call, which
 * does not write its input if this one had written it. */
SIMUL_API int simul_process_communicate(simul_process *process,
					const void *input, size_t length,
					simul_output *ret_output);

/* Run a program to its end: simul_process_start with .out and .err captured
 * and .in empty or options->input, unless options have something else for them
 * than SIMUL_INHERIT; simul_process_communicate; simul_process_close. Errors
 * are as for these, and so is the result.
 * Suspends: always. Cancelled: the program was ended, as by
 * simul_process_close. */
SIMUL_API int simul_run_command(const char *const *argv,
				const simul_process_options *options,
				simul_output *ret_output);

/* The same for a command line that /bin/sh interprets.
 * Suspends: always. Cancelled: as simul_run_command. */
SIMUL_API int simul_run_shell(const char *command,
			      const simul_process_options *options,
			      simul_output *ret_output);

/* Free what is in it; it is then empty. NULL is accepted.
 * Suspends: never. */
SIMUL_API void simul_output_done(simul_output *output);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_PROCESS_H */
