/* SPDX-License-Identifier: MIT
 * redis.c - other people's libraries: hiredis, and workers at a queue.
 *
 * Three workers wait for jobs in a list of Redis (BLPOP), each on a connection
 * of its own, while a fourth task puts jobs there (RPUSH). hiredis knows how to
 * speak; simul_wait_fd waits, and lets the others run.
 *
 * Run it: redis [SOCKET], where SOCKET is the path of Redis's Unix socket */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <hiredis/hiredis.h>
#include <simul.h>

enum { WORKERS = 3, JOBS = 10 };

/* ---- hiredis in a task */

static int failed(const char *why)
{
	fprintf(stderr, "redis: %s\n", why);
	return -EIO;
}

/* It is to be given to redisFree, also after an error. */
static int open_redis(const char *path, redisContext **ret_redis)
{
	redisContext *redis = redisConnectUnixNonBlock(path);

	*ret_redis = redis;
	if (!redis)
		return -ENOMEM;
	return redis->err ? failed(redis->errstr) : 0;
}

static int send_all(redisContext *redis)
{
	int done = 0, r = 0;

	while (r >= 0 && !done) {
		r = simul_wait_fd(redis->fd, POLLOUT);
		if (r >= 0 && redisBufferWrite(redis, &done) != REDIS_OK)
			r = failed(redis->errstr);
	}
	return r;
}

static int receive(redisContext *redis, redisReply **ret_reply)
{
	void *reply = NULL;
	int r = 0;

	while (r >= 0 && !reply) {
		r = simul_wait_fd(redis->fd, POLLIN);
		if (r >= 0 &&
		    (redisBufferRead(redis) != REDIS_OK ||
		     redisGetReplyFromReader(redis, &reply) != REDIS_OK))
			r = failed(redis->errstr);
	}
	if (r >= 0)
		*ret_reply = reply;
	return r;
}

/* redisCommand: *ret_reply is to be given to freeReplyObject. */
static int command(redisContext *redis, redisReply **ret_reply,
		   const char *format, ...)
{
	redisReply *reply;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = redisvAppendCommand(redis, format, arguments);
	va_end(arguments);
	if (r != REDIS_OK)
		return failed(redis->errstr);
	r = send_all(redis);
	if (r >= 0)
		r = receive(redis, &reply);
	if (r < 0)
		return r;
	if (reply->type == REDIS_REPLY_ERROR) {
		r = failed(reply->str);
		freeReplyObject(reply);
		return r;
	}
	*ret_reply = reply;
	return 0;
}

/* ---- The example */

/* Get a job, a number; 0 is none: there will be no more. */
static int next_job(redisContext *redis)
{
	redisReply *reply;
	int job, r = command(redis, &reply, "BLPOP jobs 0");

	if (r < 0)
		return r;
	job = reply->elements == 2 ? atoi(reply->element[1]->str) : -EPROTO;
	freeReplyObject(reply);
	return job;
}

static int add(redisContext *redis, int amount)
{
	redisReply *reply;
	int r = command(redis, &reply, "INCRBY sum %d", amount);

	if (r >= 0)
		freeReplyObject(reply);
	return r;
}

static int work(void *path)
{
	redisContext *redis;
	int job = 0, r = open_redis(path, &redis);

	while (r >= 0 && (job = next_job(redis)) > 0)
		r = add(redis, job * job);
	redisFree(redis);
	return r < 0 ? r : job;
}

static int put_jobs(void *path)
{
	redisContext *redis;
	redisReply *reply;
	int r = open_redis(path, &redis);

	for (int i = 1; i <= JOBS + WORKERS && r >= 0; i++) {
		r = command(redis, &reply, "RPUSH jobs %d", i <= JOBS ? i : 0);
		if (r >= 0)
			freeReplyObject(reply);
	}
	redisFree(redis);
	return r;
}

static int print_sum(const char *path)
{
	redisContext *redis;
	redisReply *reply;
	int r = open_redis(path, &redis);

	if (r >= 0)
		r = command(redis, &reply, "GETDEL sum");
	if (r >= 0) {
		printf("the squares of 1 to %d add up to %s\n", JOBS,
		       reply->str);
		freeReplyObject(reply);
	}
	redisFree(redis);
	return r;
}

static int amain(void *arg)
{
	static char usual[] = "/run/redis/redis.sock";
	char *path = arg ? arg : usual;
	simul_task *t[WORKERS + 1];
	int r;

	for (int i = 0; i < WORKERS; i++)
		t[i] = simul_create_task(work, path);
	t[WORKERS] = simul_create_task(put_jobs, path);
	r = simul_gather(t, WORKERS + 1, NULL);
	return r < 0 ? r : print_sum(path);
}

int main(int argc, char **argv)
{
	int r = simul_run(amain, argc > 1 ? argv[1] : NULL);

	if (r < 0 && r != -EIO)
		fprintf(stderr, "redis: %s\n", simul_strerror(r));
	return r < 0;
}
