/* SPDX-License-Identifier: MIT
 * arch/overflow.c - say whose stack it was that overflowed. */
#include "arch/overflow.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

enum { STACK = 32768 };

static _Thread_local struct {
	int watchers;
	void *stack;
	smi_overflow_fn *whose;
} watch;

/* Only what is safe in a signal handler: no stdio. */
static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void say_number(size_t n)
{
	char digits[24], *p = digits + sizeof digits;

	*--p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	say(p);
}

/* SA_RESETHAND: the instruction is tried again, and this time the fault kills
 * the process in the ordinary way, core dump included. */
static void fault(int number, siginfo_t *info, void *context)
{
	size_t size = 0;
	const char *name =
		watch.whose ? watch.whose(info->si_addr, &size) : NULL;

	(void)number;
	(void)context;
	if (!name)
		return;
	say("simul: the stack of task '");
	say(name);
	say("' has overflowed: it has ");
	say_number(size);
	say(" bytes; give it more by .stack_size in its options, or "
	    "SIMUL_STACK_SIZE\n");
}

void smi_overflow_watch(smi_overflow_fn *whose)
{
	struct sigaction action = { .sa_sigaction = fault,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK |
						SA_RESETHAND };
	struct sigaction old;
	stack_t stack = { .ss_size = STACK };

	if (watch.watchers++ > 0)
		return;
	sigaction(SIGSEGV, NULL, &old);
	if (old.sa_handler != SIG_DFL)
		return;
	watch.stack = stack.ss_sp = smi_alloc(STACK);
	if (!watch.stack)
		return;
	watch.whose = whose;
	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, NULL);
}

void smi_overflow_unwatch(void)
{
	stack_t none = { .ss_flags = SS_DISABLE };
	struct sigaction action;

	if (--watch.watchers > 0 || !watch.stack)
		return;
	sigaction(SIGSEGV, NULL, &action);
	if (action.sa_sigaction == fault)
		signal(SIGSEGV, SIG_DFL);
	sigaltstack(&none, NULL);
	smi_free(watch.stack);
	watch.stack = NULL;
	watch.whose = NULL;
}
