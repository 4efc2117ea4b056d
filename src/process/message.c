/* SPDX-License-Identifier: MIT
 * process/message.c - messages between a pool and its workers. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "process/worker.h"

/* ---- Bytes */

void smi_parcel_done(struct smi_parcel *parcel)
{
	if (parcel->mapped)
		munmap(parcel->data, parcel->mapped);
	else
		smi_free(parcel->data);
	*parcel = (struct smi_parcel){ 0 };
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

static int seal(int fd)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	return fcntl(fd, F_ADD_SEALS, seals) < 0 ? -errno : 0;
}

int smi_parcel_share(const void *bytes, size_t size)
{
	int fd = memfd_create("simul-job", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, size);
	if (r >= 0)
		r = seal(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/* Seals first: what is not sealed could be made smaller after the look. */
static bool holds(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS); /* -1: it can have none */
	struct stat st;

	return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(fd, &st) == 0 &&
	       (uint64_t)st.st_size >= size;
}

static int map(int fd, uint64_t size, struct smi_parcel *ret_parcel)
{
	void *data;

	if (size == 0 || size > SIZE_MAX || !holds(fd, size))
		return -EPROTO;
	data = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
		    0);
	if (data == MAP_FAILED)
		return -errno;
	*ret_parcel = (struct smi_parcel){ data, (size_t)size, (size_t)size };
	return 0;
}

/* ---- Messages */

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *m, union control *control, int fd)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof *control);
	m->msg_control = control;
	m->msg_controllen = sizeof control->room;
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

static int attached(struct msghdr *m)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

int smi_message_send(int socket, const struct smi_message *message,
		     const void *bytes, int shared_fd, int flags)
{
	struct iovec parts[] = {
		{ (void *)message, sizeof *message },
		{ (void *)bytes, (size_t)message->size },
	};
	struct msghdr m = { .msg_iov = parts,
			    .msg_iovlen = message->shared ? 1 : 2 };
	union control control;
	ssize_t n;

	if (message->shared)
		attach(&m, &control, shared_fd);
	do
		n = sendmsg(socket, &m, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* How long the next message is. */
static ssize_t measure(int socket, int flags)
{
	ssize_t n;

	do
		n = recv(socket, NULL, 0, flags | MSG_PEEK | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* What has come is length bytes, and perhaps a descriptor. */
static int unpack(const struct smi_message *message, size_t length, int fd,
		  struct smi_parcel *inline_bytes,
		  struct smi_parcel *ret_parcel)
{
	if (message->shared)
		return fd < 0 ? -EPROTO : map(fd, message->size, ret_parcel);
	if (message->size != length - sizeof *message)
		return -EPROTO;
	*ret_parcel = *inline_bytes;
	*inline_bytes = (struct smi_parcel){ 0 };
	return 0;
}

static int receive(int socket, size_t length, struct smi_message *message,
		   struct smi_parcel *bytes, struct smi_parcel *ret_parcel)
{
	struct iovec parts[] = { { message, sizeof *message },
				 { bytes->data, bytes->size } };
	union control control;
	struct msghdr m = { .msg_iov = parts,
			    .msg_iovlen = 2,
			    .msg_control = &control,
			    /* In the padding a second one would fit. */
			    .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t n;
	int fd, r;

	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	fd = attached(&m);
	r = (size_t)n == length ? unpack(message, length, fd, bytes, ret_parcel)
				: -EPROTO;
	if (fd >= 0)
		close(fd);
	return r;
}

int smi_message_receive(int socket, struct smi_message *ret_message,
			struct smi_parcel *ret_parcel, int flags)
{
	ssize_t length = measure(socket, flags);
	struct smi_parcel bytes = { 0 };
	int r;

	if (length <= 0)
		return (int)length;
	if ((size_t)length < sizeof *ret_message)
		return -EPROTO;
	bytes.size = (size_t)length - sizeof *ret_message;
	if (bytes.size > 0) {
		bytes.data = smi_alloc(bytes.size);
		if (!bytes.data)
			return -ENOMEM;
	}
	r = receive(socket, (size_t)length, ret_message, &bytes, ret_parcel);
	smi_parcel_done(&bytes);
	return r < 0 ? r : 1;
}
