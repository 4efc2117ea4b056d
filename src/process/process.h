/* SPDX-License-Identifier: MIT
 * process/process.h - what a process's handle is made of.
 *
 *	plan.c           what the program gets, from the caller's options
 *	io.c             its standard descriptors: pipes, files, terminals
 *	file.c           files, and FIFOs among them
 *	process.c        start, wait, signals, close
 *	output.c         communicate, and commands run to their end
 *	../arch/child.c  what happens in the child
 */
#ifndef SMI_PROCESS_PROCESS_H
#define SMI_PROCESS_PROCESS_H

#include <simul/process.h>

#include "arch/child.h"
#include "base/buffer.h"

struct simul_process {
	pid_t pid;
	int pidfd;
	unsigned users; /* tasks that wait for it */
	bool ended;
	bool left;	/* it has, but the system still knows it */
	int wait_error; /* how it has ended is not known */
	simul_exit how;
	bool leads; /* a group of its own */
	double grace;
	double linger;
	size_t output_limit;
	simul_stream *in;
	simul_stream *out;
	simul_stream *err;
	simul_stream *terminal;
	/* See process/output.c. */
	bool talking;
	bool input_written;
	struct smi_buffer collected[2];
};

/* ---- process/plan.c */

/* A child to be, and the memory that it is described in. */
struct smi_plan {
	struct smi_child child;
	const char **programs;
	const char **environment;
	char *names; /* what programs points into */
	struct smi_child_limit *limits;
};

/* Make the plan, all but its descriptors. 0 or a negative error; in any case
 * it is to be done with. */
int smi_plan_make(struct smi_plan *plan, const char *const *argv,
		  const simul_process_options *o);
void smi_plan_done(struct smi_plan *plan);

/* ---- process/io.c */

/* The child's descriptors: what they are made of here. */
struct smi_child_io {
	const simul_process_options *options;
	simul_stream *streams[3]; /* our ends of its pipes */
	simul_stream *terminal;
	int pipes[3]; /* our ends while they have no stream */
	int master;   /* of its terminal; we keep it */
	int slave;
	int opened;  /* how many of these are: */
	int ours[3]; /* what becomes 0, 1 and 2; -1: nothing */
	bool owned[3];
	struct smi_child_fd *fds;
};

/* In the loop's thread: the streams, and room for the rest. */
int smi_child_io_make(struct smi_child_io *io,
		      const simul_process_options *options);

/* In a thread: open what is to be opened, and put it into the plan. May
 * block. 1; 0 if nobody has the other end of a FIFO yet: call it again later.
 */
int smi_child_io_open(struct smi_child_io *io, struct smi_child *child);

/* Back in the loop's thread: close what was for the child; and if it was
 * started, give the streams to the process, else close them, too. */
void smi_child_io_done(struct smi_child_io *io, struct simul_process *process);

/* ---- process/file.c */

/* In a thread: open a file for a program. 1 if it is open; 0 if it is a FIFO
 * whose other end nobody has opened yet, to be called again. *fd is -1 at
 * first; what it becomes, then and after an error, is the caller's to close. */
int smi_child_file_open(const char *path, int flags, unsigned mode, int *fd);

#endif /* SMI_PROCESS_PROCESS_H */
