/* SPDX-License-Identifier: MIT
 * process/pool.c - work for other processes. */
#include <simul/process_pool.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include <simul/error.h>
#include <simul/scope.h>
#include <simul/sync.h>
#include <simul/thread.h>

#include "arch/valgrind.h"
#include "base/alloc.h"
#include "base/cores.h"
#include "io/perform.h"
#include "process/worker.h"
#include "task/wait.h"

/* How long a worker that was told to go may take. */
static const double PATIENCE = 1; /* seconds */

struct worker {
	struct worker *next; /* idle ones */
	simul_process *process;
	int socket;
	size_t jobs; /* so far */
	bool waited; /* for work, without dying of that */
};

struct simul_process_pool {
	simul_process_pool_options options;
	simul_semaphore turns; /* a permit for each worker that may be busy */
	struct worker *idle;   /* the one used last comes first */
};

/* ---- Workers */

/* The same program, even if another one has its name by now. valgrind is not
 * the program that it runs. */
static const char *own_program(char *buffer, size_t size)
{
	ssize_t n;

	if (!smi_on_valgrind())
		return "/proc/self/exe";
	n = readlink("/proc/self/exe", buffer, size - 1);
	buffer[n > 0 ? n : 0] = 0;
	return buffer;
}

static int start_process(const simul_process_pool *pool, int socket,
			 simul_process **ret_process)
{
	static const char *const variables[] = { SMI_WORKER_VARIABLE "=1",
						 NULL };
	const struct simul_child_fd its_socket = { SMI_WORKER_FD, socket };
	const struct rlimit most = { pool->options.max_memory,
				     pool->options.max_memory };
	const struct simul_child_limit limit = { RLIMIT_AS, most };
	char path[4096];
	const simul_process_options o = {
		.program = own_program(path, sizeof path),
		.in = { .to = SIMUL_TO_NULL },
		.others = &its_socket,
		.other_count = 1,
		.change_environment = variables,
		.limits = &limit,
		.limit_count = pool->options.max_memory > 0,
		.nice = pool->options.nice,
		.grace = -1,
	};

	return simul_process_start(SIMUL_ARGV(program_invocation_name), &o,
				   ret_process);
}

/* Start one with its process and our end of a socket. 0 or an error. */
static int equip(const simul_process_pool *pool, struct worker *w)
{
	int sockets[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	r = start_process(pool, sockets[1], &w->process);
	smi_close_fd(sockets[1]);
	if (r < 0)
		smi_close_fd(sockets[0]);
	else
		w->socket = sockets[0];
	return r;
}

/* A new worker, or NULL and why. */
static struct worker *start_worker(const simul_process_pool *pool,
				   int *ret_error)
{
	struct worker *w = smi_alloc_zero(sizeof *w);
	int r = w ? equip(pool, w) : -ENOMEM;

	if (r >= 0)
		return w;
	smi_free(w);
	*ret_error = r;
	return NULL;
}

static void free_worker(struct worker *w)
{
	simul_process_close(w->process);
	smi_close_fd(w->socket);
	smi_free(w);
}

static void kill_worker(struct worker *w)
{
	simul_process_send_signal(w->process, SIGKILL);
	free_worker(w);
}

static int see_it_end(void *arg)
{
	const struct worker *w = arg;
	simul_timeout patience;
	int r = simul_timeout_open(&patience, PATIENCE);

	return r < 0 ? r
		     : simul_timeout_close(&patience,
					   simul_process_wait(w->process));
}

/* It sees, or has seen, that there is nothing more to come, or is dead: wait
 * until it has gone, whether or not we are cancelled. */
static void let_go(struct worker *w, simul_exit *ret_how)
{
	const simul_exit *how;

	shutdown(w->socket, SHUT_RDWR);
	simul_shield(see_it_end, w);
	how = simul_process_exit(w->process);
	if (how && ret_how)
		*ret_how = *how;
	free_worker(w);
}

/* ---- One job */

struct job {
	struct smi_message message;
	const void *input;
	size_t size;
	int shared; /* a memory file with the input, or -1 */
};

/* It may take a while to copy it: not in the loop's thread. */
static int share_input(void *arg)
{
	struct job *job = arg;

	job->shared = smi_parcel_share(job->input, job->size);
	return job->shared < 0 ? job->shared : 0;
}

static int prepare(struct job *job)
{
	if (job->size <= SMI_MESSAGE_INLINE)
		return 0;
	job->message.shared = 1;
	return simul_to_thread(share_input, job);
}

static int send_job(const struct worker *w, const struct job *job)
{
	int r = 0, sent = -EAGAIN;

	while (r >= 0 && sent == -EAGAIN) {
		r = simul_wait_fd(w->socket, POLLOUT);
		if (r >= 0)
			sent = smi_message_send(w->socket, &job->message,
						job->input, job->shared,
						MSG_DONTWAIT);
	}
	return r < 0 ? r : sent;
}

static int receive_answer(const struct worker *w, struct smi_message *answer,
			  struct smi_parcel *bytes)
{
	int r = 0, received = -EAGAIN;

	while (r >= 0 && received == -EAGAIN) {
		r = simul_wait_fd(w->socket, POLLIN);
		if (r >= 0)
			received = smi_message_receive(w->socket, answer, bytes,
						       MSG_DONTWAIT);
	}
	return r < 0 ? r : received;
}

/* One that is idle, or else a new one; NULL and why there is none. */
static struct worker *find_worker(simul_process_pool *pool, int *ret_error)
{
	struct worker *w = pool->idle;

	if (!w)
		return start_worker(pool, ret_error);
	w->waited = true;
	pool->idle = w->next;
	return w;
}

static void put_back(simul_process_pool *pool, struct worker *w)
{
	if (++w->jobs == pool->options.max_jobs) {
		let_go(w, NULL);
		return;
	}
	w->next = pool->idle;
	pool->idle = w;
}

/* A worker that has died without having looked at the job has died of something
 * else, and the job is another's; unless it has never done anything: then the
 * next one would do no better. */
static bool died_before(const struct worker *w, int error)
{
	return w->waited && (error == -EPIPE || error == -ECONNRESET);
}

/* One attempt. 1: it is done; 0: the worker had died before. */
static int attempt(simul_process_pool *pool, const struct job *job,
		   struct smi_message *answer, struct smi_parcel *bytes,
		   simul_exit *ret_how)
{
	int r = -ENOMEM;
	struct worker *w = find_worker(pool, &r);

	if (!w)
		return r;
	r = send_job(w, job);
	if (r >= 0)
		r = receive_answer(w, answer, bytes);
	if (r > 0) {
		put_back(pool, w);
		return 1;
	}
	if (died_before(w, r)) {
		let_go(w, NULL);
		return 0;
	}
	if (r == 0 || r == -EPIPE || r == -ECONNRESET) {
		let_go(w, ret_how);
		return -SIMUL_EWORKER;
	}
	kill_worker(w);
	return r;
}

static int perform(simul_process_pool *pool, const struct job *job,
		   simul_work_result *ret_result)
{
	struct smi_message answer;
	struct smi_parcel bytes;
	simul_exit how = { 0 };
	int r;

	do
		r = attempt(pool, job, &answer, &bytes, &how);
	while (r == 0);
	if (r == -SIMUL_EWORKER)
		*ret_result = (simul_work_result){ .how = how };
	if (r < 0)
		return r;
	if (answer.number < 0)
		smi_parcel_done(&bytes);
	else
		*ret_result = (simul_work_result){ .data = bytes.data,
						   .size = bytes.size,
						   .mapped = bytes.mapped };
	return answer.number;
}

int simul_process_pool_call(simul_process_pool *pool, simul_work *work,
			    const void *input, size_t size,
			    simul_work_result *ret_result)
{
	struct job job = { .message = { .number = smi_work_number(work),
					.size = size },
			   .input = input,
			   .size = size,
			   .shared = -1 };
	int r;

	if (job.message.number < 0)
		return job.message.number;
	r = simul_semaphore_acquire(&pool->turns);
	if (r < 0)
		return r;
	r = prepare(&job);
	if (r >= 0)
		r = perform(pool, &job, ret_result);
	if (job.shared >= 0)
		smi_close_fd(job.shared);
	simul_semaphore_release(&pool->turns);
	return r;
}

void simul_work_result_done(simul_work_result *result)
{
	struct smi_parcel parcel = { result->data, result->size,
				     result->mapped };

	smi_parcel_done(&parcel);
	*result = (simul_work_result){ 0 };
}

/* ---- Its life */

static int start_all(simul_process_pool *pool)
{
	int r = -ENOMEM;

	for (size_t i = 0; i < pool->options.count; i++) {
		struct worker *w = start_worker(pool, &r);

		if (!w)
			return r;
		w->next = pool->idle;
		pool->idle = w;
	}
	return 0;
}

int simul_process_pool_open(const simul_process_pool_options *options,
			    simul_process_pool **ret_pool)
{
	simul_process_pool *pool;
	int r = smi_may_suspend();

	if (r < 0)
		return r;
	if (!smi_workers_are_known())
		return -EINVAL;
	pool = smi_alloc_zero(sizeof *pool);
	if (!pool)
		return -ENOMEM;
	if (options)
		pool->options = *options;
	if (!pool->options.count)
		pool->options.count = smi_core_count();
	pool->turns = (simul_semaphore){ .value = pool->options.count };
	r = start_all(pool);
	if (r < 0) {
		simul_process_pool_close(pool);
		return r;
	}
	*ret_pool = pool;
	return 0;
}

void simul_process_pool_close(simul_process_pool *pool)
{
	struct worker *w;

	if (!pool || !smi_current)
		return;
	/* All at once, so that they end side by side. */
	for (w = pool->idle; w; w = w->next)
		shutdown(w->socket, SHUT_RDWR);
	while ((w = pool->idle)) {
		pool->idle = w->next;
		let_go(w, NULL);
	}
	smi_free(pool);
}
