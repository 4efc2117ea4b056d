/* SPDX-License-Identifier: MIT
 * tests/net/resolver.h - a resolver of our own in place of the system's. */
#ifndef RESOLVER_H
#define RESOLVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The resolver */

static atomic_int looked_up; /* so many names */
static atomic_int given_back;
static atomic_bool may_end; /* a slow look-up */
static atomic_bool slower_may_end;

static inline struct addrinfo *make(const char *numbers, struct addrinfo *next)
{
	struct {
		struct addrinfo info;
		struct sockaddr_in in;
	} *made = calloc(1, sizeof *made);

	made->in.sin_family = AF_INET;
	inet_pton(AF_INET, numbers, &made->in.sin_addr);
	made->info.ai_family = AF_INET;
	made->info.ai_addr = (struct sockaddr *)&made->in;
	made->info.ai_addrlen = sizeof made->in;
	made->info.ai_next = next;
	return &made->info;
}

static inline int error_for(const char *host)
{
	if (strcmp(host, "nowhere") == 0)
		return EAI_NONAME;
	if (strcmp(host, "nodata") == 0)
		return EAI_NODATA;
	if (strcmp(host, "later") == 0)
		return EAI_AGAIN;
	if (strcmp(host, "broken") == 0)
		return EAI_FAIL;
	if (strcmp(host, "memory") == 0)
		return EAI_MEMORY;
	errno = EMFILE;
	return strcmp(host, "system") == 0 ? EAI_SYSTEM : 0;
}

int getaddrinfo(const char *host, const char *service,
		const struct addrinfo *hints, struct addrinfo **found)
{
	int error = error_for(host);

	atomic_fetch_add(&looked_up, 1);
	while (strcmp(host, "slow") == 0 && !may_end)
		usleep(1000);
	while (strcmp(host, "slower") == 0 && !slower_may_end)
		usleep(1000);
	if (error)
		return error;
	*found = make("127.0.0.1", NULL);
	if (strcmp(host, "two") == 0)
		*found = make("127.0.0.2", *found);
	if (strcmp(host, "many") == 0)
		for (int i = 0; i < 50; i++)
			*found = make("127.0.0.3", *found);
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	atomic_fetch_add(&given_back, 1);
	while (found) {
		struct addrinfo *next = found->ai_next;

		free(found);
		found = next;
	}
}

int getnameinfo(const struct sockaddr *address, socklen_t length, char *host,
		socklen_t room, char *service, socklen_t service_room,
		int flags)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const char *name = "one.example";

	atomic_fetch_add(&looked_up, 1);
	if (in->sin_addr.s_addr == htonl(0x7f000002))
		return EAI_NONAME;
	while (in->sin_addr.s_addr == htonl(0x7f000009) && !may_end)
		usleep(1000);
	if (strlen(name) >= room)
		return EAI_OVERFLOW;
	strcpy(host, name);
	return 0;
}

#endif /* RESOLVER_H */
