/* SPDX-License-Identifier: MIT
 * http/pool_host.c - the hosts that a client has to do with. */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "http/pool.h"

/* FNV-1a. Who wants to make all hosts collide needs so many host names, and
 * gains a list of at most as many as have connections at a time. */
static size_t bucket_of(struct smi_slice authority)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < authority.length; i++)
		hash = (hash ^ (unsigned char)authority.at[i]) * 16777619;
	return (hash ^ hash >> 16) % SMI_CLIENT_BUCKETS;
}

static struct smi_client_host *new_host(const struct smi_client_pool *pool,
					const struct smi_url *url,
					struct smi_slice authority)
{
	struct smi_client_host *host = smi_alloc_zero(
		sizeof(*host) + authority.length + 1 + url->host.length + 1);
	char *name;

	if (!host)
		return NULL;
	memcpy(host->authority, authority.at, authority.length);
	host->length = authority.length;
	name = host->authority + authority.length + 1;
	memcpy(name, url->host.at, url->host.length);
	host->name = name;
	host->port = url->port;
	host->secure = url->secure;
	host->slots.value = pool->host_limit;
	return host;
}

struct smi_client_host *smi_client_enter_host(struct smi_client_pool *pool,
					      const struct smi_url *url,
					      struct smi_slice authority)
{
	struct smi_client_host **bucket = &pool->hosts[bucket_of(authority)];
	struct smi_client_host *host;

	for (host = *bucket; host; host = host->next)
		if (host->secure == url->secure &&
		    smi_slice_is(smi_slice(host->authority, host->length),
				 authority))
			break;
	if (!host) {
		host = new_host(pool, url, authority);
		if (!host)
			return NULL;
		host->next = *bucket;
		*bucket = host;
	}
	host->users++;
	return host;
}

void smi_client_leave_host(struct smi_client_pool *pool,
			   struct smi_client_host *host)
{
	struct smi_slice authority = smi_slice(host->authority, host->length);
	struct smi_client_host **link = &pool->hosts[bucket_of(authority)];

	if (--host->users > 0)
		return;
	while (*link != host)
		link = &(*link)->next;
	*link = host->next;
	smi_free(host);
}
