/* SPDX-License-Identifier: Apache-2.0 */
/* What a plugin's plan is, what it comes to with the means of a kernel, and that it is in force. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yankwatch/notifier.h>

#include <cmocka.h>

#define LEAST_PRIORITY 19
#define ALL (YW_NEEDS_NETWORK | YW_NEEDS_LOCAL_SOCKETS | YW_NEEDS_PROGRAMS)

static const struct sandbox_means no_means = {0};

static void expect_words(struct sandbox_report report, const char *words)
{
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	json_open(&w, NULL, '{');
	sandbox_write(report, &w);
	json_close(&w, '}');
	assert_string_equal(strbuf_str(&out), words);
}

/* ---- what it comes to ---- */

static void what_the_kernel_has_no_means_for_is_told(void **state)
{
	(void)state;
	static const struct {
		uint32_t needs;
		bool knows_hidden;
		struct sandbox_means means;
		const char *words;
	} cases[] = {
		{0,
		 true,
		 {7, true},
		 "{\"confined\":[\"files\",\"network\",\"local_sockets\",\"programs\",\"processes\",\"system_calls\"],"
		 "\"unconfined\":[]}"},
		{0,
		 true,
		 {0, false},
		 "{\"confined\":[],"
		 "\"unconfined\":[\"files\",\"network\",\"local_sockets\",\"programs\",\"processes\",\"system_calls\"]"
		 "}"},
		{0,
		 true,
		 {0, true},
		 "{\"confined\":[\"network\",\"local_sockets\",\"programs\",\"processes\",\"system_calls\"],"
		 "\"unconfined\":[\"files\"]}"},
		{YW_NEEDS_NETWORK,
		 true,
		 {1, true},
		 "{\"confined\":[\"files\",\"local_sockets\",\"programs\",\"processes\",\"system_calls\"],"
		 "\"unconfined\":[]}"},
		{0,
		 true,
		 {2, false},
		 "{\"confined\":[],"
		 "\"unconfined\":[\"files\",\"network\",\"local_sockets\",\"programs\",\"processes\",\"system_calls\"]"
		 "}"},
		{ALL,
		 true,
		 {2, true},
		 "{\"confined\":[\"system_calls\"],\"unconfined\":[\"files\",\"local_sockets\",\"processes\"]}"},
		{ALL,
		 true,
		 {6, true},
		 "{\"confined\":[\"files\",\"processes\",\"system_calls\"],\"unconfined\":[\"local_sockets\"]}"},
		{ALL,
		 true,
		 {5, true},
		 "{\"confined\":[\"files\",\"system_calls\"],\"unconfined\":[\"local_sockets\",\"processes\"]}"},
		{ALL,
		 false,
		 {6, true},
		 "{\"confined\":[\"processes\",\"system_calls\"],\"unconfined\":[\"files\",\"local_sockets\"]}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan plan = {.needs = cases[i].needs, .knows_hidden = cases[i].knows_hidden};
		expect_words(sandbox_expect(&plan, cases[i].means), cases[i].words);
	}
}

/* ---- the plan ---- */

static void expect_paths(const struct paths *paths, const char *expected)
{
	OWNED_STRBUF struct strbuf all = {0};

	for (size_t i = 0; i < paths->count; i++)
		strbuf_addf(&all, "%s%s", i ? " " : "", paths->items[i]);
	assert_string_equal(strbuf_str(&all), expected);
}

static void parse(const char *text, cJSON **ret)
{
	struct err err;
	assert_int_equal(json_parse(text, strlen(text), ret, &err), 0);
}

static void a_plan_holds_the_paths_of_the_options(void **state)
{
	(void)state;
	OWNED_JSON cJSON *description = NULL;
	OWNED_JSON cJSON *frame = NULL;
	OWNED(plan_release) struct plan plan;
	struct err err;

	parse("{\"needs\":[\"network\",\"programs\",\"the moon\"],\"options\":["
	      "{\"name\":\"ca\",\"type\":\"path\"},{\"name\":\"log\",\"type\":\"path\",\"write\":true},"
	      "{\"name\":\"spool\",\"type\":\"path\",\"default\":\"/spool\"},"
	      "{\"name\":\"word\",\"type\":\"string\"},{\"name\":\"key\",\"type\":\"string\",\"secret\":true},"
	      "{\"name\":\"url\",\"type\":\"url\",\"or_file\":true}]}",
	      &description);
	parse("{\"options\":{\"ca\":\"/ca\",\"log\":\"/log\",\"word\":\"/etc/shadow\",\"key_file\":\"/key\","
	      "\"url_file\":\"relative\",\"word_file\":\"/etc/shadow\"},\"hidden\":[\"/state\",\"/key\",\"/other\"]}",
	      &frame);
	assert_int_equal(plan_make("/p.so", description, frame, &plan, &err), 0);
	assert_int_equal(plan.needs, YW_NEEDS_NETWORK | YW_NEEDS_PROGRAMS);
	expect_paths(&plan.loads, "/p.so /key");
	expect_paths(&plan.reads, "/ca /spool");
	expect_paths(&plan.writes, "/log");
	expect_paths(&plan.hidden, "/state /other");
	assert_true(plan.knows_hidden);
}

/* ---- in force: each case in a process of its own ---- */

struct place {
	char folder[64];
	char open[96], secret[96], made[96];
};

/* 0: it was possible; else an errno. */
static int try_to_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int try_to_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	return write(fd, "x", 1) == 1 ? close(fd) : errno;
}

static int try_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);
	return fd < 0 ? errno : close(fd);
}

static int try_pair(int type)
{
	int fds[2];
	return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds) != 0 ? errno : close(fds[0]) | close(fds[1]);
}

static int try_to_fork(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

/* The first thing that was otherwise than expected, as the exit status; 0: none. */
static int check_all(const struct plan *plan, const struct place *place, struct sandbox_means means)
{
	const bool files = means.landlock_abi > 0;
	const struct {
		int got, expected;
	} checks[] = {
		{try_to_read(place->open), 0},
		{try_to_read("/etc/ssl/openssl.cnf"), 0},
		{try_to_read(place->secret), files ? EACCES : 0},
		{try_to_read("/etc/shadow"), files ? EACCES : 0},
		{try_to_make(place->made), plan->writes.count ? 0
					   : files            ? EACCES
							      : EFBIG},
		{try_socket(AF_INET), means.seccomp ? EPERM : 0},
		{try_socket(AF_UNIX), means.seccomp ? EPERM : 0},
		{try_pair(SOCK_STREAM), 0},
		{try_pair(SOCK_DGRAM), means.seccomp ? EPERM : 0},
		{chmod(place->open, 0600) ? errno : 0, means.seccomp ? EPERM : 0},
		/* What a kernel's Landlock before ABI 3 does not forbid: to empty a file that cannot be opened. */
		{truncate(place->secret, 1) ? errno : 0, means.seccomp             ? EPERM
							 : means.landlock_abi >= 3 ? EACCES
										   : 0},
		/* Only where it is refused: it would be done to our own group. */
		{means.seccomp && setpriority(PRIO_PGRP, 0, LEAST_PRIORITY) ? errno : 0, means.seccomp ? EPERM : 0},
		{setpriority(PRIO_PROCESS, 0, LEAST_PRIORITY) ? errno : 0, 0},
		{try_to_fork(), means.seccomp ? EPERM : 0},
		{kill(getppid(), 0) ? errno : 0, means.seccomp || means.landlock_abi >= 6 ? EPERM : 0},
		{setpgid(0, getpgid(getppid())) ? errno : 0, means.seccomp ? EPERM : 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i].got != checks[i].expected) {
			print_error("check %zu: %d, expected %d\n", i, checks[i].got, checks[i].expected);
			return (int)i + 1;
		}
	return 0;
}

static int run_confined(const struct plan *plan, const struct place *place, struct sandbox_means means)
{
	int status;
	struct err err;

	pid_t pid = fork();
	if (pid == 0) {
		(void)signal(SIGXFSZ, SIG_IGN);
		if (sandbox_begin(STDERR_FILENO, &err))
			_exit(99);
		(void)sandbox_apply(plan, means);
		_exit(check_all(plan, place, means));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void put(char *path, size_t size, const char *folder, const char *name)
{
	(void)snprintf(path, size, "%s/%s", folder, name);
	assert_int_equal(try_to_make(path), 0);
}

static void make_place(struct place *place)
{
	(void)snprintf(place->folder, sizeof place->folder, "/tmp/yankwatch-unit-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	put(place->open, sizeof place->open, place->folder, "open");
	put(place->secret, sizeof place->secret, place->folder, "secret");
	(void)snprintf(place->made, sizeof place->made, "%s/made", place->folder);
}

static void remove_place(const struct place *place)
{
	(void)unlink(place->open);
	(void)unlink(place->secret);
	(void)unlink(place->made);
	(void)rmdir(place->folder);
}

static void what_is_told_as_closed_is_closed(void **state)
{
	(void)state;
	const struct sandbox_means here = sandbox_probe();
	const struct sandbox_means all[] = {here,       {here.landlock_abi, false}, {2, here.seccomp},
					    {2, false}, {0, here.seccomp},          no_means};
	struct place place;

	if (here.landlock_abi < 3 || !here.seccomp)
		skip(); /* a sanitizer's build, or a kernel without: told, above */
	make_place(&place);
	char *reads[] = {place.open};
	char *writes[] = {place.made};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct plan plan = {.reads = {reads, 1}};
		assert_int_equal(run_confined(&plan, &place, all[i]), 0);
		plan.writes = (struct paths){writes, 1};
		/* Where the folder holds what is hidden, the file alone is written, and made for it. */
		plan.hidden = (struct paths){(char *[]){place.secret}, 1};
		assert_int_equal(run_confined(&plan, &place, all[i]), 0);
		assert_int_equal(unlink(place.made), 0);
	}
	remove_place(&place);
}

static int check_network(void)
{
	const struct {
		int family, protocol, expected;
	} sockets[] = {
		{AF_INET, 0, 0},
		{AF_INET6, 0, 0},
		{AF_NETLINK, NETLINK_ROUTE, 0},
		{AF_NETLINK, NETLINK_KOBJECT_UEVENT, EPERM},
		{AF_UNIX, 0, EPERM},
		{AF_PACKET, 0, EPERM},
		{AF_VSOCK, 0, EPERM},
		{63, 0, EPERM},
		{1000, 0, EPERM},
	};

	for (size_t i = 0; i < ARRAY_LEN(sockets); i++) {
		int fd = socket(sockets[i].family, SOCK_DGRAM | SOCK_CLOEXEC, sockets[i].protocol);
		if ((fd < 0 ? errno : 0) != sockets[i].expected) {
			print_error("socket %zu: %s\n", i, fd < 0 ? strerror(errno) : "made");
			return 1;
		}
	}
	return 0;
}

static void a_plugin_of_the_network_has_its_families_alone(void **state)
{
	(void)state;
	const struct plan plan = {.needs = YW_NEEDS_NETWORK};
	struct err err;
	int status;

	if (!sandbox_probe().seccomp)
		skip();
	pid_t pid = fork();
	if (pid == 0) {
		if (sandbox_begin(STDERR_FILENO, &err))
			_exit(99);
		(void)sandbox_apply(&plan, sandbox_probe());
		_exit(check_network());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int program_reads(const struct plan *plan, const char *path)
{
	int status;

	pid_t pid = fork();
	if (pid == 0) {
		(void)sandbox_apply(plan, sandbox_probe());
		(void)close(STDERR_FILENO);
		(void)execl("/bin/cat", "cat", "/etc/hostname", path, NULL);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void programs_see_all_but_what_is_hidden(void **state)
{
	(void)state;
	struct place place;

	if (sandbox_probe().landlock_abi == 0)
		skip();
	make_place(&place);
	const struct plan plan = {
		.needs = ALL, .knows_hidden = true, .hidden = {(char *[]){place.secret, (char *)"/nonexistent"}, 2}};
	struct err err;
	assert_int_equal(sandbox_begin(STDERR_FILENO, &err), 0);
	assert_int_equal(program_reads(&plan, place.open), 0);
	assert_int_not_equal(program_reads(&plan, place.secret), 0);
	remove_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_kernel_has_no_means_for_is_told),
		cmocka_unit_test(a_plan_holds_the_paths_of_the_options),
		cmocka_unit_test(what_is_told_as_closed_is_closed),
		cmocka_unit_test(a_plugin_of_the_network_has_its_families_alone),
		cmocka_unit_test(programs_see_all_but_what_is_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
