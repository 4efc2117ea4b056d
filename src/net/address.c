/* SPDX-License-Identifier: MIT
 * net/address.c - addresses in numbers and as text. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <simul/address.h>

static int parse_ipv4(const char *text, int port, simul_address *ret_address)
{
	simul_address a = { .length = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)&a.storage;

	if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
		return -EINVAL;
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)port);
	*ret_address = a;
	return 0;
}

/* text has no brackets and may be changed. */
static int parse_ipv6(char *text, int port, simul_address *ret_address)
{
	simul_address a = { .length = sizeof(struct sockaddr_in6) };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&a.storage;
	char *zone = strchr(text, '%');

	if (zone) {
		*zone++ = 0;
		in6->sin6_scope_id = if_nametoindex(zone);
		if (in6->sin6_scope_id == 0)
			return -EINVAL;
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		return -EINVAL;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	*ret_address = a;
	return 0;
}

int simul_address_parse(const char *text, int port, simul_address *ret_address)
{
	char copy[INET6_ADDRSTRLEN + 1 + IF_NAMESIZE];
	size_t length = strlen(text);

	if (port < 0 || port > UINT16_MAX)
		return -EINVAL;
	if (length >= 2 && text[0] == '[' && text[length - 1] == ']') {
		text++;
		length -= 2;
	} else if (parse_ipv4(text, port, ret_address) == 0) {
		return 0;
	}
	if (length >= sizeof copy)
		return -EINVAL;
	memcpy(copy, text, length);
	copy[length] = 0;
	return parse_ipv6(copy, port, ret_address);
}

int simul_address_unix(const char *path, simul_address *ret_address)
{
	simul_address a = { 0 };
	struct sockaddr_un *un = (struct sockaddr_un *)&a.storage;
	size_t length = strlen(path);

	if (length == 0)
		return -EINVAL;
	if (length >= sizeof un->sun_path)
		return -ENAMETOOLONG;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, length);
	a.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (path[0] == '@')
		un->sun_path[0] = 0;
	else
		a.length++; /* the zero at its end */
	*ret_address = a;
	return 0;
}

static int format_ipv4(const struct sockaddr_in *in, char *text, size_t room)
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
	return snprintf(text, room, "%s:%u", host, ntohs(in->sin_port));
}

static int format_ipv6(const struct sockaddr_in6 *in6, char *text, size_t room)
{
	char host[INET6_ADDRSTRLEN], zone[1 + IF_NAMESIZE] = "";

	inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
	if (in6->sin6_scope_id && if_indextoname(in6->sin6_scope_id, zone + 1))
		zone[0] = '%';
	return snprintf(text, room, "[%s%s]:%u", host, zone,
			ntohs(in6->sin6_port));
}

static int format_unix(const simul_address *a, char *text, size_t room)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->storage;
	int length =
		(int)a->length - (int)offsetof(struct sockaddr_un, sun_path);

	if (length <= 0)
		return snprintf(text, room, "-");
	if (un->sun_path[0] == 0)
		return snprintf(text, room, "@%.*s", length - 1,
				un->sun_path + 1);
	return snprintf(text, room, "%.*s", length, un->sun_path);
}

int simul_address_format(const simul_address *address, char *text, size_t room)
{
	const void *storage = &address->storage;

	switch (address->storage.ss_family) {
	case AF_INET:
		return format_ipv4(storage, text, room);
	case AF_INET6:
		return format_ipv6(storage, text, room);
	case AF_UNIX:
		return format_unix(address, text, room);
	default:
		return snprintf(text, room, "-");
	}
}

int simul_address_port(const simul_address *address)
{
	const void *storage = &address->storage;

	switch (address->storage.ss_family) {
	case AF_INET:
		return ntohs(((const struct sockaddr_in *)storage)->sin_port);
	case AF_INET6:
		return ntohs(((const struct sockaddr_in6 *)storage)->sin6_port);
	default:
		return 0;
	}
}

int simul_address_set_port(simul_address *address, int port)
{
	void *storage = &address->storage;

	if (port < 0 || port > UINT16_MAX)
		return -EINVAL;
	switch (address->storage.ss_family) {
	case AF_INET:
		((struct sockaddr_in *)storage)->sin_port =
			htons((uint16_t)port);
		return 0;
	case AF_INET6:
		((struct sockaddr_in6 *)storage)->sin6_port =
			htons((uint16_t)port);
		return 0;
	default:
		return -EINVAL;
	}
}
