/* SPDX-License-Identifier: MIT
 * tests/loop/test_mailbox.c - how other threads reach a loop. */
#include "loops.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static struct smi_mailbox box;

struct numbered {
	struct smi_letter letter;
	int sender, number;
};

static int last_of[8], delivered;

static void deliver_in_order(struct smi_letter *letter)
{
	struct numbered *my = (struct numbered *)letter;

	CHECK_INT(my->number, ==, last_of[my->sender] + 1);
	last_of[my->sender] = my->number;
	delivered++;
}

static void make(struct numbered *n, int sender, int number)
{
	*n = (struct numbered){ { .deliver = deliver_in_order },
				sender,
				number };
}

static bool is_awake(void)
{
	struct pollfd p = { .fd = box.wake_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void forget_wakes(void)
{
	uint64_t count;

	CHECK_INT(read(box.wake_fd, &count, sizeof count), ==, sizeof count);
}

TEST(letters_are_delivered_in_the_order_in_which_they_were_posted)
{
	static struct numbered letters[100];

	CHECK_INT(smi_mailbox_init(&box), ==, 0);
	CHECK(!smi_mailbox_deliver(&box));
	for (int i = 0; i < 100; i++) {
		make(&letters[i], 0, i + 1);
		CHECK_INT(smi_mailbox_post(&box, &letters[i].letter), ==, 0);
	}
	CHECK_INT(delivered, ==, 0);
	CHECK(smi_mailbox_deliver(&box));
	CHECK_INT(delivered, ==, 100);
	CHECK(!smi_mailbox_deliver(&box));
	smi_mailbox_done(&box);
}

TEST(the_first_letter_of_many_wakes_the_loop)
{
	struct numbered letters[3];

	CHECK_INT(smi_mailbox_init(&box), ==, 0);
	CHECK(!is_awake());
	for (int i = 0; i < 3; i++)
		make(&letters[i], 0, i + 1);
	smi_mailbox_post(&box, &letters[0].letter);
	CHECK(is_awake());
	forget_wakes();
	smi_mailbox_post(&box, &letters[1].letter);
	CHECK(!is_awake());
	smi_mailbox_deliver(&box);
	smi_mailbox_post(&box, &letters[2].letter);
	CHECK(is_awake());
	forget_wakes();
	smi_mailbox_deliver(&box);
	smi_mailbox_wake(&box);
	CHECK(is_awake());
	smi_mailbox_done(&box);
}

TEST(a_closed_mailbox_delivers_what_it_has_and_takes_only_answers)
{
	struct numbered a, b, c;

	CHECK_INT(smi_mailbox_init(&box), ==, 0);
	make(&a, 0, 1);
	make(&b, 0, 2);
	make(&c, 0, 2);
	smi_mailbox_post(&box, &a.letter);
	smi_mailbox_close(&box);
	CHECK_INT(delivered, ==, 1);
	CHECK_INT(smi_mailbox_post(&box, &b.letter), ==, -ESHUTDOWN);
	CHECK(!smi_mailbox_deliver(&box));
	forget_wakes();
	smi_mailbox_answer(&box, &c.letter);
	CHECK(is_awake());
	CHECK_INT(smi_mailbox_post(&box, &b.letter), ==, -ESHUTDOWN);
	CHECK(smi_mailbox_deliver(&box));
	CHECK_INT(delivered, ==, 2);
	smi_mailbox_close(&box);
	CHECK_INT(smi_mailbox_post(&box, &b.letter), ==, -ESHUTDOWN);
	smi_mailbox_done(&box);
}

static void posts_back(struct smi_letter *letter)
{
	delivered++;
	if (delivered < 3)
		CHECK_INT(smi_mailbox_post(&box, letter), ==, 0);
}

TEST(a_letter_posted_during_delivery_comes_with_the_next)
{
	struct smi_letter letter = { .deliver = posts_back };

	CHECK_INT(smi_mailbox_init(&box), ==, 0);
	smi_mailbox_post(&box, &letter);
	for (int i = 1; i <= 3; i++) {
		CHECK(smi_mailbox_deliver(&box));
		CHECK_INT(delivered, ==, i);
	}
	CHECK(!smi_mailbox_deliver(&box));
	smi_mailbox_done(&box);
}

/* ---- Threads */

enum { SENDERS = 4, EACH = 20000 };

static struct numbered *sent[SENDERS];

static void *send_all(void *arg)
{
	int sender = (int)((struct numbered **)arg - sent);

	for (int i = 0; i < EACH; i++) {
		make(&sent[sender][i], sender, i + 1);
		CHECK_INT(smi_mailbox_post(&box, &sent[sender][i].letter), ==,
			  0);
	}
	return NULL;
}

TEST(nothing_is_lost_between_many_threads_and_each_keeps_its_order)
{
	pthread_t threads[SENDERS];

	CHECK_INT(smi_mailbox_init(&box), ==, 0);
	for (int i = 0; i < SENDERS; i++) {
		sent[i] = malloc(EACH * sizeof *sent[i]);
		pthread_create(&threads[i], NULL, send_all, &sent[i]);
	}
	while (delivered < SENDERS * EACH) {
		struct pollfd p = { .fd = box.wake_fd, .events = POLLIN };

		/* Sleeping until woken, as a loop does: no wake-up is lost. */
		CHECK_INT(poll(&p, 1, 15000), ==, 1);
		forget_wakes();
		smi_mailbox_deliver(&box);
	}
	for (int i = 0; i < SENDERS; i++) {
		pthread_join(threads[i], NULL);
		free(sent[i]);
	}
	smi_mailbox_done(&box);
}

static void *wake_often(void *arg)
{
	struct smi_loop *l = arg;

	for (int i = 0; i < 200; i++) {
		usleep(50);
		smi_mailbox_wake(&l->mailbox);
	}
	l->holds--;
	smi_mailbox_wake(&l->mailbox);
	return NULL;
}

TEST_BOTH(a_loop_that_waits_is_woken_by_threads)
{
	pthread_t thread;
	int turns = 0, r;

	loop.holds++;
	pthread_create(&thread, NULL, wake_often, &loop);
	while ((r = smi_loop_turn(&loop, true)) == 0)
		turns++;
	CHECK_INT(r, ==, -EDEADLK);
	CHECK_INT(turns, >, 1);
	pthread_join(thread, NULL);
}
