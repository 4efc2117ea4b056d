/* SPDX-License-Identifier: MIT
 * simul/file.h - files as streams, and what only files can do.
 *
 *	simul_stream *f;
 *	int r = simul_open("urls.txt", O_RDONLY, 0, &f);
 *
 *	while (r >= 0 && (r = simul_read_line(f, &line, NULL)) > 0)
 *		...
 *	simul_close(f);
 *
 * No call here blocks the loop: the kernel does the work by itself (io_uring),
 * or a thread does. What each can fail with is what the manual page of the
 * system call says, as a negative number.
 *
 * A file is a stream, with all the verbs of simul/stream.h. It has a position,
 * where it is read and written next; the calls that speak of it are -ESPIPE
 * for a stream that has none (a FIFO, a terminal, a connection), and others
 * here -EBADF for one that is no file. What was written is in the file, and its
 * errors are known, when simul_flush or simul_close has returned 0, or any call
 * below on the same stream: they all flush first. On its disk it is when
 * simul_sync has returned 0.
 *
 * The files are named in simul/path.h.
 */
#ifndef SIMUL_FILE_H
#define SIMUL_FILE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <simul/export.h>
#include <simul/memory.h>
#include <simul/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Opening */

/* Open the file path with the flags of open(2), O_RDONLY, O_WRONLY or O_RDWR
 * and perhaps O_CREAT, O_APPEND, O_TRUNC, O_EXCL, ..., and mode for a file that
 * is created. It is not inherited by programs that are started.
 *
 * A file that is open for both has one position, as in C: what is written goes
 * where the last read has ended. It is for one task at a time: to write while
 * another reads is -EBUSY.
 *
 * To open a FIFO doesn't wait for somebody at its other end: to read does, and
 * to write where nobody reads is -ENXIO here and -EPIPE later, but no signal.
 * Suspends: always. Cancelled: nothing is open, though the file may have been
 * created. */
SIMUL_API int simul_open(const char *path, int flags, unsigned mode,
			 simul_stream **ret_stream);

/* The same for path in directory dir, a descriptor as for openat(2).
 * Suspends: always. Cancelled: as simul_open. */
SIMUL_API int simul_open_at(int dir, const char *path, int flags, unsigned mode,
			    simul_stream **ret_stream);

/* Make a stream of a descriptor of yours that is a file, in the directions that
 * it was opened for. It goes on where the descriptor is, with a position of its
 * own: who has the same file open by a copy of the descriptor stays where they
 * are (but for O_APPEND, where there is one). From then on the stream owns the
 * descriptor: it is closed with the stream. After an error it is still yours.
 * -ESPIPE: it has no position; there are simul_pipe_adopt and
 * simul_socket_adopt.
 * Suspends: perhaps. Cancelled: it is still yours. */
SIMUL_API int simul_file_adopt(int fd, simul_stream **ret_stream);

/* Standard input, output, and standard error as streams, whether they are
 * files, pipes or terminals. They stay open when the stream is closed. Those
 * who share them notice nothing: they don't become non-blocking, and a file
 * that was read from is left at the position up to which was taken. What the
 * C library's stdin has read ahead is not seen here, nor the other way round.
 * -EBADF: there is none.
 * Suspends: perhaps. Cancelled: there is no stream. */
SIMUL_API int simul_stdin(simul_stream **ret_stream);

/* The same for standard output: what was written before by the C library's
 * stdout is to be flushed first.
 * Suspends: perhaps. Cancelled: there is no stream. */
SIMUL_API int simul_stdout(simul_stream **ret_stream);

/* The same for standard error.
 * Suspends: perhaps. Cancelled: there is no stream. */
SIMUL_API int simul_stderr(simul_stream **ret_stream);

/* ---- The position */

/* Go to offset, from the beginning (whence is SEEK_SET), from where we are
 * (SEEK_CUR), from the end (SEEK_END); or to the next data or hole from there
 * on (SEEK_DATA, SEEK_HOLE; see lseek(2)). Returns the new position, which may
 * be beyond the end. -EINVAL: it would be negative. -EBUSY: another task reads.
 * Suspends: if anything waits to leave, and unless whence is SEEK_SET or
 * SEEK_CUR. Cancelled: we are where we were. */
SIMUL_API int64_t simul_seek(simul_stream *s, int64_t offset, int whence);

/* Where the next byte is read or written; with O_APPEND, where it is read.
 * Suspends: if anything waits to leave. Cancelled: nothing happened. */
SIMUL_API int64_t simul_tell(simul_stream *s);

/* Read up to n bytes at offset, wherever the position is, which stays. Returns
 * how many, 0 at the end. Any number of tasks may do so at once.
 * Suspends: always. Cancelled: buffer may have been written to. */
SIMUL_API ptrdiff_t simul_pread(simul_stream *s, void *buffer, size_t n,
				int64_t offset);

/* Write all n bytes at offset, or at the end with O_APPEND, past the stream's
 * buffer and wherever the position is, which stays. Any number of tasks may do
 * so at once. 0; if it fails, some may have been written. -EBUSY: another task
 * reads from the stream.
 * Suspends: always, unless n is 0. Cancelled: some may have been written. */
SIMUL_API int simul_pwrite(simul_stream *s, const void *bytes, size_t n,
			   int64_t offset);

/* Make the file length bytes long: cut it, or add zeros. The position stays.
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_truncate(simul_stream *s, int64_t length);

/* ---- The file */

/* Its state: fstat(2).
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_file_stat(simul_stream *s, struct stat *ret_stat);

/* How many bytes it has.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int64_t simul_file_size(simul_stream *s);

/* Is it a terminal?
 * Suspends: never. */
SIMUL_API bool simul_is_terminal(simul_stream *s);

/* Its descriptor, which stays the stream's: for calls that take one. -EBADF:
 * it is no file.
 * Suspends: never. */
SIMUL_API int simul_file_fd(simul_stream *s);

/* Wait until the file is on its disk, with all that is known of it: fsync(2).
 * The name of a new file is there when its directory is.
 * Suspends: always. Cancelled: it may be, or not. */
SIMUL_API int simul_sync(simul_stream *s);

/* The same, but only with what it takes to read it again: fdatasync(2).
 * Suspends: always. Cancelled: it may be, or not. */
SIMUL_API int simul_sync_data(simul_stream *s);

/* Have room on the disk for length bytes at offset, so that to write there
 * can't be -ENOSPC; the file gets longer if they lie beyond its end.
 * -EOPNOTSUPP: the file system can't. See fallocate(2).
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_allocate(simul_stream *s, int64_t offset, int64_t length);

/* Say how length bytes at offset will be used (0: all from there on):
 * POSIX_FADV_SEQUENTIAL, POSIX_FADV_DONTNEED, ...; see posix_fadvise(2).
 * Suspends: always. Cancelled: it may have been done. */
SIMUL_API int simul_advise(simul_stream *s, int64_t offset, int64_t length,
			   int advice);

/* Copy what its extended attribute name says to value: simul_getxattr.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_file_getxattr(simul_stream *s, const char *name,
				  void *value, size_t room);

/* Let it say size bytes: simul_setxattr.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_file_setxattr(simul_stream *s, const char *name,
				  const void *value, size_t size, int flags);

/* Copy the names of all of them to names: simul_listxattr.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_file_listxattr(simul_stream *s, char *names, size_t room);

/* Remove one: simul_removexattr.
 * Suspends: always. Cancelled: it was not done. */
SIMUL_API int simul_file_removexattr(simul_stream *s, const char *name);

/* Lock the file against other programs that lock it, and against other streams
 * that opened it: flock(2). operation is LOCK_SH (shared), LOCK_EX (exclusive)
 * or LOCK_UN (unlock), of sys/file.h. Closing unlocks, too. Who waits asks
 * again, at least ten times a second: nobody is served in order. With LOCK_NB
 * it is -EAGAIN if others have it. Who has one kind of lock and asks for the
 * other gives up the first by that, as with flock(2).
 * Suspends: always. Cancelled, or failed: it was not locked, and a lock of the
 * other kind may be lost. */
SIMUL_API int simul_flock(simul_stream *s, int operation);

/* ---- Whole files */

/* Read the whole file path: 0. *ret_bytes is what was in it, with a zero behind
 * it; simul_free it. ret_length, unless NULL, gets its length. -SIMUL_ETOOLONG
 * if it has more than limit bytes; SIZE_MAX is no limit.
 * Suspends: always. Cancelled: nothing happened. */
SIMUL_API int simul_read_file(const char *path, size_t limit, char **ret_bytes,
			      size_t *ret_length);

/* Make n bytes all that is in the file path, which is created with mode if it
 * is not there. If it fails, the file may have been cut or written in part.
 * Suspends: always. Cancelled: so it may have been. */
SIMUL_API int simul_write_file(const char *path, const void *bytes, size_t n,
			       unsigned mode);

/* Have a new file with these n bytes in the place of path, if there is one or
 * not, in one step: who opens it sees the old file or the new one, whole, also
 * after the machine has failed. It is written and synced beside path under a
 * name of its own (a point, random letters, ".new") and then renamed. So it
 * has a mode and owner of its own, other names of the old file keep that, and
 * a symbolic link is replaced itself.
 * Suspends: always. Cancelled: path is the old file or the new one; what was
 * not finished is gone. */
SIMUL_API int simul_replace_file(const char *path, const void *bytes, size_t n,
				 unsigned mode);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_FILE_H */
