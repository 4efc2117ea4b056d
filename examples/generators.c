/* SPDX-License-Identifier: MIT
 * generators.c - coroutines that produce values one by one.
 *
 * Four generators, one idea each: one that suspends while it produces, a filter
 * over it, one that values are sent to, and one that yields what another
 * yields (which Python allows in ordinary generators only).
 *
 *	async def powers_of_two(stop=10):
 *	    exponent = 0
 *	    while exponent < stop:
 *	        yield 2**exponent
 *	        exponent += 1
 *	        await asyncio.sleep(0.2)
 *
 *	print([i async for i in powers_of_two(5)])
 *	print([j async for j in powers_of_two(5) if not (j // 3 % 5)])
 *
 * Run it: generators */
#include <simul.h>
#include <stdio.h>

struct powers_of_two {
	int stop;
};

static int powers_of_two(void *arg)
{
	const struct powers_of_two *my = arg;
	int r = 0;

	for (int exponent = 0; exponent < my->stop && r >= 0; exponent++) {
		int power = 1 << exponent;

		r = simul_yield_value(&power);
		if (r >= 0)
			r = simul_sleep(0.2);
	}
	return r;
}

static bool is_wanted(void *value, void *arg)
{
	const int *j = value;

	return *j / 3 % 5 == 0;
}

/* start += yield start, for ever */
struct add_up {
	int start;
};

static int add_up(void *arg)
{
	struct add_up *my = arg;
	void *sent;
	int r;

	while ((r = simul_yield_sent(&my->start, &sent)) >= 0)
		my->start += *(int *)sent;
	return r;
}

/* yield from powers_of_two(stop), twice */
struct twice {
	int stop;
};

static int twice(void *arg)
{
	const struct twice *my = arg;
	int r = 0;

	for (int i = 0; i < 2 && r >= 0; i++) {
		simul_generator *inner =
			simul_generate(powers_of_two, .stop = my->stop);

		r = simul_yield_from(inner);
		simul_generator_close(inner);
	}
	return r;
}

/* Print all that generator yields, and close it. */
static int print_all(simul_generator *generator)
{
	const char *before = "";
	void *value;
	int r;

	putchar('[');
	while ((r = simul_next(generator, &value)) > 0) {
		printf("%s%d", before, *(int *)value);
		before = ", ";
	}
	puts("]");
	simul_generator_close(generator);
	return r;
}

static int print_sums(void)
{
	static int numbers[] = { 1, 20, 300 };
	simul_generator *sums = simul_generate(add_up, .start = 4000);
	void *value;
	int r = simul_next(sums, &value);

	for (int i = 0; i < 3 && r > 0; i++) {
		printf("%d + %d", *(int *)value, numbers[i]);
		r = simul_send(sums, &numbers[i], &value);
		if (r > 0)
			printf(" = %d\n", *(int *)value);
	}
	simul_generator_close(sums);
	return r;
}

static int amain(void *arg)
{
	simul_generator *powers = simul_generate(powers_of_two, .stop = 5);
	int r = print_all(powers);

	if (r >= 0) {
		powers = simul_generate(powers_of_two, .stop = 5);
		r = print_all(simul_filter(powers, is_wanted, NULL));
	}
	if (r >= 0)
		r = print_sums();
	if (r >= 0)
		r = print_all(simul_generate(twice, .stop = 3));
	return r;
}

int main(void)
{
	int r = simul_run(amain, NULL);

	if (r < 0)
		fprintf(stderr, "generators: %s\n", simul_strerror(r));
	return r < 0;
}
