/* SPDX-License-Identifier: MIT
 * bench/load/account.c - what the processes of the server have used, by the
 * kernel's own books. */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

static void add(struct account *account, pid_t pid)
{
	int room = (int)(sizeof(account->members) / sizeof(struct member));
	struct member *member = &account->members[account->count];

	if (account->count == room)
		load_fail("the server has more than %d processes", room);
	member->pid = pid;
	/* A clock of the whole process, exact to the nanosecond; its end also
	 * counts threads that have ended. */
	errno = clock_getcpuclockid(pid, &member->clock);
	if (errno)
		load_fail("process %d: %s", (int)pid, strerror(errno));
	account->count++;
}

void account_open(struct account *account, pid_t group)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	*account = (struct account){ .group = group };
	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (pid > 0 && getpgid(pid) == group)
			add(account, pid);
	}
	if (dir)
		closedir(dir);
	if (account->count == 0)
		load_fail("the server has ended");
}

double account_cpu(const struct account *account)
{
	double seconds = 0;

	for (int i = 0; i < account->count; i++) {
		const struct member *member = &account->members[i];
		struct timespec t;

		if (clock_gettime(member->clock, &t))
			load_fail("process %d of the server has ended",
				  (int)member->pid);
		seconds += (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
	}
	return seconds;
}

double account_memory(const struct account *account)
{
	double mb = 0;

	for (int i = 0; i < account->count; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/status",
			 (int)account->members[i].pid);
		mb += bench_memory_of(path, "VmRSS");
		mb += bench_memory_of(path, "VmPTE");
	}
	return mb;
}
