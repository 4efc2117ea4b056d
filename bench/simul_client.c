/* SPDX-License-Identifier: MIT
 * bench/simul_client.c - "client": 64 tasks that GET the same page again and
 * again through one session. What counts is the client's CPU time. */
#include "client.h"

#include <simul/gather.h>
#include <simul/http_client.h>
#include <simul/run.h>
#include <simul/task.h>

struct job {
	char url[64];
	simul_http_session *session;
	struct client_count count;
};

static int get(struct job *job)
{
	simul_http_response *response;
	size_t length;
	char *body;
	int r = simul_http_get(job->session, job->url, &response);

	if (r < 0)
		return r;
	r = simul_http_response_read_all(response, &body, &length);
	if (r >= 0 && !client_is_hello(simul_http_response_status(response),
				       body, length))
		r = -1;
	simul_http_response_close(response);
	return r;
}

static int get_all(void *arg)
{
	struct job *job = arg;
	int r = 0;

	while (r >= 0 && client_goes_on(&job->count)) {
		r = get(job);
		job->count.done++;
	}
	return r;
}

static int measure(void *arg)
{
	simul_task *tasks[CLIENTS];
	struct job *job = arg;
	int r = simul_http_session_open(NULL, &job->session);

	if (r < 0)
		return r;
	client_begin(&job->count);
	for (int i = 0; i < CLIENTS; i++)
		tasks[i] = simul_create_task(get_all, job);
	r = simul_gather(tasks, CLIENTS, NULL);
	simul_http_session_close(job->session);
	if (r >= 0)
		client_report(&job->count);
	return r;
}

int main(int argc, char **argv)
{
	struct job job = { 0 };

	snprintf(job.url, sizeof(job.url), "http://127.0.0.1:%ld/",
		 bench_number(argc, argv, 1, 7000));
	return bench_exit(simul_run(measure, &job));
}
