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

	/* Somebody begins to watch. Returns the descriptor that will be
	 * readable when it is ready, or -EAGAIN: the watchers will be woken,
	 * perhaps for nothing, and unwatch is to be called; or an error. */
	int (*watch)(struct smi_source *source);
	void (*unwatch)(struct smi_source *source);
};

struct smi_source {
	const struct smi_source_ops *ops;
	struct simul_waiters watchers;
};

#endif /* SMI_SYNC_SOURCE_H */
