/* SPDX-License-Identifier: MIT
 * simul/temporary.h - files and directories that go away by themselves.
 *
 * They lie in the directory that is asked for; NULL is the one that TMPDIR
 * names in the environment, or else /tmp. Nobody else may read or write them,
 * and programs that are started don't inherit them.
 *
 * A file is a stream (simul/file.h), open for reading and writing.
 */
#ifndef SIMUL_TEMPORARY_H
#define SIMUL_TEMPORARY_H

#include <stddef.h>

#include <simul/export.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make a file without a name, which is gone when it is closed, or when the
 * program ends, however it does.
 * Suspends: always. Cancelled: there is none. */
SIMUL_API int simul_temporary_file(const char *directory,
				   simul_stream **ret_stream);

/* Make a file with a name, which begins with prefix and ends with suffix (NULL
 * is none) and has something between them that nobody guesses. It is removed
 * when the stream is closed; if the program ends before, it stays. *ret_path is
 * the stream's, and good until then.
 * Suspends: always. Cancelled: there is none. */
SIMUL_API int simul_temporary_named_file(const char *directory,
					 const char *prefix, const char *suffix,
					 simul_stream **ret_stream,
					 const char **ret_path);

/* Make a file that is kept in memory as long as it has no more than limit
 * bytes, and then moves to a temporary file by itself. It is for one task at a
 * time: -EBUSY where two would write at once, and so for what they had written
 * to its stream.
 * Suspends: perhaps. Cancelled: there is none. */
SIMUL_API int simul_spooled_file(const char *directory, size_t limit,
				 simul_stream **ret_stream);

/* ---- Directories */

typedef struct simul_temporary_directory simul_temporary_directory;

/* Make an empty directory. If the program ends before it is closed, it stays.
 * Suspends: always. Cancelled: there is none. */
SIMUL_API int
simul_temporary_directory_open(const char *directory, const char *prefix,
			       simul_temporary_directory **ret_temporary);

/* Its path, good until it is closed.
 * Suspends: never. */
SIMUL_API const char *
simul_temporary_directory_path(const simul_temporary_directory *temporary);

/* Remove it and all that is in it, as simul_remove_tree does. It is closed in
 * any case; the result says whether all of it is gone. NULL is 0.
 * Suspends: always, and cancellation does not cut it short. */
SIMUL_API int
simul_temporary_directory_close(simul_temporary_directory *temporary);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_TEMPORARY_H */
