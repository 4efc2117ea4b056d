/* SPDX-License-Identifier: MIT
 * arch/valgrind.c - tell valgrind which memory is a stack. */
#include "arch/valgrind.h"

#include <errno.h>

#include "base/alloc.h"
#include "config.h"

#if SMI_HAVE_VALGRIND

#include <valgrind/valgrind.h>

bool smi_on_valgrind(void)
{
	return RUNNING_ON_VALGRIND;
}

int smi_stack_notes_new(struct smi_stack_notes *notes, size_t count)
{
	if (!RUNNING_ON_VALGRIND)
		return 0;
	notes->ids = smi_alloc_zero(count * sizeof *notes->ids);
	return notes->ids ? 0 : -ENOMEM;
}

void smi_stack_notes_set(struct smi_stack_notes *notes, size_t i, char *bottom,
			 size_t size)
{
	if (notes->ids)
		notes->ids[i] = VALGRIND_STACK_REGISTER(bottom, bottom + size);
}

void smi_stack_notes_done(struct smi_stack_notes *notes, size_t count)
{
	for (size_t i = 0; notes->ids && i < count; i++)
		VALGRIND_STACK_DEREGISTER(notes->ids[i]);
	smi_free(notes->ids);
}

#else

bool smi_on_valgrind(void)
{
	return false;
}

int smi_stack_notes_new(struct smi_stack_notes *notes, size_t count)
{
	(void)count;
	notes->ids = NULL;
	return 0;
}

void smi_stack_notes_set(struct smi_stack_notes *notes, size_t i, char *bottom,
			 size_t size)
{
	(void)notes;
	(void)i;
	(void)bottom;
	(void)size;
}

void smi_stack_notes_done(struct smi_stack_notes *notes, size_t count)
{
	(void)notes;
	(void)count;
}

#endif
