/* SPDX-License-Identifier: MIT
 * process/output.c - talk with a process to its end.
 *
 * One task writes the input, two read the outputs, and the caller waits for
 * the process to end; then they have .linger seconds. What is read is kept in
 * the process's handle, so that nothing is lost if the caller is cancelled.
 */
#include <simul/process.h>

#include <errno.h>
#include <math.h>
#include <sys/ioctl.h>

#include <simul/error.h>
#include <simul/group.h>
#include <simul/scope.h>

#include "base/alloc.h"
#include "io/pipe.h"
#include "process/process.h"
#include "task/wait.h"

enum { UNIT = 65536 };

/* What goes in one direction. */
struct talk {
	struct simul_process *process;
	simul_stream *stream;
	struct smi_buffer *to;
	const void *input;
	size_t length;
	double patience; /* INFINITY, until the process has ended */
	simul_timeout limit;
	bool done;
};

/* ---- Input */

/* That it is not read is the process's business. */
static int write_input(struct talk *my)
{
	struct simul_process *p = my->process;
	int r = 0;

	if (!p->input_written && my->length > 0)
		r = simul_write(my->stream, my->input, my->length);
	if (r < 0 && r != -EPIPE)
		return r;
	p->input_written = true;
	r = simul_shutdown_write(my->stream);
	return r == -EPIPE ? 0 : r;
}

static int writes_input(void *arg)
{
	struct talk *my = arg;
	int r = simul_timeout_open(&my->limit, my->patience);

	if (r < 0)
		return r;
	r = simul_timeout_close(&my->limit, write_input(my));
	/* The process has gone, and somebody else doesn't read it. */
	if (r == -ETIMEDOUT)
		r = 0;
	my->done = r >= 0;
	return r;
}

/* ---- Output */

/* 1: something came; 0: the end. */
static int read_some(struct talk *my)
{
	size_t limit = my->process->output_limit;
	size_t length = smi_buffer_length(my->to);
	ptrdiff_t n;
	int r;

	if (length > limit)
		return -SIMUL_ETOOLONG;
	r = smi_buffer_reserve(my->to, UNIT + 1);
	if (r < 0)
		return r;
	/* One byte more than is allowed is enough to know. */
	n = simul_read(my->stream, smi_buffer_tail(my->to),
		       limit - length < UNIT ? limit - length + 1 : UNIT);
	if (n <= 0)
		return (int)n;
	smi_buffer_commit(my->to, (size_t)n);
	return 1;
}

static int read_to_end(struct talk *my)
{
	int r;

	do
		r = read_some(my);
	while (r > 0);
	return r;
}

/* Somebody else may still write. What is there by now was written in time. */
static int read_rest(void *arg)
{
	struct talk *my = arg;
	int there = 0, r = 1;

	ioctl(smi_pipe_fd(my->stream), FIONREAD, &there);
	there += (int)simul_stream_buffered(my->stream);
	while (r > 0 && there > 0) {
		size_t before = smi_buffer_length(my->to);

		r = read_some(my);
		there -= (int)(smi_buffer_length(my->to) - before);
	}
	return r < 0 ? r : 0;
}

static int reads_output(void *arg)
{
	struct talk *my = arg;
	int r = simul_timeout_open(&my->limit, my->patience);

	if (r < 0)
		return r;
	r = simul_timeout_close(&my->limit, read_to_end(my));
	if (r == -ETIMEDOUT)
		r = simul_shield(read_rest, my);
	my->done = r >= 0;
	return r;
}

/* ---- Both */

static void start_all(simul_group *group, struct talk *talks)
{
	if (talks[0].stream)
		simul_group_create_task(group, writes_input, &talks[0]);
	for (int i = 1; i < 3; i++)
		if (talks[i].stream)
			simul_group_create_task(group, reads_output, &talks[i]);
}

static void limit_all(struct talk *talks, double seconds)
{
	for (int i = 0; i < 3; i++) {
		talks[i].patience = seconds;
		if (talks[i].limit.scope.task)
			simul_timeout_reschedule(&talks[i].limit, seconds);
	}
}

/* Who was cancelled alone, by nobody of ours, has not failed. */
static bool all_done(const struct talk *talks)
{
	for (int i = 0; i < 3; i++)
		if (talks[i].stream && !talks[i].done)
			return false;
	return true;
}

static int talk(struct simul_process *p, struct talk *talks)
{
	simul_group group = { 0 };
	int r, failed;

	for (int i = 0; i < 3; i++)
		talks[i].patience = INFINITY;
	start_all(&group, talks);
	r = simul_process_wait(p);
	if (r < 0)
		simul_group_cancel(&group);
	limit_all(talks, p->linger);
	failed = simul_group_wait(&group);
	simul_group_done(&group);
	if (failed < 0)
		return failed;
	return r < 0 || all_done(talks) ? r : -ECANCELED;
}

/* ---- What came of it */

/* Have room for the zero byte. */
static int finish(struct smi_buffer *b)
{
	return smi_buffer_reserve(b, 1);
}

static void hand_over(struct smi_buffer *from, char **ret, size_t *ret_length)
{
	size_t length = smi_buffer_length(from);
	char *fitting = smi_resize(from->data, length + 1);

	*ret = fitting ? fitting : from->data;
	(*ret)[length] = 0;
	*ret_length = length;
	*from = (struct smi_buffer){ 0 };
}

static int hand_over_all(struct talk *talks, simul_output *ret_output)
{
	const struct simul_process *p = talks->process;

	if ((talks[1].stream && finish(talks[1].to) < 0) ||
	    (talks[2].stream && finish(talks[2].to) < 0))
		return -ENOMEM;
	*ret_output = (simul_output){ .how = p->how };
	if (talks[1].stream)
		hand_over(talks[1].to, &ret_output->out,
			  &ret_output->out_length);
	if (talks[2].stream)
		hand_over(talks[2].to, &ret_output->err,
			  &ret_output->err_length);
	return p->how.code;
}

int simul_process_communicate(simul_process *process, const void *input,
			      size_t length, simul_output *ret_output)
{
	struct simul_process *p = process;
	struct talk talks[3] = {
		{ .process = p,
		  .stream = p->in,
		  .input = input,
		  .length = length },
		{ .process = p,
		  .stream = p->out ? p->out : p->terminal,
		  .to = &p->collected[0] },
		{ .process = p, .stream = p->err, .to = &p->collected[1] },
	};
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (p->talking)
		return -EBUSY;
	p->talking = true;
	r = talk(p, talks);
	p->talking = false;
	return r < 0 ? r : hand_over_all(talks, ret_output);
}

void simul_output_done(simul_output *output)
{
	if (!output)
		return;
	smi_free(output->out);
	smi_free(output->err);
	*output = (simul_output){ 0 };
}

/* ---- Commands */

static simul_process_options with_pipes(const simul_process_options *options)
{
	simul_process_options o =
		options ? *options : (simul_process_options){ 0 };

	if (o.terminal)
		return o;
	if (o.in.to == SIMUL_INHERIT)
		o.in.to = o.input ? SIMUL_TO_PIPE : SIMUL_TO_NULL;
	if (o.out.to == SIMUL_INHERIT)
		o.out.to = SIMUL_TO_PIPE;
	if (o.err.to == SIMUL_INHERIT)
		o.err.to = SIMUL_TO_PIPE;
	return o;
}

int simul_run_command(const char *const *argv,
		      const simul_process_options *options,
		      simul_output *ret_output)
{
	simul_process_options o = with_pipes(options);
	simul_process *p;
	int r = simul_process_start(argv, &o, &p);

	if (r < 0)
		return r;
	r = simul_process_communicate(p, o.input, o.input_length, ret_output);
	simul_process_close(p);
	return r;
}

int simul_run_shell(const char *command, const simul_process_options *options,
		    simul_output *ret_output)
{
	return simul_run_command(SIMUL_ARGV("/bin/sh", "-c", command), options,
				 ret_output);
}
