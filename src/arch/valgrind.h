/* SPDX-License-Identifier: MIT
 * arch/valgrind.h - tell valgrind which memory is a stack.
 *
 * Otherwise it would take every switch for a huge change of one stack. Costs
 * nothing when not run under valgrind. */
#ifndef SMI_ARCH_VALGRIND_H
#define SMI_ARCH_VALGRIND_H

#include <stdbool.h>
#include <stddef.h>

/* Are we run by valgrind, which does not know the newest system calls? */
bool smi_on_valgrind(void);

/* The names that valgrind has given to the stacks of a slab; NULL if it does
 * not watch. */
struct smi_stack_notes {
	unsigned *ids;
};

/* Make room for count names. 0 or -ENOMEM. */
int smi_stack_notes_new(struct smi_stack_notes *notes, size_t count);

/* Memory from bottom on is the i-th stack. */
void smi_stack_notes_set(struct smi_stack_notes *notes, size_t i, char *bottom,
			 size_t size);

/* The first count of them are no stacks any more. */
void smi_stack_notes_done(struct smi_stack_notes *notes, size_t count);

#endif /* SMI_ARCH_VALGRIND_H */
