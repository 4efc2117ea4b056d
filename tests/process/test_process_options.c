/* SPDX-License-Identifier: MIT
 * tests/process/test_process_options.c - what a program gets, and what it is
 * told when it can't have it. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simul.h>

#include "programs.h"

/* ---- Arguments and environment */

TEST_IN_TASK(arguments_arrive_as_they_are)
{
	simul_output output;

	CHECK_INT(simul_run_command(SIMUL_ARGV("printf", "%s|", "a b", "",
					       "$HOME", "\xff\n"),
				    NULL, &output),
		  ==, 0);
	CHECK_STR(output.out, "a b||$HOME|\xff\n|");
	simul_output_done(&output);
}

TEST_IN_TASK(the_file_need_not_be_what_the_program_is_called)
{
	simul_output output;

	CHECK_INT(simul_run_command(
			  SIMUL_ARGV("-my-shell", "-c", "echo $0"),
			  &(simul_process_options){ .program = "/bin/sh" },
			  &output),
		  ==, 0);
	CHECK_STR(output.out, "-my-shell\n");
	simul_output_done(&output);
}

TEST_IN_TASK(the_environment_is_ours)
{
	setenv("SIMUL_TEST_A", "one", 1);
	check_output("echo $SIMUL_TEST_A", NULL, "one\n");
}

TEST_IN_TASK(the_environment_is_replaced)
{
	setenv("SIMUL_TEST_A", "one", 1);
	check_output(
		"echo $SIMUL_TEST_A.$B",
		&(simul_process_options){ .environment = SIMUL_ARGV("B=two") },
		".two\n");
}

TEST_IN_TASK(entries_of_the_environment_are_set_and_removed)
{
	setenv("SIMUL_TEST_A", "one", 1);
	setenv("SIMUL_TEST_AB", "two", 1);
	check_output("echo $SIMUL_TEST_A.$SIMUL_TEST_AB.$SIMUL_TEST_C",
		     &(simul_process_options){ .change_environment = SIMUL_ARGV(
						       "SIMUL_TEST_A",
						       "SIMUL_TEST_C=3",
						       "SIMUL_TEST_C=three") },
		     ".two.three\n");
	CHECK_STR(getenv("SIMUL_TEST_A"), "one");
}

/* ---- The file */

static char dir[] = "/tmp/simul-process-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[sizeof dir + 32];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void make_dir(void)
{
	CHECK(mkdtemp(dir));
}

static void make_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      0700);

	CHECK_INT(write(fd, text, strlen(text)), ==, strlen(text));
	CHECK_INT(fchmod(fd, mode), ==, 0);
	CHECK_INT(close(fd), ==, 0);
}

static void remove_dir(void)
{
	for (const char *const *name = SIMUL_ARGV("a", "b", "c", "log"); *name;
	     name++)
		unlink(in_dir(*name));
	CHECK_INT(rmdir(dir), ==, 0);
}

/* Starting it fails like this, at that. */
static void check_refused(const char *const *argv, simul_process_options o,
			  int error, const char *at)
{
	simul_process *p = NULL;
	const char *step = "";

	o.ret_step = &step;
	CHECK_INT(simul_process_start(argv, &o, &p), ==, error);
	CHECK(!p);
	CHECK_STR(step, at);
}

static const simul_process_options none;

TEST_IN_TASK(a_program_that_does_not_exist_is_said_so)
{
	check_refused(SIMUL_ARGV("simul-no-such-program"), none, -ENOENT,
		      "exec");
	check_refused(SIMUL_ARGV("/no/such/program"), none, -ENOENT, "exec");
	check_refused(SIMUL_ARGV(""), none, -ENOENT, "exec");
	check_refused(SIMUL_ARGV("/bin/sh/x"), none, -ENOENT, "exec");
}

TEST_IN_TASK(a_program_that_may_not_be_executed_is_said_so)
{
	simul_process_options o = none;
	char path[100];

	make_dir();
	make_file("a", "#!/bin/sh\n", 0600);
	check_refused(SIMUL_ARGV(in_dir("a")), none, -EACCES, "exec");
	check_refused(SIMUL_ARGV(dir), none, -EACCES, "exec");
	snprintf(path, sizeof path, "PATH=%s:/nonexistent", dir);
	o.change_environment = SIMUL_ARGV(path);
	check_refused(SIMUL_ARGV("a"), o, -EACCES, "exec");
	remove_dir();
}

TEST_IN_TASK(a_file_that_is_no_program_is_said_so)
{
	make_dir();
	make_file("a", "what is this?\n", 0700);
	check_refused(SIMUL_ARGV(in_dir("a")), none, -ENOEXEC, "exec");
	make_file("b", "#!/no/such/interpreter\n", 0700);
	check_refused(SIMUL_ARGV(in_dir("b")), none, -ENOENT, "exec");
	remove_dir();
}

TEST_IN_TASK(it_is_looked_for_in_the_path_of_its_own_environment)
{
	simul_output output;
	char path[100];

	make_dir();
	make_file("a", "#!/bin/sh\necho it is a\n", 0700);
	snprintf(path, sizeof path, "PATH=/nonexistent::%s:/bin", dir);
	CHECK_INT(simul_run_command(
			  SIMUL_ARGV("a"),
			  &(simul_process_options){ .change_environment =
							    SIMUL_ARGV(path) },
			  &output),
		  ==, 0);
	CHECK_STR(output.out, "it is a\n");
	simul_output_done(&output);
	check_output("echo $PATH",
		     &(simul_process_options){
			     .program = "sh",
			     .environment = SIMUL_ARGV("A=b", "PATH=/bin") },
		     "/bin\n");
	remove_dir();
}

/* What has no '=' has no value either, whatever lies behind it. */
TEST_IN_TASK(an_entry_of_the_environment_without_a_value_is_no_path)
{
	static const char odd[] = "PATH\0/nonexistent";

	check_output("echo $PATH",
		     &(simul_process_options){
			     .program = "sh",
			     .environment = SIMUL_ARGV(odd, "PATH=/bin") },
		     "/bin\n");
}

/* ---- Where it runs */

TEST_IN_TASK(it_runs_in_another_directory)
{
	check_output("pwd", &(simul_process_options){ .directory = "/proc" },
		     "/proc\n");
}

TEST_IN_TASK(a_directory_that_does_not_exist_is_told_from_such_a_program)
{
	simul_process_options o = none;

	o.directory = "/no/such/directory";
	check_refused(SIMUL_ARGV("true"), o, -ENOENT, "directory");
	o.directory = "/bin/sh";
	check_refused(SIMUL_ARGV("true"), o, -ENOTDIR, "directory");
}

/* ---- Descriptors */

/* What is open there but for what ls itself opens. */
static const char list_descriptors[] =
	"for f in /proc/self/fd/*; do n=${f##*/}; "
	"[ -e /proc/$$/fd/$n ] && printf '%s ' $n; done; true";

TEST_IN_TASK(no_descriptor_leaks_into_it)
{
	int leaks[20];

	for (int i = 0; i < 20; i++)
		leaks[i] = open("/dev/null", O_RDONLY);
	CHECK_INT(dup2(0, 777), ==, 777);
	check_output(list_descriptors, NULL, "0 1 2 ");
	for (int i = 0; i < 20; i++)
		close(leaks[i]);
	close(777);
}

TEST_IN_TASK(it_has_the_descriptors_that_it_was_given)
{
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	CHECK_INT(write(ends[1], "hello\n", 6), ==, 6);
	check_output("read line <&7; echo $line; ls -l /proc/self/fd/ | "
		     "grep -c pipe >&2; echo bye >&5",
		     &(simul_process_options){
			     .others =
				     (struct simul_child_fd[]){
					     { .child = 7, .ours = ends[0] },
					     { .child = 5, .ours = ends[1] } },
			     .other_count = 2 },
		     "hello\n");
	{
		char text[5];

		CHECK_INT(read(ends[0], text, 4), ==, 4);
		CHECK_BYTES(text, "bye\n", 4);
	}
	close(ends[0]);
	close(ends[1]);
}

/* Ours may have the numbers that the program's are to have, in any order. */
TEST_IN_TASK(descriptors_are_exchanged)
{
	make_dir();
	for (int i = 0; i < 3; i++) {
		char name[] = { (char)('a' + i), 0 };

		make_file(name, name, 0600);
		CHECK_INT(dup2(open(in_dir(name), O_RDONLY), 20 + i), ==,
			  20 + i);
	}
	check_output("cd /proc/self/fd; cat 20 21 22",
		     &(simul_process_options){
			     .others = (struct simul_child_fd[]){ { 22, 20 },
								  { 20, 21 },
								  { 21, 22 } },
			     .other_count = 3 },
		     "bca");
	for (int fd = 3; fd < 30; fd++) {
		struct stat status;

		if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		    status.st_size == 1)
			close(fd);
	}
	remove_dir();
}

TEST_IN_TASK(a_descriptor_stays_where_it_is)
{
	int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);

	check_output("[ -e /proc/self/fd/$N ] && echo there",
		     &(simul_process_options){
			     .change_environment = SIMUL_ARGV("N=9"),
			     .others = &(struct simul_child_fd){ 9, fd },
			     .other_count = 1 },
		     "there\n");
	CHECK_INT(dup3(fd, 9, O_CLOEXEC), ==, 9);
	check_output("[ -e /proc/self/fd/9 ] && echo there",
		     &(simul_process_options){
			     .others = &(struct simul_child_fd){ 9, 9 },
			     .other_count = 1 },
		     "there\n");
	close(fd);
	close(9);
}

TEST_IN_TASK(descriptors_that_make_no_sense_are_refused)
{
	simul_process_options o = none;
	struct simul_child_fd fds[] = { { 5, 0 }, { 5, 1 } };

	o.others = fds;
	o.other_count = 2;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "options");
	fds[0].child = 2;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "options");
	fds[0] = (struct simul_child_fd){ 7, 12345 };
	check_refused(SIMUL_ARGV("true"), o, -EBADF, "descriptors");
	o = none;
	o.out.to = SIMUL_TO_STDOUT;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "options");
	o.out.to = SIMUL_TO_FILE;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "options");
	check_refused(SIMUL_ARGV(NULL), none, -EINVAL, "options");
}

TEST_IN_TASK(the_streams_are_files)
{
	make_dir();
	make_file("a", "one\ntwo\n", 0600);
	check_output("cat; echo three >&2",
		     &(simul_process_options){
			     .in = { .to = SIMUL_TO_FILE, .path = in_dir("a") },
			     .out.to = SIMUL_TO_PIPE,
			     .err.to = SIMUL_TO_NULL },
		     "one\ntwo\n");
	for (int i = 0; i < 2; i++) {
		simul_output output;

		CHECK_INT(simul_run_shell(
				  "echo out; echo err >&2",
				  &(simul_process_options){
					  .out = { .to = SIMUL_TO_FILE,
						   .path = in_dir("log"),
						   .flags = O_WRONLY | O_CREAT |
							    O_APPEND,
						   .mode = 0600 },
					  .err.to = SIMUL_TO_STDOUT },
				  &output),
			  ==, 0);
		CHECK(!output.out && !output.err);
		simul_output_done(&output);
	}
	check_output(
		"cat",
		&(simul_process_options){
			.in = { .to = SIMUL_TO_FILE, .path = in_dir("log") } },
		"out\nerr\nout\nerr\n");
	remove_dir();
}

TEST_IN_TASK(a_file_that_can_not_be_opened_is_said_so)
{
	simul_process_options o = none;

	o.in = (struct simul_child_io){ .to = SIMUL_TO_FILE,
					.path = "/no/such" };
	check_refused(SIMUL_ARGV("true"), o, -ENOENT, "standard streams");
}

TEST_IN_TASK(complaints_go_where_the_output_goes)
{
	check_output("echo a; echo b >&2; echo c",
		     &(simul_process_options){ .err.to = SIMUL_TO_STDOUT },
		     "a\nb\nc\n");
}

TEST_IN_TASK(a_stream_is_a_descriptor_of_ours_or_closed)
{
	int ends[2];

	CHECK_INT(pipe2(ends, O_CLOEXEC), ==, 0);
	CHECK_INT(write(ends[1], "hello\n", 6), ==, 6);
	close(ends[1]);
	check_output("cat; [ -e /proc/self/fd/2 ] || echo none",
		     &(simul_process_options){
			     .in = { .to = SIMUL_TO_FD, .fd = ends[0] },
			     .err.to = SIMUL_TO_NOTHING },
		     "hello\nnone\n");
	close(ends[0]);
}

TEST_IN_TASK(where_we_have_no_standard_input_it_has_none)
{
	simul_process *p;
	int kept = dup(0);
	char *line;

	close(0);
	p = start("[ -e /proc/self/fd/0 ] || echo none",
		  &(simul_process_options){ .out.to = SIMUL_TO_PIPE });
	CHECK_INT(simul_read_line(simul_process_out(p), &line, NULL), ==, 1);
	CHECK_STR(line, "none");
	CHECK_INT(simul_process_wait(p), ==, 0);
	CHECK_INT(simul_process_close(p), ==, 0);
	CHECK_INT(dup2(kept, 0), ==, 0);
	close(kept);
}

TEST_IN_TASK(what_only_has_the_number_of_a_standard_stream_is_not_inherited)
{
	simul_process *p;
	int kept = dup(1);

	close(1);
	CHECK_INT(open("/dev/null", O_WRONLY | O_CLOEXEC), ==, 1);
	p = start("[ -e /proc/self/fd/1 ] || exit 7", NULL);
	CHECK_INT(simul_process_wait(p), ==, 7);
	CHECK_INT(simul_process_close(p), ==, 7);
	CHECK_INT(dup2(kept, 1), ==, 1);
	close(kept);
}

/* ---- Rights and limits */

TEST_IN_TASK(it_has_a_umask_limits_and_priority_of_its_own)
{
	char wanted[32];

	/* The tests themselves may be run with another priority. */
	snprintf(wanted, sizeof wanted, "0027\n77\n%d\n",
		 getpriority(PRIO_PROCESS, 0) + 5);
	check_output(
		"umask; ulimit -n; nice",
		&(simul_process_options){
			.set_umask = true,
			.umask = 027,
			.limits = &(struct simul_child_limit){ RLIMIT_NOFILE,
							       { 77, 77 } },
			.limit_count = 1,
			.nice = 5 },
		wanted);
}

TEST_IN_TASK(limits_that_can_not_be_set_are_said_so)
{
	simul_process_options o = none;

	o.limits = &(struct simul_child_limit){ RLIMIT_NOFILE, { 7, 6 } };
	o.limit_count = 1;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "limits");
}

TEST_IN_TASK(it_runs_as_another_user)
{
	static const gid_t groups[] = { 4321, 4322 };

	if (geteuid() != 0)
		SKIP("only root may change users");
	check_output("id -u; id -G",
		     &(simul_process_options){
			     .user = &(struct simul_child_user){ 1234, 4321,
								 groups, 2 } },
		     "1234\n4321 4322\n");
	CHECK_INT(geteuid(), ==, 0);
}

TEST_IN_TASK(who_may_not_change_users_is_said_so)
{
	simul_process_options o = none;

	if (geteuid() == 0)
		CHECK_INT(setresuid(1234, 1234, 1234), ==, 0);
	o.user = &(struct simul_child_user){ .uid = 0 };
	check_refused(SIMUL_ARGV("true"), o, -EPERM, "user");
}

/* ---- Groups and sessions */

TEST_IN_TASK(it_has_a_group_or_a_session_of_its_own)
{
	static const char leads[] =
		"set -- $(sed 's/.*) //' /proc/$$/stat); "
		"[ $$ = $3 ] && printf group; [ $$ = $4 ] && printf session; "
		"true";

	check_output(leads, NULL, "");
	check_output(leads, &(simul_process_options){ .new_group = true },
		     "group");
	check_output(leads, &(simul_process_options){ .new_session = true },
		     "groupsession");
}

TEST_IN_TASK(it_joins_the_group_of_another)
{
	simul_process *leader = NULL;
	char expected[32];

	CHECK_INT(simul_process_start(
			  SIMUL_ARGV("sleep", "100"),
			  &(simul_process_options){ .new_group = true },
			  &leader),
		  ==, 0);
	snprintf(expected, sizeof expected, "%d\n",
		 (int)simul_process_id(leader));
	check_output(
		"set -- $(sed 's/.*) //' /proc/$$/stat); echo $3",
		&(simul_process_options){ .group = simul_process_id(leader) },
		expected);
	CHECK_INT(simul_process_close(leader), ==, 128 + SIGTERM);
}

TEST_IN_TASK(a_group_that_it_can_not_join_is_said_so)
{
	simul_process_options o = none;

	o.group = 1;
	check_refused(SIMUL_ARGV("true"), o, -EPERM, "session");
	o.new_group = true;
	check_refused(SIMUL_ARGV("true"), o, -EINVAL, "options");
}

/* ---- Signals */

TEST_IN_TASK(no_signal_is_blocked_or_caught_and_sigpipe_ends_it)
{
	sigset_t all;

	/* Whoever runs the tests may have had some ignored. */
	for (int n = 1; n <= 64; n++)
		signal(n, SIG_DFL);
	sigfillset(&all);
	CHECK_INT(sigprocmask(SIG_BLOCK, &all, NULL), ==, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	/* Bit n - 1 is signal n. */
	check_output("cat /proc/self/status | grep -E 'Sig(Blk|Ign|Cgt)'", NULL,
		     "SigBlk:\t0000000000000000\n"
		     "SigIgn:\t0000000000000200\n"
		     "SigCgt:\t0000000000000000\n");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
}

static int forks_and_starts(void *arg)
{
	simul_process *p = NULL;
	pid_t pid;

	CHECK_INT(simul_process_start(
			  SIMUL_ARGV("sleep", "100"),
			  &(simul_process_options){ .death_signal = SIGKILL,
						    .new_session = true },
			  &p),
		  ==, 0);
	pid = simul_process_id(p);
	CHECK_INT(write(*(int *)arg, &pid, sizeof pid), ==, sizeof pid);
	_exit(0);
}

TEST(when_we_die_it_gets_its_death_signal)
{
	int ends[2];
	pid_t parent, pid;

	CHECK_INT(prctl(PR_SET_CHILD_SUBREAPER, 1), ==, 0);
	CHECK_INT(pipe(ends), ==, 0);
	parent = fork();
	if (parent == 0) {
		simul_run(forks_and_starts, &ends[1]);
		_exit(1);
	}
	CHECK_INT(read(ends[0], &pid, sizeof pid), ==, sizeof pid);
	CHECK_INT(waitpid(parent, NULL, 0), ==, parent);
	CHECK_INT(waitpid(pid, NULL, 0), ==, pid);
	close(ends[0]);
	close(ends[1]);
}
