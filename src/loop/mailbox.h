/* SPDX-License-Identifier: MIT
 * loop/mailbox.h - how other threads reach a loop.
 *
 * Any thread may post; the loop takes all letters at once. Letters are called
 * in the order in which they were posted. Posting never waits and never
 * allocates: the letter is the sender's memory until it is called.
 */
#ifndef SMI_LOOP_MAILBOX_H
#define SMI_LOOP_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct smi_letter {
	struct smi_letter *next;
	void (*deliver)(struct smi_letter *letter); /* in the loop's thread */
};

struct smi_mailbox {
	atomic_uintptr_t newest; /* its address, and flags */
	int wake_fd; /* an eventfd; each write is a wake-up, and nobody reads */
};

/* 0 or a negative error. */
int smi_mailbox_init(struct smi_mailbox *m);

/* Post a letter and wake the loop. -ESHUTDOWN once the mailbox is closed; then
 * the letter will not be called. From any thread. */
int smi_mailbox_post(struct smi_mailbox *m, struct smi_letter *letter);

/* Post a letter that the loop waits for: it is never refused. */
void smi_mailbox_answer(struct smi_mailbox *m, struct smi_letter *letter);

/* Either of them, but don't wake the loop yet: 1 if whoever called this must do
 * so soon by smi_mailbox_wake, 0 if it need not, or -ESHUTDOWN. Others who post
 * meanwhile don't wait for that. */
int smi_mailbox_put(struct smi_mailbox *m, struct smi_letter *letter,
		    bool answer);

/* Wake the loop for no other reason. Safe in a signal handler. */
void smi_mailbox_wake(struct smi_mailbox *m);

/* Are there letters? In the loop's thread. */
bool smi_mailbox_has_some(const struct smi_mailbox *m);

/* Call all letters; true if there were any. In the loop's thread. */
bool smi_mailbox_deliver(struct smi_mailbox *m);

/* Has it been closed? In the loop's thread. */
bool smi_mailbox_is_closed(const struct smi_mailbox *m);

/* Take only answers from now on, but call what had been posted. */
void smi_mailbox_close(struct smi_mailbox *m);

/* Free what it holds, when no thread can post any more. */
void smi_mailbox_done(struct smi_mailbox *m);

#endif /* SMI_LOOP_MAILBOX_H */
