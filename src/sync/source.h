/* SPDX-License-Identifier: MIT
 * sync/source.h - what simul_select must know of things that it knows nothing
 * of: streams. */
#ifndef SMI_SYNC_SOURCE_H
#define SMI_SYNC_SOURCE_H

#include <simul/sync.h>

struct smi_source;

struct smi_source_ops {
	/* 0 if it is ready, or its own error; -EAGAIN: not yet. */
	int (*look)(struct smi_source *source);

	/* Somebody begins to watch, and joins the watchers, who are woken when
	 * they should look again, perhaps for nothing. -EAGAIN: that is all,
	 * and unwatch is to be called. Or a descriptor: they should also look
	 * when it is readable, which nobody tells them. Or an error. */
	int (*watch)(struct smi_source *source);
	void (*unwatch)(struct smi_source *source);
};

struct smi_source {
	const struct smi_source_ops *ops;
	struct simul_waiters watchers;
};

#endif /* SMI_SYNC_SOURCE_H */
