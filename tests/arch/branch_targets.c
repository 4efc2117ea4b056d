/* SPDX-License-Identifier: MIT
 * tests/arch/branch_targets.c - 64-bit Arm with branch target identification:
 * where the switch goes on must be a place that may be jumped to, else the
 * processor stops the program. It is enforced only where all of a program says
 * that it can stand it, which Debian's start-up files don't; so this one has
 * nothing but itself.
 */
#include "arch/switch_aarch64.h"

static _Alignas(16) char stack[16384];
static void *home_sp, *away_sp;
static int visits;

static void entry(void *arg)
{
	const int *step = arg;

	smi_switch_outermost();
	for (;;) {
		visits += *step;
		smi_switch(&away_sp, home_sp, (void *)0);
	}
}

static _Noreturn void leave(long status)
{
	enum { EXIT = 93 };
	register long x0 __asm__("x0") = status;
	register long x8 __asm__("x8") = EXIT;

	__asm__ volatile("svc 0" : : "r"(x0), "r"(x8));
	__builtin_unreachable();
}

_Noreturn void _start(void);
_Noreturn void _start(void)
{
	static int one = 1;

	away_sp = smi_switch_prepare(stack + sizeof stack, entry);
	for (int i = 0; i < 10; i++)
		smi_switch(&home_sp, away_sp, &one);
	leave(visits != 10);
}
