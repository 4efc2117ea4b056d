/* SPDX-License-Identifier: MIT
 * tests/net/test_names.c - what a loop keeps of the names that it has looked
 * up, and the names that it knows itself. */
#include "resolver.h"

#include <math.h>

#include <simul/error.h>
#include <simul/gather.h>
#include <simul/resolve.h>
#include <simul/task.h>
#include <simul/thread.h>

#include "sweep.h"
#include "test.h"

static int find(const char *host)
{
	simul_address a;

	return simul_resolve(host, 80, &a, 1);
}

/* ---- Kept */

TEST_VIRTUAL(a_name_is_looked_up_once_and_kept_for_ten_seconds)
{
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(find("ONE"), ==, 1);
	CHECK_INT(looked_up, ==, 1);
	simul_sleep(9.9);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(looked_up, ==, 1);
	simul_sleep(0.2);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

/* One may be found by the search list, the other is the root's. */
TEST_VIRTUAL(a_name_with_a_dot_at_its_end_is_another)
{
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(find("one."), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

TEST_VIRTUAL(each_port_is_told_with_what_was_kept)
{
	simul_address a[2];

	CHECK_INT(simul_resolve("two", 80, a, 2), ==, 2);
	CHECK_INT(simul_resolve("two", 81, a, 2), ==, 2);
	CHECK_INT(simul_address_port(&a[0]), ==, 81);
	CHECK_INT(simul_address_port(&a[1]), ==, 81);
	CHECK_INT(simul_resolve("two", 82, a, 1), ==, 1);
	CHECK_INT(simul_address_port(&a[0]), ==, 82);
	CHECK_INT(looked_up, ==, 1);
}

TEST_VIRTUAL(that_there_is_no_such_name_is_kept_for_a_second)
{
	CHECK_INT(find("nowhere"), ==, -SIMUL_ENONAME);
	CHECK_INT(find("nowhere"), ==, -SIMUL_ENONAME);
	CHECK_INT(looked_up, ==, 1);
	simul_sleep(1.1);
	CHECK_INT(find("nowhere"), ==, -SIMUL_ENONAME);
	CHECK_INT(looked_up, ==, 2);
}

TEST_VIRTUAL(what_could_not_be_found_out_is_asked_again)
{
	CHECK_INT(find("later"), ==, -SIMUL_ERESOLVE);
	CHECK_INT(find("later"), ==, -SIMUL_ERESOLVE);
	CHECK_INT(find("system"), ==, -EMFILE);
	CHECK_INT(find("system"), ==, -EMFILE);
	CHECK_INT(looked_up, ==, 4);
}

TEST_VIRTUAL(nothing_is_kept_if_that_is_wished)
{
	const simul_resolve_options none = { .seconds = -1, .negative = -1 };

	CHECK_INT(simul_resolve_set(&none), ==, 0);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(find("nowhere"), ==, -SIMUL_ENONAME);
	CHECK_INT(find("nowhere"), ==, -SIMUL_ENONAME);
	CHECK_INT(looked_up, ==, 4);
}

TEST_VIRTUAL(how_long_names_are_kept_can_be_set)
{
	const simul_resolve_options longer = { .seconds = 3600 };
	const simul_resolve_options wrong = { .seconds = (double)NAN };

	CHECK_INT(simul_resolve_set(&longer), ==, 0);
	CHECK_INT(simul_resolve_set(&wrong), ==, -EINVAL);
	CHECK_INT(find("one"), ==, 1);
	simul_sleep(3599);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(looked_up, ==, 1);
	CHECK_INT(simul_resolve_set(NULL), ==, 0);
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

TEST(outside_of_a_task_nothing_is_kept_nor_set)
{
	CHECK_INT(simul_resolve_set(NULL), ==, -EPERM);
	simul_resolve_forget();
}

TEST_VIRTUAL(what_is_kept_can_be_forgotten)
{
	CHECK_INT(find("one"), ==, 1);
	simul_resolve_forget();
	CHECK_INT(find("one"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

TEST_VIRTUAL(the_name_that_was_asked_for_longest_ago_makes_room)
{
	const simul_resolve_options few = { .names = 2 };

	CHECK_INT(simul_resolve_set(&few), ==, 0);
	CHECK_INT(find("a"), ==, 1);
	CHECK_INT(find("b"), ==, 1);
	CHECK_INT(find("a"), ==, 1);
	CHECK_INT(find("c"), ==, 1);
	CHECK_INT(looked_up, ==, 3);
	CHECK_INT(find("a"), ==, 1);
	CHECK_INT(find("c"), ==, 1);
	CHECK_INT(looked_up, ==, 3);
	CHECK_INT(find("b"), ==, 1);
	CHECK_INT(looked_up, ==, 4);
}

/* ---- Asked for at once */

static int find_slow(void *arg)
{
	return find("slow");
}

static void wait_until_begun(int n)
{
	while (looked_up < n)
		simul_sleep(0);
}

TEST_VIRTUAL(many_tasks_that_ask_for_a_name_at_once_cause_one_look_up)
{
	simul_task *t[100];

	for (int i = 0; i < 100; i++)
		t[i] = simul_create_task(find_slow, NULL);
	wait_until_begun(1);
	for (int i = 0; i < 50; i++)
		simul_cancel(t[2 * i]);
	for (int i = 0; i < 50; i++)
		CHECK_INT(simul_await(t[2 * i]), ==, -ECANCELED);
	may_end = true;
	for (int i = 0; i < 50; i++)
		CHECK_INT(simul_await(t[2 * i + 1]), ==, 1);
	CHECK_INT(looked_up, ==, 1);
}

TEST_VIRTUAL(what_a_look_up_finds_that_was_left_behind_is_kept)
{
	simul_task *t = simul_create_task(find_slow, NULL);

	wait_until_begun(1);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	/* One that is under way can be joined. */
	t = simul_create_task(find_slow, NULL);
	simul_sleep(0);
	may_end = true;
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(find("slow"), ==, 1);
	CHECK_INT(looked_up, ==, 1);
}

TEST_VIRTUAL(a_look_up_under_way_is_forgotten_by_all_but_who_waits_for_it)
{
	simul_task *t = simul_create_task(find_slow, NULL);

	wait_until_begun(1);
	simul_resolve_forget();
	may_end = true;
	CHECK_INT(simul_await(t), ==, 1);
	CHECK_INT(find("slow"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

static int find_slower(void *arg)
{
	return find("slower");
}

TEST_VIRTUAL(a_look_up_that_was_left_behind_may_be_what_makes_room)
{
	const simul_resolve_options few = { .names = 1 };
	simul_task *t, *other;

	CHECK_INT(simul_resolve_set(&few), ==, 0);
	t = simul_create_task(find_slow, NULL);
	wait_until_begun(1);
	other = simul_create_task(find_slower, NULL);
	wait_until_begun(2);
	simul_cancel(t);
	CHECK_INT(simul_await(t), ==, -ECANCELED);
	/* Its answer comes while there is one name too many. */
	may_end = true;
	while (given_back < 1)
		simul_sleep(0);
	usleep(20000);
	simul_sleep(0);
	simul_sleep(0);
	slower_may_end = true;
	CHECK_INT(simul_await(other), ==, 1);
	CHECK_INT(find("slower"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

static int find_one_of_many_slow(void *arg)
{
	const simul_resolve_options fresh = { .seconds = -1 };

	/* So that each asks anew. */
	CHECK_INT(simul_resolve_set(&fresh), ==, 0);
	return find("slow");
}

static int in_a_thread(void *arg)
{
	return 5;
}

TEST_VIRTUAL(slow_names_keep_neither_files_nor_threads_waiting)
{
	simul_task *t[30];

	for (int i = 0; i < 30; i++)
		t[i] = simul_create_task(find_one_of_many_slow, NULL);
	wait_until_begun(8);
	CHECK_INT(simul_to_thread(in_a_thread, NULL), ==, 5);
	CHECK_INT(looked_up, ==, 8);
	may_end = true;
	CHECK_INT(simul_gather(t, 30, NULL), ==, 0);
	CHECK_INT(looked_up, ==, 30);
}

/* ---- This machine */

static void check_localhost(const char *host)
{
	simul_address a[4];
	char text[SIMUL_ADDRESS_TEXT];
	int n = simul_resolve(host, 80, a, 4);

	CHECK(n == 1 || n == 2);
	simul_address_format(&a[n - 1], text, sizeof text);
	CHECK_STR(text, "127.0.0.1:80");
	simul_address_format(&a[0], text, sizeof text);
	CHECK_STR(text, n == 2 ? "[::1]:80" : "127.0.0.1:80");
	CHECK_INT(simul_resolve(host, 80, a, 1), ==, 1);
}

TEST_VIRTUAL(localhost_never_leaves_the_loop)
{
	check_localhost("localhost");
	check_localhost("LocalHost.");
	check_localhost("shop.localhost");
	check_localhost("a.b.localhost.");
	CHECK_INT(looked_up, ==, 0);
	CHECK_INT(find("notlocalhost"), ==, 1);
	CHECK_INT(find("localhost.example"), ==, 1);
	CHECK_INT(looked_up, ==, 2);
}

/* ---- The other way round */

static int reverse(const char *numbers, char *host, size_t room)
{
	simul_address a;

	CHECK_INT(simul_address_parse(numbers, 80, &a), ==, 0);
	return simul_resolve_reverse(&a, host, room);
}

TEST_VIRTUAL(an_address_has_a_name)
{
	char host[SIMUL_HOST_TEXT] = "as it was", small[5] = "was";
	simul_address a;

	CHECK_INT(reverse("127.0.0.1", host, sizeof host), ==, 0);
	CHECK_STR(host, "one.example");
	CHECK_INT(reverse("127.0.0.2", host, sizeof host), ==, -SIMUL_ENONAME);
	CHECK_STR(host, "one.example");
	CHECK_INT(reverse("127.0.0.1", small, sizeof small), ==, -ENOBUFS);
	CHECK_STR(small, "was");
	CHECK_INT(simul_address_unix("@x", &a), ==, 0);
	CHECK_INT(simul_resolve_reverse(&a, host, sizeof host), ==, -EINVAL);
}

static int reverse_slow(void *arg)
{
	char host[SIMUL_HOST_TEXT];

	return reverse("127.0.0.9", host, sizeof host);
}

TEST_VIRTUAL(a_reverse_look_up_that_is_cancelled_leaves_nothing_behind)
{
	simul_task *t[20];

	for (int i = 0; i < 20; i++)
		t[i] = simul_create_task(reverse_slow, NULL);
	wait_until_begun(1);
	for (int i = 0; i < 20; i++)
		simul_cancel(t[i]);
	CHECK_INT(simul_gather(t, 20, NULL), ==, -ECANCELED);
	may_end = true;
}

/* ---- Sweeps */

static int look_around(void *arg)
{
	char host[SIMUL_HOST_TEXT];
	simul_task *t[2];
	int r;

	may_end = true;
	simul_resolve_set(&(simul_resolve_options){ .names = 1 });
	t[0] = simul_create_task(find_slow, NULL);
	t[1] = simul_create_task(find_slow, NULL);
	r = simul_gather(t, 2, NULL);
	if (r >= 0)
		r = find("nowhere") == -SIMUL_ENONAME ? 0 : -ECANCELED;
	return r < 0 ? r : reverse("127.0.0.1", host, sizeof host);
}

static void run_look_around(void)
{
	run_virtual(look_around, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
}

TEST(names_survive_every_refused_allocation)
{
	sweep_allocations(run_look_around);
}

TEST(names_survive_a_cancellation_at_every_suspension)
{
	sweep_cancellations(look_around, 1, check_cancelled_or_done);
}
