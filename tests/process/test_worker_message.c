/* SPDX-License-Identifier: MIT
 * tests/process/test_worker_message.c - what a worker that was taken over may
 * send. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/worker.h"
#include "test.h"

static void open_channel(int ends[2])
{
	CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends),
		  ==, 0);
}

TEST(a_file_that_can_be_made_smaller_is_no_message)
{
	const struct smi_message message = { .shared = 1, .size = 1 };
	int ends[2], fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct smi_message came;
	struct smi_parcel bytes;

	open_channel(ends);
	CHECK_INT(smi_message_send(ends[0], &message, NULL, fd, 0), ==, 0);
	CHECK_INT(smi_message_receive(ends[1], &came, &bytes, 0), ==, -EPROTO);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static void send_two(int socket, int fd)
{
	struct smi_message message = { .shared = 1, .size = 3 };
	struct iovec part = { &message, sizeof message };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(2 * sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof control.room };

	memcpy(CMSG_DATA(&control.header), (int[]){ fd, fd }, 2 * sizeof fd);
	CHECK_INT(sendmsg(socket, &m, 0), ==, sizeof message);
}

TEST(of_two_descriptors_in_a_message_none_stays_open)
{
	int ends[2], fd = smi_parcel_share("abc", 3), next[2];
	struct smi_message came;
	struct smi_parcel bytes;

	open_channel(ends);
	send_two(ends[0], fd);
	for (int i = 0; i < 2; i++)
		next[i] = dup(fd);
	for (int i = 0; i < 2; i++)
		close(next[i]);
	CHECK_INT(smi_message_receive(ends[1], &came, &bytes, 0), ==, 1);
	CHECK_BYTES(bytes.data, "abc", 3);
	smi_parcel_done(&bytes);
	for (int i = 0; i < 2; i++)
		CHECK_INT(fcntl(next[i], F_GETFD), ==, -1);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}
