/* SPDX-License-Identifier: MIT
 * chess.c - the exhibition: one master, 24 opponents, two ways to play.
 *
 * The master needs 5 seconds for a move, an opponent 55, a game is 30 pairs of
 * moves. Game after game she needs 24 * 30 * (5 + 55) seconds, twelve hours.
 * From board to board, never waiting, 24 * 30 * 5, one hour: nobody plays
 * faster, but nobody waits idle. Both exhibitions are played on the virtual
 * clock, where hours take no time.
 *
 *	async def game(master):
 *	    for _ in range(30):
 *	        async with master:
 *	            await asyncio.sleep(5)
 *	        await asyncio.sleep(55)
 *
 *	master = asyncio.Lock()
 *	await asyncio.gather(*(game(master) for _ in range(24)))
 *
 * Run it: chess */
#include <simul.h>
#include <stdio.h>

enum { BOARDS = 24, PAIRS = 30, MASTER_SECONDS = 5, OPPONENT_SECONDS = 55 };

/* She is at one board at a time, and boards get her in order of asking. */
struct master {
	simul_lock lock;
	double last_move; /* when it was */
};

static int master_move(struct master *master)
{
	int r = simul_lock_acquire(&master->lock);

	if (r < 0)
		return r;
	r = simul_sleep(MASTER_SECONDS);
	master->last_move = simul_now();
	simul_lock_release(&master->lock);
	return r;
}

static int game(void *arg)
{
	int r = 0;

	for (int pair = 0; pair < PAIRS && r >= 0; pair++) {
		r = master_move(arg);
		if (r >= 0)
			r = simul_sleep(OPPONENT_SECONDS);
	}
	return r;
}

static int play_one_by_one(struct master *master)
{
	int r = 0;

	for (int board = 0; board < BOARDS && r >= 0; board++)
		r = game(master);
	return r;
}

static int play_at_once(struct master *master)
{
	simul_task *games[BOARDS];

	for (int board = 0; board < BOARDS; board++)
		games[board] = simul_create_task(game, master);
	return simul_gather(games, BOARDS, NULL);
}

static void print_duration(double seconds)
{
	int s = (int)(seconds + 0.5);

	printf("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

static int amain(void *arg)
{
	struct master master = { 0 };
	double start = simul_now();
	int r = play_one_by_one(&master);

	if (r < 0)
		return r;
	printf("Synchronous version: ");
	print_duration(simul_now() - start);

	start = simul_now();
	r = play_at_once(&master);
	if (r < 0)
		return r;
	printf("\nAsynchronous version: ");
	print_duration(master.last_move - start);
	printf(" (and ");
	print_duration(simul_now() - master.last_move);
	puts(" for the last reply)");
	return 0;
}

int main(void)
{
	const simul_options options = { .virtual_clock = true };
	int r = simul_run_with(&options, amain, NULL);

	if (r < 0)
		fprintf(stderr, "chess: %s\n", simul_strerror(r));
	return r < 0;
}
