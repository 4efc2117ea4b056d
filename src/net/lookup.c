/* SPDX-License-Identifier: MIT
 * net/lookup.c - the system's resolver, which blocks: for other threads. */
#include "net/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>

#include <simul/error.h>

#include "base/alloc.h"

/* Answers come from outside, and may be long. */
enum { MOST_ADDRESSES = 64 };

static int in_our_words(int error, int system_error)
{
	switch (error) {
	case 0:
		return 0;
	case EAI_NONAME:
	case EAI_NODATA:
	case EAI_ADDRFAMILY:
		return -SIMUL_ENONAME;
	case EAI_FAMILY:
		return -EINVAL;
	case EAI_MEMORY:
		return -ENOMEM;
	case EAI_OVERFLOW:
		return -ENOBUFS;
	case EAI_SYSTEM:
		return system_error ? -system_error : -SIMUL_ERESOLVE;
	default:
		return -SIMUL_ERESOLVE;
	}
}

static bool is_usable(const struct addrinfo *info)
{
	return info->ai_family == AF_INET || info->ai_family == AF_INET6;
}

static size_t count(const struct addrinfo *info)
{
	size_t n = 0;

	for (; info; info = info->ai_next)
		n += is_usable(info);
	return n < MOST_ADDRESSES ? n : MOST_ADDRESSES;
}

static int copy(const struct addrinfo *info, simul_address **ret_addresses)
{
	size_t room = count(info), n = 0;
	simul_address *addresses;

	if (room == 0)
		return -SIMUL_ENONAME;
	addresses = smi_alloc_zero(room * sizeof *addresses);
	if (!addresses)
		return -ENOMEM;
	for (; info && n < room; info = info->ai_next) {
		if (!is_usable(info))
			continue;
		memcpy(&addresses[n].storage, info->ai_addr, info->ai_addrlen);
		addresses[n++].length = info->ai_addrlen;
	}
	*ret_addresses = addresses;
	return (int)n;
}

int smi_look_up(const char *host, simul_address **ret_addresses)
{
	const struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	int error = getaddrinfo(host, NULL, &hints, &found), r;

	if (error)
		return in_our_words(error, errno);
	r = copy(found, ret_addresses);
	freeaddrinfo(found);
	return r;
}

int smi_look_up_name(const simul_address *address, char *host, size_t room)
{
	int error = getnameinfo((const struct sockaddr *)&address->storage,
				address->length, host, (socklen_t)room, NULL, 0,
				NI_NAMEREQD);

	return in_our_words(error, errno);
}
