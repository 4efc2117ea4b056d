/* SPDX-License-Identifier: MIT
 * process/process.c - processes: started, waited for, signalled, ended.
 *
 * A process is known by its pidfd, which no other process can inherit. That is
 * readable when the process has ended, and only then the process is asked for
 * how, by name: nobody else's children are ever touched.
 */
#include <simul/process.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/scope.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "io/pipe.h"
#include "process/process.h"
#include "task/threads.h"
#include "task/wait.h"

enum {
	GRACE = 5,
	LINGER = 1,
	OUTPUT_LIMIT = 16 * 1024 * 1024,
	TO_GROUP = 4 /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9 */
};

/* Seconds between two questions whether a FIFO has its other end. */
static const double FIRST_PAUSE = 0.001, LONGEST_PAUSE = 0.064;

static const char *const steps[] = {
	[SMI_CHILD_CLONE] = "process",
	[SMI_CHILD_SESSION] = "session",
	[SMI_CHILD_TERMINAL] = "terminal",
	[SMI_CHILD_DESCRIPTORS] = "descriptors",
	[SMI_CHILD_LIMITS] = "limits",
	[SMI_CHILD_PRIORITY] = "priority",
	[SMI_CHILD_USER] = "user",
	[SMI_CHILD_DIRECTORY] = "directory",
	[SMI_CHILD_DEATH_SIGNAL] = "death signal",
	[SMI_CHILD_EXEC] = "exec",
};

/* ---- Starting */

struct start {
	struct smi_plan plan;
	struct smi_child_io io;
	const char *step;
	pid_t pid;
	int pidfd;
};

/* In a thread. 0 if it has to be called again. */
static int launch(void *arg)
{
	struct start *s = arg;
	int r;

	s->step = "standard streams";
	r = smi_child_io_open(&s->io, &s->plan.child);
	if (r <= 0)
		return r;
	r = smi_child_start(&s->plan.child, &s->pidfd);
	s->step = steps[s->plan.child.step];
	s->pid = r;
	return r;
}

/* With ever longer pauses, as what is not there soon may take long. */
static int launch_when_ready(struct start *s)
{
	double pause = FIRST_PAUSE;
	int r;

	while ((r = smi_call_in_worker(launch, s)) == 0) {
		r = simul_sleep(pause);
		if (r < 0)
			return r;
		if (pause < LONGEST_PAUSE)
			pause *= 2;
	}
	return r;
}

static double or_default(double seconds, double fallback)
{
	return seconds < 0 ? 0 : seconds > 0 ? seconds : fallback;
}

static void set_up(struct simul_process *p, const struct start *s,
		   const simul_process_options *o)
{
	p->pid = s->pid;
	p->pidfd = s->pidfd;
	p->leads = o->new_group || o->new_session || o->terminal;
	p->grace = or_default(o->grace, GRACE);
	p->linger = or_default(o->linger, LINGER);
	p->output_limit = o->output_limit ? o->output_limit : OUTPUT_LIMIT;
	if (p->output_limit > SIZE_MAX / 8)
		p->output_limit = SIZE_MAX / 8;
}

static int start(const char *const *argv, const simul_process_options *o,
		 struct start *s)
{
	int r;

	s->step = "options";
	r = smi_child_io_make(&s->io, o);
	if (r >= 0)
		r = smi_plan_make(&s->plan, argv, o);
	if (r < 0)
		return r;
	s->step = "thread";
	return launch_when_ready(s);
}

int simul_process_start(const char *const *argv,
			const simul_process_options *options,
			simul_process **ret_process)
{
	static const simul_process_options none;
	const simul_process_options *o = options ? options : &none;
	struct start s = { .pidfd = -1 };
	struct simul_process *p;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	p = smi_alloc_zero(sizeof *p);
	if (!p)
		return -ENOMEM;
	r = start(argv, o, &s);
	smi_child_io_done(&s.io, r < 0 ? NULL : p);
	smi_plan_done(&s.plan);
	if (r < 0) {
		smi_free(p);
		if (o->ret_step)
			*o->ret_step = s.step;
		return r;
	}
	set_up(p, &s, o);
	*ret_process = p;
	return 0;
}

int simul_process_start_shell(const char *command,
			      const simul_process_options *options,
			      simul_process **ret_process)
{
	return simul_process_start(SIMUL_ARGV("/bin/sh", "-c", command),
				   options, ret_process);
}

/* ---- Looking */

simul_stream *simul_process_in(const simul_process *process)
{
	return process->in;
}

simul_stream *simul_process_out(const simul_process *process)
{
	return process->out;
}

simul_stream *simul_process_err(const simul_process *process)
{
	return process->err;
}

simul_stream *simul_process_terminal(const simul_process *process)
{
	return process->terminal;
}

pid_t simul_process_id(const simul_process *process)
{
	return process->pid;
}

const simul_exit *simul_process_exit(const simul_process *process)
{
	return process->ended && !process->wait_error ? &process->how : NULL;
}

int simul_process_resize(simul_process *process, unsigned short rows,
			 unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	if (!process->terminal)
		return -ENOTTY;
	return ioctl(smi_pipe_fd(process->terminal), TIOCSWINSZ, &size) < 0
		       ? -errno
		       : 0;
}

int simul_exit_words(const simul_exit *how, char *text, size_t size)
{
	const char *name, *core = how->dumped_core ? ", dumped core" : "";

	if (how->signal == 0)
		return snprintf(text, size, "exited with %d", how->code);
	name = sigabbrev_np(how->signal);
	if (!name)
		return snprintf(text, size, "ended by signal %d%s", how->signal,
				core);
	return snprintf(text, size, "ended by SIG%s (%s)%s", name,
			sigdescr_np(how->signal), core);
}

/* ---- Waiting */

static void note_end(struct simul_process *p, int code, int status)
{
	p->ended = true;
	p->how = code == CLD_EXITED
			 ? (simul_exit){ .code = status }
			 : (simul_exit){ .code = 128 + status,
					 .signal = status,
					 .dumped_core = code == CLD_DUMPED };
}

/* The number of a group is certain as long as its leader was not reaped. Since
 * Linux 6.9 the kernel knows the group by the leader's descriptor. */
static bool needs_number(const struct simul_process *p)
{
	return p->leads &&
	       smi_pidfd_send_signal(p->pidfd, 0, TO_GROUP) == -EINVAL;
}

/* Has it ended? Whether or not anybody was told of it. */
static bool reap(struct simul_process *p)
{
	bool leave = !p->ended && needs_number(p);
	int code, status, r = 0;

	if (!p->ended)
		r = smi_pidfd_reap(p->pidfd, leave, &code, &status);
	if (r > 0) {
		note_end(p, code, status);
		p->left = leave;
	}
	if (r < 0) {
		p->ended = true;
		p->wait_error = r;
	}
	return p->ended;
}

int simul_process_wait(simul_process *process)
{
	int r = smi_may_suspend();

	process->users++;
	while (r >= 0 && !reap(process))
		r = simul_wait_fd(process->pidfd, POLLIN);
	process->users--;
	if (r < 0)
		return r;
	return process->wait_error ? process->wait_error : process->how.code;
}

/* ---- Signals */

static int signal_group(struct simul_process *p, int signal)
{
	int r = smi_pidfd_send_signal(p->pidfd, signal, TO_GROUP);

	if (r != -EINVAL)
		return r;
	if (p->ended && !p->left)
		return -ESRCH;
	return kill(-p->pid, signal) < 0 ? -errno : 0;
}

int simul_process_send_signal(simul_process *process, int signal)
{
	if (signal < 0 || signal > 64)
		return -EINVAL;
	return process->leads
		       ? signal_group(process, signal)
		       : smi_pidfd_send_signal(process->pidfd, signal, 0);
}

/* ---- The end */

static int wait_for_end(void *arg)
{
	return simul_process_wait(arg);
}

static void ask_to_end(struct simul_process *p)
{
	simul_process_send_signal(p, SIGTERM);
	/* Who is stopped can't be polite. */
	simul_process_send_signal(p, SIGCONT);
	simul_wait_for(p->grace, wait_for_end, p);
}

/* Without memory it is not waited for as it should be; but it will not be
 * long. */
static void make_end(struct simul_process *p)
{
	struct pollfd end = { .fd = p->pidfd, .events = POLLIN };

	simul_process_send_signal(p, SIGKILL);
	simul_process_wait(p);
	while (!reap(p))
		poll(&end, 1, -1);
}

static int end_process(void *arg)
{
	struct simul_process *p = arg;
	int r, code, status;

	simul_abort(p->in);
	p->in = NULL;
	if (!reap(p))
		ask_to_end(p);
	if (!reap(p))
		make_end(p);
	r = p->wait_error ? p->wait_error : p->how.code;
	if (p->leads)
		signal_group(p, SIGKILL);
	if (p->left)
		smi_pidfd_reap(p->pidfd, false, &code, &status);
	simul_abort(p->out);
	simul_abort(p->err);
	simul_abort(p->terminal);
	return r;
}

int simul_process_close(simul_process *process)
{
	int r;

	if (!process)
		return 0;
	if (!smi_current)
		return -EPERM;
	if (process->users > 0)
		smi_bug("task '%s' closes a process that others wait for",
			simul_task_name(smi_current));
	r = simul_shield(end_process, process);
	close(process->pidfd);
	for (int i = 0; i < 2; i++)
		smi_buffer_done(&process->collected[i]);
	smi_free(process);
	return r;
}
