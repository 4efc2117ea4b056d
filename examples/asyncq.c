/* SPDX-License-Identifier: MIT
 * asyncq.c - producers and consumers that meet at a queue.
 *
 * Nobody knows how many items there will be: the producers end when they have
 * put theirs, the consumers wait for more for ever. So main gathers the
 * producers, joins the queue (all that was put has been dealt with), and
 * cancels the consumers.
 *
 *	q = asyncio.Queue()
 *	producers = [create_task(produce(n, q)) for n in range(nprod)]
 *	consumers = [create_task(consume(n, q)) for n in range(ncon)]
 *	await asyncio.gather(*producers)
 *	await q.join()
 *	for c in consumers:
 *	    c.cancel()
 *
 * Run it: asyncq [-p producers] [-c consumers], by default 5 and 10 */
#include <errno.h>
#include <simul.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "python_random.h"

enum { ITEM_BYTES = 5, ITEM_SIZE = 2 * ITEM_BYTES + 1, MAX_TASKS = 1000000 };

static int makeitem(char *ret_item)
{
	unsigned char bytes[ITEM_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		return -errno;
	for (int i = 0; i < ITEM_BYTES; i++)
		snprintf(ret_item + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int randsleep(const char *caller, size_t name)
{
	int i = random_randint(1, 5);

	printf("%s %zu sleeping for %d seconds.\n", caller, name, i);
	return simul_sleep(i);
}

/* What is in the queue; whoever gets it frees it. */
struct entry {
	char item[ITEM_SIZE];
	double put_at;
};

static int put(simul_queue *q, const char *item)
{
	struct entry *entry = malloc(sizeof(*entry));
	int r;

	if (!entry)
		return -ENOMEM;
	strcpy(entry->item, item);
	entry->put_at = simul_now();
	r = simul_queue_put(q, entry);
	if (r < 0)
		free(entry);
	return r;
}

struct produce {
	size_t name;
	simul_queue *q;
};

static int produce(void *arg)
{
	const struct produce *my = arg;
	int r = 0;

	for (int n = random_randint(1, 5); n > 0 && r >= 0; n--) {
		char item[ITEM_SIZE];

		r = randsleep("Producer", my->name);
		if (r >= 0)
			r = makeitem(item);
		if (r >= 0)
			r = put(my->q, item);
		if (r >= 0)
			printf("Producer %zu added <%s> to queue.\n", my->name,
			       item);
	}
	return r;
}

struct consume {
	size_t name;
	simul_queue *q;
};

static int consume(void *arg)
{
	const struct consume *my = arg;

	for (;;) {
		void *got;
		struct entry *entry;
		int r = randsleep("Consumer", my->name);

		if (r >= 0)
			r = simul_queue_get(my->q, &got);
		if (r < 0)
			return r;
		entry = got;
		printf("Consumer %zu got element <%s> in %.5f seconds.\n",
		       my->name, entry->item, simul_now() - entry->put_at);
		free(entry);
		simul_queue_task_done(my->q);
	}
}

struct amain {
	size_t nprod;
	size_t ncon;
};

static int amain(void *arg)
{
	const struct amain *my = arg;
	double start = simul_now();
	simul_task **t = calloc(my->nprod + my->ncon, sizeof(*t));
	simul_task **producers = t, **consumers = t + my->nprod;
	simul_queue q = { 0 };
	int r;

	if (!t)
		return -ENOMEM;
	for (size_t n = 0; n < my->nprod; n++)
		producers[n] = simul_go(produce, .name = n, .q = &q);
	for (size_t n = 0; n < my->ncon; n++)
		consumers[n] = simul_go(consume, .name = n, .q = &q);

	r = simul_gather(producers, my->nprod, NULL);
	if (r >= 0)
		r = simul_queue_join(&q);

	/* The consumers use q, which is in our frame: they must have ended
	 * before we return. */
	for (size_t n = 0; n < my->ncon; n++)
		simul_cancel(consumers[n]);
	simul_gather(consumers, my->ncon, NULL);
	simul_queue_shutdown_now(&q, free);
	simul_queue_done(&q);
	free(t);

	if (r >= 0)
		printf("Program completed in %.5f seconds.\n",
		       simul_now() - start);
	return r;
}

static void usage(void)
{
	fprintf(stderr, "usage: asyncq [-p producers] [-c consumers]\n");
	exit(2);
}

static size_t parse_count(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (end == text || *end || errno || n < 1 || n > MAX_TASKS) {
		fprintf(stderr, "asyncq: not a number from 1 to %d: '%s'\n",
			MAX_TASKS, text);
		usage();
	}
	return (size_t)n;
}

int main(int argc, char **argv)
{
	struct amain my = { .nprod = 5, .ncon = 10 };
	int option, r;

	while ((option = getopt(argc, argv, "p:c:")) != -1) {
		if (option == 'p')
			my.nprod = parse_count(optarg);
		else if (option == 'c')
			my.ncon = parse_count(optarg);
		else
			usage();
	}
	if (optind < argc)
		usage();
	random_seed(444);
	r = simul_run(amain, &my);
	if (r < 0)
		fprintf(stderr, "asyncq: %s\n", simul_strerror(r));
	return r < 0;
}
