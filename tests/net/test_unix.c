/* SPDX-License-Identifier: MIT
 * tests/net/test_unix.c - the files of Unix sockets, and listeners from
 * elsewhere. */
#include "loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <simul/gather.h>
#include <simul/scope.h>

#include "sweep.h"

static char folder[64], path[80];

static void make_folder(void)
{
	strcpy(folder, "/tmp/simul-test-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/s", folder);
	CHECK_INT(simul_address_unix(path, &where), ==, 0);
}

/* It must be empty by now. */
static void remove_folder(void)
{
	CHECK_INT(rmdir(folder), ==, 0);
}

static int listen_there(const simul_listen_options *o)
{
	return simul_listen(&where, o, &listener);
}

static void check_works(void)
{
	simul_stream *client, *server;

	connect_both(&client, &server);
	say(client, "hello");
	check_hears(server, "hello");
	CHECK_INT(simul_close(client), ==, 0);
	CHECK_INT(simul_close(server), ==, 0);
}

static unsigned mode_of(const char *name)
{
	struct stat st;

	return lstat(name, &st) < 0 ? 0 : st.st_mode;
}

/* ---- Coming and going */

TEST_VIRTUAL(the_file_of_a_unix_socket_goes_with_its_listener)
{
	make_folder();
	CHECK_INT(listen_there(NULL), ==, 0);
	CHECK(S_ISSOCK(mode_of(path)));
	check_works();
	simul_listener_close(listener);
	CHECK_INT(mode_of(path), ==, 0);
	remove_folder();
}

TEST_VIRTUAL(the_file_of_a_unix_socket_may_stay)
{
	const simul_listen_options stay = { .keep_path = true };

	make_folder();
	CHECK_INT(listen_there(&stay), ==, 0);
	simul_listener_close(listener);
	CHECK(S_ISSOCK(mode_of(path)));
	CHECK_INT(unlink(path), ==, 0);
	remove_folder();
}

TEST_VIRTUAL(a_file_that_has_taken_the_place_of_ours_is_not_removed)
{
	simul_listener *first;

	make_folder();
	CHECK_INT(listen_there(NULL), ==, 0);
	first = listener;
	CHECK_INT(unlink(path), ==, 0);
	CHECK_INT(listen_there(NULL), ==, 0);
	simul_listener_close(first);
	check_works();
	simul_listener_close(listener);
	remove_folder();
}

TEST_VIRTUAL(a_file_where_nobody_listens_any_more_is_replaced)
{
	const simul_listen_options stay = { .keep_path = true };

	make_folder();
	CHECK_INT(listen_there(&stay), ==, 0);
	simul_listener_close(listener);
	CHECK_INT(listen_there(NULL), ==, 0);
	check_works();
	simul_listener_close(listener);
	remove_folder();
}

/* Nor does it notice that somebody has tried. */
TEST_VIRTUAL(a_file_where_somebody_listens_is_in_use)
{
	simul_listener *first, *second = NULL;
	simul_timeout timeout;
	simul_stream *s;

	make_folder();
	CHECK_INT(listen_there(NULL), ==, 0);
	first = listener;
	CHECK_INT(simul_listen(&where, NULL, &second), ==, -EADDRINUSE);
	CHECK(second == NULL);
	CHECK_INT(simul_timeout_open(&timeout, 1), ==, 0);
	CHECK_INT(simul_timeout_close(&timeout, simul_accept(first, &s)), ==,
		  -ETIMEDOUT);
	check_works();
	simul_listener_close(first);
	remove_folder();
}

/* It may be about to listen. */
TEST_VIRTUAL(a_file_whose_socket_does_not_listen_yet_is_in_use)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	make_folder();
	CHECK_INT(bind(fd, (struct sockaddr *)&where.storage, where.length), ==,
		  0);
	CHECK_INT(listen_there(NULL), ==, -EADDRINUSE);
	CHECK_INT(listen(fd, 1), ==, 0);
	CHECK_INT(listen_there(NULL), ==, -EADDRINUSE);
	close(fd);
	CHECK_INT(listen_there(NULL), ==, 0);
	simul_listener_close(listener);
	remove_folder();
}

TEST_VIRTUAL(while_another_replaces_a_file_it_is_in_use)
{
	const simul_listen_options stay = { .keep_path = true };
	int lock;

	make_folder();
	CHECK_INT(listen_there(&stay), ==, 0);
	simul_listener_close(listener);
	lock = open(folder, O_RDONLY | O_DIRECTORY);
	CHECK_INT(flock(lock, LOCK_EX), ==, 0);
	CHECK_INT(listen_there(NULL), ==, -EADDRINUSE);
	close(lock);
	CHECK_INT(listen_there(NULL), ==, 0);
	simul_listener_close(listener);
	remove_folder();
}

TEST_VIRTUAL(what_is_no_socket_is_never_replaced)
{
	int fd;

	make_folder();
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	CHECK_INT(close(fd), ==, 0);
	CHECK_INT(listen_there(NULL), ==, -EADDRINUSE);
	CHECK(S_ISREG(mode_of(path)));
	CHECK_INT(unlink(path), ==, 0);
	CHECK_INT(symlink("elsewhere", path), ==, 0);
	CHECK_INT(listen_there(NULL), ==, -EADDRINUSE);
	CHECK(S_ISLNK(mode_of(path)));
	CHECK_INT(unlink(path), ==, 0);
	remove_folder();
	CHECK_INT(listen_there(NULL), ==, -ENOENT);
}

TEST_VIRTUAL(a_file_in_the_working_folder_is_found_there)
{
	const simul_listen_options stay = { .keep_path = true };

	make_folder();
	CHECK_INT(chdir(folder), ==, 0);
	CHECK_INT(simul_address_unix("s", &where), ==, 0);
	CHECK_INT(listen_there(&stay), ==, 0);
	simul_listener_close(listener);
	CHECK_INT(listen_there(NULL), ==, 0);
	CHECK(S_ISSOCK(mode_of(path)));
	check_works();
	simul_listener_close(listener);
	CHECK_INT(chdir("/"), ==, 0);
	remove_folder();
}

TEST_VIRTUAL(the_longest_path_is_one_too)
{
	char longest[108];

	make_folder();
	memset(longest, 'x', sizeof longest);
	memcpy(longest, folder, strlen(folder));
	longest[strlen(folder)] = '/';
	longest[107] = 0;
	CHECK_INT(simul_address_unix(longest, &where), ==, 0);
	CHECK_INT(listen_there(NULL), ==, 0);
	check_works();
	simul_listener_close(listener);
	remove_folder();
}

/* ---- Modes */

static void check_mode(unsigned mode, unsigned expected)
{
	const simul_listen_options o = { .mode = mode };

	CHECK_INT(listen_there(&o), ==, 0);
	CHECK_INT(mode_of(path) & 07777, ==, expected);
	check_works();
	simul_listener_close(listener);
}

TEST_VIRTUAL(the_file_of_a_unix_socket_has_the_mode_that_was_asked_for)
{
	make_folder();
	umask(022);
	check_mode(0600, 0600);
	check_mode(0660, 0660);
	check_mode(0666, 0666);
	check_mode(0, 0755);
	umask(077);
	check_mode(0666, 0666);
	check_mode(0, 0700);
	umask(0);
	check_mode(0600, 0600);
	remove_folder();
}

/* ---- Listeners from elsewhere */

static int bound_socket(int type, bool listens)
{
	int fd = socket(AF_INET, type, 0);

	CHECK_INT(simul_address_parse("127.0.0.1", 0, &where), ==, 0);
	CHECK_INT(bind(fd, (struct sockaddr *)&where.storage, where.length), ==,
		  0);
	where.length = sizeof where.storage;
	getsockname(fd, (struct sockaddr *)&where.storage, &where.length);
	if (listens)
		CHECK_INT(listen(fd, 10), ==, 0);
	return fd;
}

TEST_VIRTUAL(a_socket_that_listens_already_becomes_a_listener)
{
	int fd = bound_socket(SOCK_STREAM, true);

	CHECK_INT(simul_listener_adopt(fd, &listener), ==, 0);
	CHECK_INT(simul_listener_fd(listener), ==, fd);
	CHECK_INT(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
	check_works();
	simul_listener_close(listener);
	CHECK_INT(fcntl(fd, F_GETFD), ==, -1);
}

TEST_VIRTUAL(what_does_not_listen_becomes_no_listener)
{
	int fd = bound_socket(SOCK_STREAM, false);

	CHECK_INT(simul_listener_adopt(fd, &listener), ==, -EINVAL);
	CHECK_INT(close(fd), ==, 0);
	CHECK_INT(simul_listener_adopt(fd, &listener), ==, -EBADF);
	fd = bound_socket(SOCK_DGRAM, false);
	CHECK_INT(simul_listener_adopt(fd, &listener), ==, -EPROTOTYPE);
	CHECK_INT(close(fd), ==, 0);
	fd = open("/dev/null", O_RDWR);
	CHECK_INT(simul_listener_adopt(fd, &listener), ==, -ENOTSOCK);
	CHECK_INT(close(fd), ==, 0);
}

static void set(const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof text, "%d", value);
	setenv(name, text, 1);
}

static int serve_what_was_inherited(void *arg)
{
	simul_listener *none;

	CHECK_INT(simul_listener_inherit(1, &none), ==, -ENOENT);
	CHECK_INT(simul_listener_inherit(-1, &none), ==, -ENOENT);
	CHECK_INT(simul_listener_inherit(0, &listener), ==, 0);
	CHECK_INT(simul_listener_inherit(0, &none), ==, -ENOENT);
	check_works();
	simul_listener_close(listener);
	/* Nor what has got its number since. */
	CHECK_INT(simul_listener_inherit(0, &none), ==, -ENOENT);
	CHECK_INT(simul_listen(&where, NULL, &listener), ==, 0);
	CHECK_INT(simul_listener_inherit(0, &none), ==, -ENOENT);
	simul_listener_close(listener);
	set("LISTEN_PID", (int)getpid() + 1);
	CHECK_INT(simul_listener_inherit(0, &none), ==, -ENOENT);
	unsetenv("LISTEN_PID");
	CHECK_INT(simul_listener_inherit(0, &none), ==, -ENOENT);
	return 0;
}

/* As systemd does it: see sd_listen_fds(3). */
TEST(a_listener_can_be_handed_over_by_whoever_starts_the_program)
{
	int kept = dup(3), fd = bound_socket(SOCK_STREAM, true);

	CHECK_INT(dup2(fd, 3), ==, 3);
	if (fd != 3)
		close(fd);
	set("LISTEN_PID", (int)getpid());
	set("LISTEN_FDS", 1);
	CHECK_INT(run_virtual(serve_what_was_inherited, NULL), ==, 0);
	if (kept >= 0) {
		dup2(kept, 3);
		close(kept);
	}
}

/* ---- Connecting with options */

TEST_VIRTUAL(a_connection_to_a_unix_socket_is_reported_as_others_are)
{
	simul_connect_report report = { .count = 9 };
	simul_connect_options o = { .report = &report };
	const simul_address own = { .length = sizeof own.storage };
	simul_stream *s;

	make_folder();
	CHECK_INT(simul_connect_any(&o, &where, 1, &s), ==, -ENOENT);
	CHECK_INT(report.count, ==, 1);
	CHECK_INT(report.attempts[0].result, ==, -ENOENT);
	CHECK_BYTES(&report.attempts[0].address, &where, sizeof where);
	CHECK_INT(listen_there(NULL), ==, 0);
	CHECK_INT(simul_connect_any(&o, &where, 1, &s), ==, 0);
	CHECK_INT(report.count, ==, 1);
	CHECK_INT(report.attempts[0].result, ==, 0);
	CHECK_NEAR(report.attempts[0].seconds, 0, 0.001);
	CHECK_INT(simul_close(s), ==, 0);
	o.local = &own;
	CHECK_INT(simul_connect_any(&o, &where, 1, &s), ==, -EAFNOSUPPORT);
	CHECK_INT(report.attempts[0].result, ==, -EAFNOSUPPORT);
	simul_listener_close(listener);
	remove_folder();
}

/* ---- Full queues, on every backend alike */

static int connect_and_close(void *arg)
{
	simul_stream *s;
	int r = simul_connect_address(&where, &s);

	return r < 0 ? r : simul_close(s);
}

TEST_VIRTUAL(a_unix_socket_whose_queue_is_full_is_waited_for)
{
	const simul_listen_options narrow = { .backlog = 1 };
	simul_task *t[20];
	simul_stream *s;

	make_folder();
	CHECK_INT(listen_there(&narrow), ==, 0);
	for (int i = 0; i < 20; i++)
		t[i] = simul_create_task(connect_and_close, NULL);
	simul_sleep(5);
	CHECK(!simul_task_is_done(t[19]));
	simul_cancel(t[19]);
	CHECK_INT(simul_await(t[19]), ==, -ECANCELED);
	for (int i = 0; i < 19; i++) {
		CHECK_INT(simul_accept(listener, &s), ==, 0);
		CHECK_INT(simul_close(s), ==, 0);
	}
	CHECK_INT(simul_gather(t, 19, NULL), ==, 0);
	simul_listener_close(listener);
	remove_folder();
}

/* ---- Sweeps */

static int listen_and_talk(void *arg)
{
	simul_stream *client = NULL, *server = NULL;
	int r = listen_there(&(simul_listen_options){ .mode = 0600 });

	if (r < 0)
		return r;
	r = simul_connect_address(&where, &client);
	if (r >= 0)
		r = simul_accept(listener, &server);
	simul_abort(client);
	simul_abort(server);
	simul_listener_close(listener);
	return r;
}

static void run_listen_and_talk(void)
{
	run_virtual(listen_and_talk, NULL);
}

static void check_cancelled_or_done(void *state, int result)
{
	CHECK(result == 0 || result == -ECANCELED || result == -ETIMEDOUT);
	CHECK_INT(mode_of(path), ==, 0);
}

TEST(unix_listeners_survive_every_refused_allocation)
{
	make_folder();
	sweep_allocations(run_listen_and_talk);
	remove_folder();
}

TEST(unix_listeners_survive_a_cancellation_at_every_suspension)
{
	make_folder();
	sweep_cancellations(listen_and_talk, 1, check_cancelled_or_done);
	remove_folder();
}
