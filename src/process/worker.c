/* SPDX-License-Identifier: MIT
 * process/worker.c - what a worker of a process pool does all day.
 *
 * There is no loop here and no task: it waits for a message, calls a function,
 * and sends what that answers.
 */
#include "process/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/alloc.h"

static simul_work *const *table;

int smi_work_number(simul_work *work)
{
	for (int i = 0; table && table[i]; i++)
		if (table[i] == work)
			return i;
	return -EINVAL;
}

bool smi_workers_are_known(void)
{
	return table != NULL;
}

/* ---- Answers */

struct simul_answer {
	char *bytes;
	size_t size;
	size_t room;
};

static int make_room(simul_answer *answer, size_t size)
{
	size_t room = answer->room ? answer->room : 64;
	char *more;

	if (size <= answer->room)
		return 0;
	while (room < size)
		room = room <= SIZE_MAX / 2 ? room * 2 : size;
	more = smi_resize(answer->bytes, room);
	if (!more)
		return -ENOMEM;
	answer->bytes = more;
	answer->room = room;
	return 0;
}

void *simul_answer_resize(simul_answer *answer, size_t size)
{
	/* One byte at least, so that no bytes are not like no memory. */
	if (make_room(answer, size ? size : 1) < 0)
		return NULL;
	if (size > answer->size)
		memset(answer->bytes + answer->size, 0, size - answer->size);
	answer->size = size;
	return answer->bytes;
}

int simul_answer_append(simul_answer *answer, const void *bytes, size_t n)
{
	if (n > SIZE_MAX - answer->size ||
	    make_room(answer, answer->size + n) < 0)
		return -ENOMEM;
	if (n > 0)
		memcpy(answer->bytes + answer->size, bytes, n);
	answer->size += n;
	return 0;
}

/* ---- Jobs */

static int send_shared(struct smi_message *message, const simul_answer *answer)
{
	int fd = smi_parcel_share(answer->bytes, answer->size);
	int r;

	if (fd < 0)
		return fd;
	message->shared = 1;
	r = smi_message_send(SMI_WORKER_FD, message, NULL, fd, 0);
	close(fd);
	return r;
}

static int send_answer(int result, const simul_answer *answer)
{
	struct smi_message message = { .number = result };
	int r = 0;

	if (result >= 0)
		message.size = answer->size;
	if (message.size <= SMI_MESSAGE_INLINE)
		return smi_message_send(SMI_WORKER_FD, &message, answer->bytes,
					-1, 0);
	r = send_shared(&message, answer);
	/* No memory for so much. */
	return r < 0 ? send_answer(r, answer) : r;
}

static int do_job(const struct smi_message *message, struct smi_parcel *input)
{
	simul_answer answer = { 0 };
	int r = table[message->number](input->data, input->size, &answer);

	r = send_answer(r, &answer);
	smi_free(answer.bytes);
	return r;
}

/* There is no memory for a job's input; it may still be in the socket. */
static int refuse_job(const struct smi_message *message)
{
	const simul_answer none = { 0 };

	if (message->number < 0 && recv(SMI_WORKER_FD, NULL, 0, 0) < 0)
		return -errno;
	return send_answer(-ENOMEM, &none);
}

static int serve(void)
{
	int r;

	do {
		struct smi_message message = { .number = -1 };
		struct smi_parcel input = { 0 };

		r = smi_message_receive(SMI_WORKER_FD, &message, &input, 0);
		if (r == 0)
			break;
		if (r > 0)
			r = do_job(&message, &input);
		else if (r == -ENOMEM)
			r = refuse_job(&message);
		smi_parcel_done(&input);
	} while (r >= 0);
	return r;
}

/* A terminal sends its signals to all who are at it; it is the program that
 * decides whether the workers go. */
void simul_worker_main(simul_work *const works[])
{
	table = works;
	if (!getenv(SMI_WORKER_VARIABLE))
		return;
	/* With more rights than whoever has started it, it does nobody's jobs.
	 * Nor may it go on as the program, which would start workers, too. */
	if (getauxval(AT_SECURE))
		_exit(127);
	unsetenv(SMI_WORKER_VARIABLE);
	fcntl(SMI_WORKER_FD, F_SETFD, FD_CLOEXEC);
	signal(SIGINT, SIG_IGN);
	exit(serve() < 0);
}
