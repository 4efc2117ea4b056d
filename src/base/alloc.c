/* SPDX-License-Identifier: MIT
 * base/alloc.c - the only caller of malloc. */
#include "base/alloc.h"

#include <stdlib.h>

#include <simul/memory.h>

struct smi_alloc_probe *smi_alloc_probe;

bool smi_alloc_refused(void)
{
	struct smi_alloc_probe *p = smi_alloc_probe;
	long call;

	if (!p)
		return false;
	call = atomic_fetch_add(&p->calls, 1) + 1;
	return p->fail_from && call >= p->fail_from &&
	       call < p->fail_from + p->fail_count;
}

static void *counted(void *block)
{
	if (block && smi_alloc_probe)
		atomic_fetch_add(&smi_alloc_probe->live, 1);
	return block;
}

void *smi_alloc(size_t size)
{
	return smi_alloc_refused() ? NULL : counted(malloc(size));
}

void *smi_alloc_zero(size_t size)
{
	return smi_alloc_refused() ? NULL : counted(calloc(1, size));
}

void *smi_resize(void *block, size_t size)
{
	void *moved;

	if (smi_alloc_refused())
		return NULL;
	moved = realloc(block, size);
	return block ? moved : counted(moved);
}

void smi_free(void *block)
{
	if (block && smi_alloc_probe)
		atomic_fetch_sub(&smi_alloc_probe->live, 1);
	free(block);
}

void simul_free(void *block)
{
	smi_free(block);
}
