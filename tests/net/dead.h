/* SPDX-License-Identifier: MIT
 * tests/net/dead.h - a network of the test's own, where packets get lost. */
#ifndef DEAD_H
#define DEAD_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* As linux/ipv6.h has it, which disagrees with netinet/in.h about the rest. */
struct dead_ifreq6 {
	struct in6_addr address;
	uint32_t prefix;
	int index;
};

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		SKIP("%s can't be written", path);
	close(fd);
}

/* Who may do so as he is does; others become root in a world of their own. */
static inline void leave_the_world(void)
{
	char map[64];
	unsigned user = getuid();

	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
			SKIP("namespaces are not allowed here");
		snprintf(map, sizeof map, "0 %u 1", user);
		write_file("/proc/self/uid_map", map);
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		SKIP("mounts can't be made private here");
}

static inline void bring_up(int fd, const char *name)
{
	struct ifreq request = { 0 };

	strcpy(request.ifr_name, name);
	CHECK_INT(ioctl(fd, SIOCGIFFLAGS, &request), ==, 0);
	request.ifr_flags |= IFF_UP | IFF_MULTICAST;
	CHECK_INT(ioctl(fd, SIOCSIFFLAGS, &request), ==, 0);
}

static inline void set_ipv4(int fd, const char *name, const char *address,
			    unsigned long what)
{
	struct ifreq request = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&request.ifr_addr;

	strcpy(request.ifr_name, name);
	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
	CHECK_INT(ioctl(fd, what, &request), ==, 0);
}

static inline void set_ipv6(const char *name, const char *address)
{
	struct dead_ifreq6 request = { .prefix = 64,
				       .index = (int)if_nametoindex(name) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		SKIP("there is no IPv6 here");
	inet_pton(AF_INET6, address, &request.address);
	if (ioctl(fd, SIOCSIFADDR, &request) < 0)
		SKIP("there is no IPv6 here");
	close(fd);
}

static inline bool leads_to(const char *numbers, unsigned scope)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons(9),
				    .sin6_scope_id = scope };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	inet_pton(AF_INET6, numbers, &in6.sin6_addr);
	r = connect(fd, (struct sockaddr *)&in6, sizeof in6);
	close(fd);
	return r == 0;
}

/* Does what is sent to this address of ours come back to us? */
static inline bool is_ours(const char *numbers)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t length = sizeof in6;
	char byte = 0;
	bool came;

	inet_pton(AF_INET6, numbers, &in6.sin6_addr);
	came = bind(fd, (struct sockaddr *)&in6, sizeof in6) == 0 &&
	       getsockname(fd, (struct sockaddr *)&in6, &length) == 0 &&
	       sendto(fd, &byte, 1, 0, (struct sockaddr *)&in6, length) == 1 &&
	       recv(fd, &byte, 1, 0) == 1;
	close(fd);
	return came;
}

/* The kernel takes its time to believe in new addresses. */
static inline void wait_for_ipv6(const char *name)
{
	unsigned scope = if_nametoindex(name);
	int tries = 0;

	while (!leads_to("ff02::1", scope) || !leads_to("2001:db8::2", 0) ||
	       !is_ours("2001:db8::1")) {
		if (++tries > 5000)
			SKIP("IPv6 does not come up here");
		usleep(1000);
	}
}

/* From here on this process is in a network where 127.0.0.1 and ::1 are, and
 * an interface "dead" with 10.9.9.1 and 2001:db8::1: what is sent to their
 * neighbours is never answered. There is no way to any other address. Call it
 * before there are threads, and close what it returns at the end. */
static inline int enter_dead_network(void)
{
	struct ifreq request = { .ifr_name = "dead",
				 .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd, tun;

	leave_the_world();
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0)
		SKIP("no network interface can be made here");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bring_up(fd, "lo");
	bring_up(fd, "dead");
	set_ipv4(fd, "dead", "10.9.9.1", SIOCSIFADDR);
	set_ipv4(fd, "dead", "255.255.255.0", SIOCSIFNETMASK);
	set_ipv6("dead", "2001:db8::1");
	wait_for_ipv6("dead");
	close(fd);
	return tun;
}

/* In a test's own world: this text in place of a file. */
static inline void replace_file(const char *path, const char *text)
{
	char own[] = "/tmp/simul-test-XXXXXX";
	int fd = mkstemp(own);

	CHECK_INT(write(fd, text, strlen(text)), ==, strlen(text));
	CHECK_INT(fchmod(fd, 0644), ==, 0);
	close(fd);
	if (mount(own, path, NULL, MS_BIND, NULL) < 0)
		SKIP("%s can't be replaced here", path);
	unlink(own);
}

#endif /* DEAD_H */
