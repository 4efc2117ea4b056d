/* SPDX-License-Identifier: MIT
 * process/worker.h - what a pool and its workers say to each other.
 *
 * Over a Unix socket that keeps messages apart (SOCK_SEQPACKET). One message
 * says what is to be done, one is the answer. Each is a header and its bytes;
 * if these are many, they lie in a memory file whose descriptor travels along,
 * sealed so that nobody can shrink it under the other's feet.
 */
#ifndef SMI_PROCESS_WORKER_H
#define SMI_PROCESS_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <simul/process_pool.h>

enum {
	SMI_MESSAGE_INLINE = 65536, /* more bytes than that are shared */
	SMI_WORKER_FD = 3
};

/* What tells a worker that it is one. */
#define SMI_WORKER_VARIABLE "SIMUL_WORKER"

struct smi_message {
	int32_t number; /* which function; in an answer: its result */
	int32_t shared; /* the bytes are in a memory file */
	uint64_t size;
};

/* Bytes that were received, or are to be sent. */
struct smi_parcel {
	void *data;
	size_t size;
	size_t mapped; /* so much is mapped there; 0: malloc'ed */
};

void smi_parcel_done(struct smi_parcel *parcel);

/* A sealed memory file with a copy of these bytes: its descriptor or an error.
 * Takes as long as it takes to copy them. */
int smi_parcel_share(const void *bytes, size_t size);

/* Send a message with its bytes, or with a memory file of theirs. 0 or a
 * negative error. Whether it waits is the socket's and flags' matter. */
int smi_message_send(int socket, const struct smi_message *message,
		     const void *bytes, int shared_fd, int flags);

/* Receive one. 1; 0 if the other has closed its side; a negative error, such
 * as -ECONNRESET if it has done so without having looked at what was sent to
 * it. -EPROTO for what is no message. */
int smi_message_receive(int socket, struct smi_message *ret_message,
			struct smi_parcel *ret_parcel, int flags);

/* Has main called simul_worker_main? */
bool smi_workers_are_known(void);

/* Which of the functions that main has handed over this is; -EINVAL if none. */
int smi_work_number(simul_work *work);

#endif /* SMI_PROCESS_WORKER_H */
