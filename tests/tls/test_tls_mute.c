/* SPDX-License-Identifier: MIT
 * tests/tls/test_tls_mute.c - what is written can't be encrypted for want of
 * memory: nobody may wait for the answer. */
#include <errno.h>

#include "base/alloc.h"
#include "tls/kinds.h"

static void refuse_memory(bool refuse)
{
	smi_alloc_probe->fail_from =
		refuse ? atomic_load(&smi_alloc_probe->calls) + 1 : 0;
	smi_alloc_probe->fail_count = 1000000;
}

static void fall_mute(void)
{
	static const char question[60000];

	CHECK_INT(simul_write(client, question, sizeof question), ==, 0);
	refuse_memory(true);
	CHECK_INT(simul_flush(client), ==, -ENOMEM);
	refuse_memory(false);
}

static void end_badly(void)
{
	CHECK_INT(simul_close(client), ==, -ENOMEM);
	CHECK_INT(read_one(server), <, 0);
	simul_abort(server);
	free_contexts();
}

TEST_VIRTUAL(who_waits_for_an_answer_is_told_that_nobody_heard_the_question)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t;

		begin(kind);
		t = simul_create_task(read_one, client);
		simul_sleep(1);
		fall_mute();
		CHECK_INT(simul_await(t), ==, -ENOMEM);
		CHECK_INT(read_one(client), ==, -ENOMEM);
		end_badly();
	}
}

TEST_VIRTUAL(what_had_come_is_read_before_that)
{
	for (int kind = 0; kind < KINDS; kind++) {
		begin(kind);
		say(server, "hello");
		CHECK_INT(simul_flush(server), ==, 0);
		fall_mute();
		check_hears(client, "hello");
		CHECK_INT(read_one(client), ==, -ENOMEM);
		end_badly();
	}
}

TEST_VIRTUAL(who_selects_is_told_that_nobody_heard_the_question)
{
	for (int kind = 0; kind < KINDS; kind++) {
		simul_task *t;

		begin(kind);
		t = simul_create_task(select_client, NULL);
		simul_sleep(1);
		CHECK(!simul_task_is_done(t));
		fall_mute();
		CHECK_INT(simul_await(t), ==, 0);
		CHECK_INT(read_one(client), ==, -ENOMEM);
		end_badly();
	}
}
