/* SPDX-License-Identifier: MIT
 * file/random_name.c - names that nobody else has. */
#include "file/random_name.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Other programs may have the same idea; but not so often. */
enum { TRIES = 100 };

void smi_random_name(char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t random = 0;

	/* Before the system has any chance to give, the time must do: it is
	 * O_EXCL that keeps others out. */
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = smi_clock() * UINT64_C(0x9e3779b97f4a7c15);
	for (int i = 0; i < SMI_RANDOM_LENGTH; i++) {
		name[i] = letters[random % 32];
		random /= 32;
	}
}

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

int smi_with_random_name(const char *directory, const char *prefix,
			 const char *suffix,
			 int (*make)(const char *path, void *arg), void *arg,
			 char **ret_path)
{
	char name[SMI_RANDOM_LENGTH + 1] = "";
	size_t room = strlen(directory) + strlen(or_nothing(prefix)) +
		      strlen(or_nothing(suffix)) + sizeof name + 1;
	char *path = smi_alloc(room);
	int r = -EEXIST;

	if (!path)
		return -ENOMEM;
	for (int i = 0; i < TRIES && r == -EEXIST; i++) {
		smi_random_name(name);
		snprintf(path, room, "%s/%s%s%s", directory, or_nothing(prefix),
			 name, or_nothing(suffix));
		r = make(path, arg);
	}
	if (r >= 0)
		*ret_path = path;
	else
		smi_free(path);
	return r;
}
