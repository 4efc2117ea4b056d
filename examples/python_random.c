/* SPDX-License-Identifier: MIT
 * python_random.c - the numbers that Python's random module draws.
 *
 * The Mersenne Twister MT19937 of Matsumoto and Nishimura, used the way
 * CPython uses it: what matters for equal numbers is how a seed fills the
 * state, and how many outputs each kind of number consumes. */
#include "python_random.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

enum { N = 624, M = 397 };

static uint32_t state[N];
static int used; /* words of state that were handed out */
static bool seeded;

static void init_genrand(uint32_t seed)
{
	state[0] = seed;
	for (uint32_t i = 1; i < N; i++)
		state[i] =
			1812433253u * (state[i - 1] ^ state[i - 1] >> 30) + i;
}

/* Each pass over the state stirs it in a ring: the last word counts as the one
 * before the first. */
static int next_index(int i)
{
	if (++i < N)
		return i;
	state[0] = state[N - 1];
	return 1;
}

static void init_by_array(const uint32_t *key, int length)
{
	int i = 1;

	init_genrand(19650218);
	for (int k = 0, j = 0; k < N; k++) {
		state[i] ^= (state[i - 1] ^ state[i - 1] >> 30) * 1664525u;
		state[i] += key[j] + (uint32_t)j;
		i = next_index(i);
		j = (j + 1) % length;
	}
	for (int k = 1; k < N; k++) {
		state[i] ^= (state[i - 1] ^ state[i - 1] >> 30) * 1566083941u;
		state[i] -= (uint32_t)i;
		i = next_index(i);
	}
	state[0] = 0x80000000;
}

void random_seed(uint64_t seed)
{
	uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) };

	init_by_array(key, key[1] ? 2 : 1);
	used = N;
	seeded = true;
}

static void refill(void)
{
	for (int i = 0; i < N; i++) {
		uint32_t y = (state[i] & 0x80000000) |
			     (state[(i + 1) % N] & 0x7fffffff);

		state[i] =
			state[(i + M) % N] ^ y >> 1 ^ (y & 1 ? 0x9908b0df : 0);
	}
	used = 0;
}

static uint32_t next_word(void)
{
	uint32_t y;

	if (!seeded)
		random_seed(0);
	if (used == N)
		refill();
	y = state[used++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680;
	y ^= y << 15 & 0xefc60000;
	return y ^ y >> 18;
}

/* The top bits of one output; of two, lower half first, if one is too short. */
static uint64_t getrandbits(int bits)
{
	uint64_t low;

	if (bits <= 32)
		return next_word() >> (32 - bits);
	low = next_word();
	return (uint64_t)(next_word() >> (64 - bits)) << 32 | low;
}

static uint64_t randbelow(uint64_t n)
{
	int bits = 0;
	uint64_t r;

	while (n >> bits)
		bits++;
	do
		r = getrandbits(bits);
	while (r >= n);
	return r;
}

int random_randint(int a, int b)
{
	assert(a <= b);
	return (int)(a + (int64_t)randbelow((uint64_t)((int64_t)b - a + 1)));
}

double random_random(void)
{
	uint32_t high = next_word() >> 5; /* 27 bits */
	uint32_t low = next_word() >> 6;  /* 26 bits */

	return (high * 67108864.0 + low) / 9007199254740992.0;
}

double random_uniform(double a, double b)
{
	return a + (b - a) * random_random();
}
