/* SPDX-License-Identifier: MIT
 * simul/stream.h - bytes that come and bytes that go.
 *
 * One type for everything that is made of bytes: a TCP connection, a Unix
 * socket, TLS over one of these, a file, a pipe, a terminal, a pair in memory.
 * simul/net.h, tls.h, file.h, temporary.h, pipe.h and process.h open them; the
 * verbs, and the pair, are here.
 *
 *	char *line;
 *
 *	while ((r = simul_read_line(s, &line, NULL)) > 0)
 *		simul_write(s, line, strlen(line));
 *	simul_close(s);
 *
 * Reading. Bytes are received when somebody asks for them and are kept in the
 * stream until they are taken, so the reading verbs may be mixed. The end of
 * the stream is the result 0. A read that fails has taken nothing: what had
 * come by then is there for the next one. One task reads at a time; another
 * one that tries gets -EBUSY.
 *
 * Writing. A write copies the bytes into the stream and returns. They leave at
 * the latest when the task next suspends, so small writes travel together and
 * nobody forgets to flush. (What is large goes to a socket at once, as far as
 * there is room, and only the rest is copied.) When more than the high-water
 * mark (64 KiB) waits to leave, a write waits until it is a quarter of that: so
 * whoever writes is slowed down to the speed of whoever reads. Several tasks
 * may write; each write stays in one piece, and those that wait take their
 * turns in order.
 *
 * An error that bytes meet after their write has returned is the result of
 * every write and flush after that, and of simul_close. A read still gets what
 * the peer had sent, but where it would report the end, it reports the error.
 *
 * One task may read while others write. Nobody may be using a stream that is
 * closed: that is a bug that aborts.
 *
 * A stream is of the loop of the task that opened it, and has to be closed
 * before that ends. To use it in another loop is a bug that aborts, too (but
 * see simul_stream_detach).
 *
 * Unless it says otherwise, each verb can fail with what the system says
 * (-ECONNRESET, -EPIPE, -EIO, ...) and with -ENOMEM, which loses nothing; but
 * if there was no memory for what had come to a connection by itself, reading
 * from that is over, and if there was none for the rest of a large write of
 * which a part had left, writing is: -ENOMEM then and ever after.
 */
#ifndef SIMUL_STREAM_H
#define SIMUL_STREAM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <simul/export.h>
#include <simul/run.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct simul_stream simul_stream;

/* ---- Reading */

/* Read up to n bytes, at least one, into buffer. Returns how many; 0 at the
 * end of the stream (or if n is 0).
 * Suspends: if nothing has come yet. Cancelled: nothing was taken. */
SIMUL_API ptrdiff_t simul_read(simul_stream *s, void *buffer, size_t n);

/* Read exactly n bytes into buffer. Returns 1, or 0 if the stream has ended
 * already. If it ends on the way: -SIMUL_EEOF, and what there was is still
 * there; simul_stream_buffered says how much. buffer may have been written to
 * even if it fails.
 * Suspends: if they have not all come yet. Cancelled: nothing was taken. */
SIMUL_API int simul_read_exactly(simul_stream *s, void *buffer, size_t n);

/* Read a line. Returns 1, or 0 at the end of the stream. *ret_line is the line
 * without its end, which is "\n" or "\r\n", as a string that lies in the
 * stream: yours to change, and good until the next call that reads from it.
 * ret_length, unless NULL, gets its length, which tells more than strlen if
 * there are zero bytes in it. What follows the last line end, if anything, is
 * a line, too, as in a file; on a connection it may be half of one that was cut
 * off, and simul_read_until is the better one. -SIMUL_ETOOLONG if it is longer
 * than the limit: then nothing was taken.
 * Suspends: if it has not all come yet. Cancelled: nothing was taken. */
SIMUL_API int simul_read_line(simul_stream *s, char **ret_line,
			      size_t *ret_length);

/* Read up to and including a delimiter of length bytes. Like simul_read_line,
 * except that only the delimiter is cut off, and that a stream that ends
 * before it is -SIMUL_EEOF, unless no bytes are left: that is 0. -EINVAL if
 * length is 0.
 * Suspends: if it has not all come yet. Cancelled: nothing was taken. */
SIMUL_API int simul_read_until(simul_stream *s, const void *delimiter,
			       size_t length, char **ret_bytes,
			       size_t *ret_length);

/* Read all up to the end of the stream: 0. *ret_bytes is what there was, with
 * a zero behind it, and lies in the stream as a line does: yours to change,
 * and good until the next call that reads from it; ret_length, unless NULL,
 * gets its length. -SIMUL_ETOOLONG if it is more than limit bytes: then
 * nothing was taken. SIZE_MAX is no limit, which is only for those whom you
 * trust.
 * Suspends: if it has not all come yet. Cancelled: nothing was taken. */
SIMUL_API int simul_read_all(simul_stream *s, size_t limit, char **ret_bytes,
			     size_t *ret_length);

/* Look at the bytes to come without taking them: wait until there are at least
 * so many (1 if least is 0), and return how many there are. Only at the end of
 * the stream there may be fewer, and 0 if there are none. *ret_bytes is good
 * until the next call that reads from the stream. -SIMUL_ETOOLONG if least is
 * more than the limit. To see more than a call before, ask for one more than
 * that has returned. A task that waits here needs no buffer of its own, which
 * is what a server of many connections that mostly idle saves for each.
 * Suspends: if there are fewer. Cancelled: nothing was taken. */
SIMUL_API ptrdiff_t simul_peek(simul_stream *s, size_t least,
			       const char **ret_bytes);

/* Take n bytes that simul_peek has shown; never more than are there. To do so
 * while another task reads is a bug that aborts.
 * Suspends: never. */
SIMUL_API void simul_consume(simul_stream *s, size_t n);

/* How many bytes have come that were not taken yet.
 * Suspends: never. */
SIMUL_API size_t simul_stream_buffered(const simul_stream *s);

/* The longest line, counted without its end, and the most that simul_peek can
 * be asked for; 64 KiB at first, and where it is 0.
 * Suspends: never. */
SIMUL_API void simul_stream_set_limit(simul_stream *s, size_t limit);

/* ---- Writing */

/* Write n bytes: all or, if this fails, none. -EPIPE after
 * simul_shutdown_write.
 * Suspends: if more than the high-water mark waits to leave; and who writes
 * large pieces to a socket lets others have their turn now and then. Cancelled:
 * nothing was written. */
SIMUL_API int simul_write(simul_stream *s, const void *bytes, size_t n);

/* The same for bytes in several places, in one piece.
 * Suspends: as simul_write. Cancelled: nothing was written. */
SIMUL_API int simul_writev(simul_stream *s, const struct iovec *parts,
			   int count);

/* Write formatted text, as printf(3) does: 0, or as simul_write; -EILSEQ or
 * -EOVERFLOW if it can't be formatted. simul_vprintf takes the arguments as
 * vprintf(3) does.
 * Suspends: as simul_write. Cancelled: nothing was written. */
SIMUL_API int simul_printf(simul_stream *s, const char *format, ...)
	SIMUL_PRINTF(2, 3);
/* Suspends: as simul_write. */
SIMUL_API int simul_vprintf(simul_stream *s, const char *format,
			    va_list arguments) SIMUL_PRINTF(2, 0);

/* Wait until all that was written has left. The bytes of a socket are then the
 * system's, which sends them on; that they have arrived, only the peer can say.
 * Suspends: if anything waits to leave. Cancelled: it leaves nevertheless. */
SIMUL_API int simul_flush(simul_stream *s);

/* How many bytes were written and have not left yet.
 * Suspends: never. */
SIMUL_API size_t simul_stream_unsent(const simul_stream *s);

/* Above how many bytes that wait to leave a write waits; 64 KiB at first, and
 * where it is 0. It goes on at a quarter of that.
 * Suspends: never. */
SIMUL_API void simul_stream_set_high_water(simul_stream *s, size_t high);

/* Flush, and tell the peer that no more will come, while reading goes on: a
 * half close. Doing it twice does nothing.
 * Suspends: if anything waits to leave. Cancelled: what waits still leaves;
 * the peer was not told, and writing goes on. */
SIMUL_API int simul_shutdown_write(simul_stream *s);

/* ---- Copying */

/* Read from one stream and write to the other until the first has ended or
 * most bytes were copied (UINT64_MAX: until it ends), and return 0. It goes no
 * faster than to takes it, and holds no memory while nothing comes. *copied,
 * unless it is NULL, grows as it goes, so that it tells how many, also when
 * this fails. Whatever happens, no byte is lost in between: what was counted
 * has been written to to, as by simul_write, and what follows is still to be
 * read from from. The error is that of whichever stream has failed, also of to
 * while nothing comes; an end is not passed on: see simul_shutdown_write.
 * -EINVAL if they are the same. Most of what is large goes into a socket
 * without coming here: of a file in pieces of 1 MiB (sendfile(2)), of another
 * socket or a pipe in pieces of up to 256 KiB (splice(2)); what others write to
 * the socket meanwhile goes in between.
 * Suspends: if nothing has come, or if more than the high-water mark waits to
 * leave. Cancelled: as above. */
SIMUL_API int simul_copy(simul_stream *from, simul_stream *to, uint64_t most,
			 uint64_t *copied);

/* ---- Ending */

/* Flush, close and free the stream. It is gone in any case; the result says
 * whether everything that was written has left. NULL is 0.
 * Suspends: if anything waits to leave, and until the system has let go of the
 * stream's memory. Cancelled, also before: it is closed nevertheless; what
 * waited to leave was dropped, as by simul_abort, and only if there was
 * something is the result -ECANCELED. */
SIMUL_API int simul_close(simul_stream *s);

/* Close and free the stream at once, and drop what waits to leave. The peer of
 * a connection sees an error, not an end. NULL does nothing.
 * Suspends: until the system has let go of the stream's memory, which a
 * cancellation can't cut short. */
SIMUL_API void simul_abort(simul_stream *s);

/* ---- From loop to loop */

/* Take a connection (TCP, a Unix socket) out of its loop, so that a task of
 * another one can go on with it:
 *
 *	r = simul_stream_detach(s);
 *	if (r >= 0)
 *		r = simul_to_loop(loop, serve, s);
 *
 * where serve begins with simul_stream_attach(s). What was written leaves
 * before; what has come and was not read goes along. Until it is attached, in
 * this loop or another, it can only be closed or aborted, by a task of any
 * loop. One that a server has given its handler is to be back in its loop when
 * that returns; where it isn't, it is aborted, and its server is told what the
 * handler returned, or -EBUSY.
 *
 * -EBUSY: a task uses it, or it is detached already. -SIMUL_EUNSUPPORTED: it is
 * something else. What its bytes have met: the stream stays where it is.
 * Suspends: if something has to leave, or is being received. Cancelled: it
 * stays where it is, and nothing is lost. */
SIMUL_API int simul_stream_detach(simul_stream *s);

/* From now on it is of the loop of the calling task. -EBUSY: it is of a loop
 * already; -ENOMEM, -EPERM: it is still detached.
 * Suspends: never. */
SIMUL_API int simul_stream_attach(simul_stream *s);

/* ---- In memory */

/* Make two streams, each the peer of the other: what is written to one is read
 * from the other. Up to 64 KiB wait in between, so that a writer is slowed
 * down by a reader as on a connection. To write to one whose peer is gone is
 * -EPIPE; a peer that was aborted is -ECONNRESET.
 * Suspends: never. */
SIMUL_API int simul_stream_pair(simul_stream **ret_a, simul_stream **ret_b);

/* ---- Descriptors of others */

/* Wait until fd is ready for one of events (POLLIN, POLLOUT, ... as in
 * poll(2)) and return those that it is ready for, POLLERR and POLLHUP
 * included. For libraries that do their own input and output. fd stays the
 * caller's and must stay open meanwhile. -EPERM, or ready at once: it is of a
 * kind that is never waited for, such as a file.
 * Suspends: if it is not ready. Cancelled: nothing was done. */
SIMUL_API int simul_wait_fd(int fd, int events);

#ifdef __cplusplus
}
#endif
#endif /* SIMUL_STREAM_H */
