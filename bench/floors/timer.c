/* SPDX-License-Identifier: MIT
 * bench/floors/timer.c - floor of "timer": set 64 and cancel them, with a
 * million others pending; in a hierarchical wheel or in a 4-ary heap. */
#include "../bench.h"

enum {
	PENDING = 1000000,
	BATCH = 64,
	TICK_BITS =
		20, /* a tick of the wheel is 2^20 ns, about a millisecond */
	LEVELS = 8,
	SLOTS = 64
};

#define SECOND 1000000000u

struct timer {
	uint64_t when;
	uint32_t slot; /* in the wheel, or place in the heap */
	struct timer *next, **link;
};

static struct timer *slots[LEVELS][SLOTS];
static uint64_t occupied[LEVELS];

struct entry {
	uint64_t when;
	struct timer *timer;
};

static struct entry *heap;
static uint32_t heap_count;

static inline void wheel_set(struct timer *timer)
{
	uint64_t tick = timer->when >> TICK_BITS;
	int level = tick < SLOTS ? 0 : (63 - __builtin_clzll(tick)) / 6;
	uint32_t slot = (tick >> (6 * level)) & (SLOTS - 1);
	struct timer **first = &slots[level][slot];

	timer->next = *first;
	if (*first)
		(*first)->link = &timer->next;
	*first = timer;
	timer->link = first;
	timer->slot = (uint32_t)level * SLOTS + slot;
	occupied[level] |= (uint64_t)1 << slot;
}

static inline void wheel_cancel(struct timer *timer)
{
	uint32_t level = timer->slot / SLOTS, slot = timer->slot % SLOTS;

	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	if (!slots[level][slot])
		occupied[level] &= ~((uint64_t)1 << slot);
}

static void place(uint32_t i, struct entry entry)
{
	heap[i] = entry;
	entry.timer->slot = i;
}

static void sift_up(uint32_t i, struct entry entry)
{
	while (i > 0 && heap[(i - 1) / 4].when > entry.when) {
		place(i, heap[(i - 1) / 4]);
		i = (i - 1) / 4;
	}
	place(i, entry);
}

static void sift_down(uint32_t i, struct entry entry)
{
	for (;;) {
		uint32_t child = 4 * i + 1, least = child;
		uint32_t end = child + 4 < heap_count ? child + 4 : heap_count;

		if (child >= heap_count)
			break;
		while (++child < end)
			if (heap[child].when < heap[least].when)
				least = child;
		if (heap[least].when >= entry.when)
			break;
		place(i, heap[least]);
		i = least;
	}
	place(i, entry);
}

static inline void heap_set(struct timer *timer)
{
	sift_up(heap_count++, (struct entry){ timer->when, timer });
}

static inline void heap_cancel(struct timer *timer)
{
	struct entry last = heap[--heap_count];
	uint32_t i = timer->slot;

	if (i == heap_count)
		return;
	if (i > 0 && last.when < heap[(i - 1) / 4].when)
		sift_up(i, last);
	else
		sift_down(i, last);
}

/* As in the other programs of this measure: the pending ones are due between
 * 1000 and 1060 s, those that come and go in the middle of that. */
static inline __attribute__((always_inline)) void
measure(void (*set)(struct timer *), void (*cancel)(struct timer *), long n)
{
	struct timer *pending = bench_alloc(PENDING * sizeof(*pending));
	struct timer timers[BATCH] = { 0 };
	long batches = n / BATCH;
	double start = 0;

	for (long i = 0; i < PENDING; i++) {
		pending[i].when =
			1000ull * SECOND + bench_random() % (60ull * SECOND);
		set(&pending[i]);
	}
	for (long i = -batches / 10 - 1; i < batches; i++) {
		if (i == 0)
			start = bench_now();
		for (int k = 0; k < BATCH; k++) {
			timers[k].when = 1030ull * SECOND;
			set(&timers[k]);
		}
		for (int k = 0; k < BATCH; k++)
			cancel(&timers[k]);
	}
	bench_report_each("timer", start, (double)(batches * BATCH), n);
	free(pending);
}

int main(int argc, char **argv)
{
	long n = bench_number(argc, argv, 2, 20000000);

	if (bench_word(argc, argv, 1, "wheel")) {
		measure(wheel_set, wheel_cancel, n);
	} else if (bench_word(argc, argv, 1, "heap")) {
		heap = bench_alloc((PENDING + BATCH) * sizeof(*heap));
		measure(heap_set, heap_cancel, n);
	} else {
		fprintf(stderr, "usage: %s wheel|heap [N]\n", argv[0]);
		return 2;
	}
	return 0;
}
