/* SPDX-License-Identifier: MIT
 * queued.c - a queue whose consumers end on a sentinel.
 *
 * The producer knows when there will be no more users, so it puts a NULL for
 * each consumer: whoever gets one goes home.
 *
 *	async def producer(queue, user_ids):
 *	    await asyncio.gather(*(fetch_user(uid) for uid in user_ids))
 *	    for _ in range(len(user_ids)):
 *	        await queue.put(None)
 *
 *	async def consumer(queue):
 *	    while True:
 *	        user = await queue.get()
 *	        if user is None:
 *	            break
 *	        ...
 *
 * Run it: queued */
#include <simul.h>
#include <stdio.h>

#include "python_random.h"

enum { USERS = 3 };

struct user {
	int id;
	char name[16];
};

struct fetch_user {
	simul_queue *queue;
	struct user *user;
};

static int fetch_user(void *arg)
{
	const struct fetch_user *my = arg;
	double delay = random_uniform(0.5, 2.0);
	int r;

	printf("Producer: fetching user by user_id=%d...\n", my->user->id);
	r = simul_sleep(delay);
	if (r < 0)
		return r;
	snprintf(my->user->name, sizeof(my->user->name), "User%d",
		 my->user->id);
	printf("Producer: fetched user with user_id=%d (done in %.1fs)\n",
	       my->user->id, delay);
	return simul_queue_put(my->queue, my->user);
}

struct producer {
	simul_queue *queue;
	struct user *users;
};

static int producer(void *arg)
{
	const struct producer *my = arg;
	simul_task *t[USERS];
	int r;

	for (int i = 0; i < USERS; i++)
		t[i] = simul_go(fetch_user, .queue = my->queue,
				.user = &my->users[i]);
	r = simul_gather(t, USERS, NULL);
	for (int i = 0; i < USERS && r >= 0; i++)
		r = simul_queue_put(my->queue, NULL);
	return r;
}

struct consumer {
	simul_queue *queue;
};

static int consumer(void *arg)
{
	const struct consumer *my = arg;
	void *got;
	int r;

	while ((r = simul_queue_get(my->queue, &got)) >= 0 && got) {
		const struct user *user = got;
		double delay = random_uniform(0.5, 2.0);

		printf("Consumer: retrieving posts for %s...\n", user->name);
		r = simul_sleep(delay);
		if (r < 0)
			break;
		printf("Consumer: got 2 posts by %s (done in %.1fs):\n",
		       user->name, delay);
		for (int i = 1; i <= 2; i++)
			printf("  - Post %d by %s\n", i, user->name);
	}
	return r;
}

static int amain(void *arg)
{
	double start = simul_now();
	struct user users[USERS] = { { .id = 1 }, { .id = 2 }, { .id = 3 } };
	simul_queue queue = { 0 };
	simul_task *t[1 + USERS];
	int r;

	t[0] = simul_go(producer, .queue = &queue, .users = users);
	for (int i = 1; i <= USERS; i++)
		t[i] = simul_go(consumer, .queue = &queue);
	r = simul_gather(t, 1 + USERS, NULL);
	simul_queue_done(&queue);
	if (r < 0)
		return r;
	printf("\n==> Total time: %.2f seconds\n", simul_now() - start);
	return 0;
}

int main(void)
{
	int r;

	random_seed(444);
	r = simul_run(amain, NULL);
	if (r < 0)
		fprintf(stderr, "queued: %s\n", simul_strerror(r));
	return r < 0;
}
