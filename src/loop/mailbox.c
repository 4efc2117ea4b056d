/* SPDX-License-Identifier: MIT
 * loop/mailbox.c - how other threads reach a loop. */
#include "loop/mailbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A letter's address is a multiple of four. OWED: whoever has posted will wake
 * the loop, but has not done so yet. */
static const uintptr_t CLOSED = 1, OWED = 2;

static struct smi_letter *letter_at(uintptr_t newest)
{
	return (struct smi_letter *)(newest & ~(CLOSED | OWED));
}

int smi_mailbox_init(struct smi_mailbox *m)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	atomic_init(&m->newest, 0);
	m->wake_fd = fd;
	return 0;
}

void smi_mailbox_wake(struct smi_mailbox *m)
{
	const uint64_t one = 1;
	int saved = errno;

	/* It can fail only if the counter is full, and then the loop has
	 * reason enough to wake. */
	if (write(m->wake_fd, &one, sizeof one) < 0)
		errno = saved;
}

/* Whoever found no letter, or a promise, has to wake the loop: nobody relies on
 * what others have promised. */
static int put(struct smi_mailbox *m, struct smi_letter *letter, bool answer,
	       bool later)
{
	uintptr_t newest = atomic_load(&m->newest), flags;
	bool asleep;

	do {
		if ((newest & CLOSED) && !answer)
			return -ESHUTDOWN;
		letter->next = letter_at(newest);
		asleep = !letter->next || (newest & OWED);
		flags = (newest & CLOSED) | (asleep && later ? OWED : 0);
	} while (!atomic_compare_exchange_weak(&m->newest, &newest,
					       (uintptr_t)letter | flags));
	return asleep;
}

int smi_mailbox_put(struct smi_mailbox *m, struct smi_letter *letter,
		    bool answer)
{
	return put(m, letter, answer, true);
}

int smi_mailbox_post(struct smi_mailbox *m, struct smi_letter *letter)
{
	int r = put(m, letter, false, false);

	if (r > 0)
		smi_mailbox_wake(m);
	return r < 0 ? r : 0;
}

void smi_mailbox_answer(struct smi_mailbox *m, struct smi_letter *letter)
{
	if (put(m, letter, true, false) > 0)
		smi_mailbox_wake(m);
}

/* From the newest to the oldest they are linked; they are called the other way
 * round. */
static bool call_all(struct smi_letter *newest)
{
	struct smi_letter *oldest = NULL, *letter;
	bool any = newest != NULL;

	while ((letter = newest)) {
		newest = letter->next;
		letter->next = oldest;
		oldest = letter;
	}
	while ((letter = oldest)) {
		oldest = letter->next;
		letter->deliver(letter);
	}
	return any;
}

bool smi_mailbox_has_some(const struct smi_mailbox *m)
{
	return letter_at(
		atomic_load_explicit(&m->newest, memory_order_relaxed));
}

bool smi_mailbox_deliver(struct smi_mailbox *m)
{
	if (!smi_mailbox_has_some(m))
		return false;
	return call_all(letter_at(atomic_fetch_and(&m->newest, CLOSED)));
}

bool smi_mailbox_is_closed(const struct smi_mailbox *m)
{
	return atomic_load_explicit(&m->newest, memory_order_relaxed) & CLOSED;
}

void smi_mailbox_close(struct smi_mailbox *m)
{
	atomic_fetch_or(&m->newest, CLOSED);
	smi_mailbox_deliver(m);
}

void smi_mailbox_done(struct smi_mailbox *m)
{
	close(m->wake_fd);
}
