/* SPDX-License-Identifier: MIT
 * tests/peers.h - programs that are not ours, to talk with. */
#ifndef PEERS_H
#define PEERS_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul/thread.h>

#include "test.h"

struct peer {
	pid_t pid;
	int output; /* what it says can be read from here */
};

/* Without the program there is no test. */
static inline void need(const char *program)
{
	char command[100];

	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1",
		 program);
	if (system(command) != 0)
		SKIP("there is no %s", program);
}

/* Start a shell command, which finds the port as $PORT. */
static inline struct peer start_peer(const char *command, int port)
{
	struct peer peer;
	char number[16];
	int ends[2];

	snprintf(number, sizeof number, "%d", port);
	setenv("PORT", number, 1);
	CHECK_INT(pipe(ends), ==, 0);
	peer.pid = fork();
	CHECK_INT(peer.pid, >=, 0);
	if (peer.pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(ends[1]);
	peer.output = ends[0];
	return peer;
}

/* In a thread. */
static inline int reap_peer(void *arg)
{
	pid_t pid = *(const pid_t *)arg;
	int status;

	CHECK_INT(waitpid(pid, &status, 0), ==, pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Wait until it has ended, and well. */
static inline void await_peer(struct peer *peer)
{
	CHECK_INT(simul_to_thread(reap_peer, &peer->pid), ==, 0);
	close(peer->output);
}

static inline void stop_peer(struct peer *peer)
{
	kill(peer->pid, SIGKILL);
	reap_peer(&peer->pid);
	close(peer->output);
}

/* What it says from word on, when it has said the line in which that is; the
 * first line for "". */
static inline void hear_peer(const struct peer *peer, const char *word,
			     char *text, size_t room)
{
	const char *at = NULL;
	size_t n = 0;

	while (!at || !strchr(at, '\n')) {
		ssize_t got = read(peer->output, text + n, room - 1 - n);

		CHECK_INT(got, >, 0);
		n += (size_t)got;
		text[n] = 0;
		at = strstr(text, word);
	}
	memmove(text, at, strlen(at) + 1);
}

#endif /* PEERS_H */
