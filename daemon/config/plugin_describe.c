/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_describe.c: see plugin_describe.h. The program may close its output and
 * go on, or leave a child that holds the pipe: so its end is looked for by itself,
 * and the pipe is never waited for alone.
 */
#include "config/plugin_describe.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 5 /* how often the end is looked for */

struct child {
	pid_t pid;          /* 0: none, or reaped */
	struct pollfd said; /* fd -1: closed */
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static void set_actions(posix_spawn_file_actions_t *actions, int said)
{
	(void)posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(actions, said, STDOUT_FILENO);
	(void)posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
}

/* A group of its own, and signals as a program expects them: the calling thread may block all. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t all;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &all);
	(void)posix_spawnattr_setflags(attributes,
				       POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *program, const char *plugin, int said, pid_t *ret_pid)
{
	char *const argv[] = {(char *)program, (char *)"--describe", (char *)plugin, NULL};
	char *const no_environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	(void)posix_spawnattr_init(&attributes);
	set_actions(&actions, said);
	set_attributes(&attributes);
	int error = posix_spawn(ret_pid, program, &actions, &attributes, argv, no_environment);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* With its leader not reaped yet, the group's number cannot belong to anybody else. */
static int child_end(struct child *child)
{
	int status = 0;

	if (child->pid > 0) {
		(void)kill(-child->pid, SIGKILL);
		while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	child->pid = 0;
	close_fd(&child->said.fd);
	return status;
}

static void child_release(struct child *child)
{
	(void)child_end(child);
}

static int child_start(struct child *child, const char *program, const char *plugin, struct err *err)
{
	int fds[2];
	pid_t pid;

	/* Where spawning is a fork (valgrind), only the exit status would tell. */
	if (access(program, X_OK) != 0)
		return err_errno(err, "%s", program);
	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_errno(err, "pipe");
	child->said.fd = fds[0];
	int error = spawn(program, plugin, fds[1], &pid);
	(void)close(fds[1]);
	if (error) {
		errno = error;
		return err_errno(err, "%s", program);
	}
	child->pid = pid;
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0 ? err_errno(err, "%s", program) : 0;
}

/* Takes what there is; at the end of the output the place is closed. */
static int listen_to(struct child *child, struct strbuf *out, struct err *err)
{
	char chunk[4096];

	while (child->said.fd >= 0) {
		ssize_t n = read(child->said.fd, chunk, sizeof chunk);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0 && !(n < 0 && errno == EINTR))
			close_fd(&child->said.fd);
		if (n <= 0)
			continue;
		if (out->len + (size_t)n > PLUGIN_DESCRIPTION_MAX)
			return err_set(err, ERR_LIMIT, "declares too much, allowed: %u bytes", PLUGIN_DESCRIPTION_MAX);
		strbuf_add(out, chunk, (size_t)n);
	}
	return 0;
}

/* It is left to be reaped: until then its group is its own. */
static bool has_ended(const struct child *child)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child->pid;
}

static int listen_to_end(struct child *child, struct strbuf *out, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms() + PLUGIN_DESCRIBE_MS;

	for (;;) {
		if (clock_mono_ms() >= deadline_ms)
			return err_set(err, ERR_BAD, "did not say what it declares within %d ms", PLUGIN_DESCRIBE_MS);
		bool ended = has_ended(child);
		if (!ended && poll(&child->said, 1, LOOK_MS) < 0 && errno != EINTR)
			return err_errno(err, "poll");
		int rc = listen_to(child, out, err);
		if (rc || ended)
			return rc;
	}
}

int plugin_describe(const char *program, const char *plugin, struct strbuf *out, struct err *err)
{
	OWNED(child_release) struct child child = {.said = {-1, POLLIN, 0}};

	int rc = child_start(&child, program, plugin, err);
	if (!rc)
		rc = listen_to_end(&child, out, err);
	if (rc)
		return rc;
	int status = child_end(&child);
	if (WIFSIGNALED(status))
		return err_set(err, ERR_BAD, "%s --describe was ended by signal %d", program, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_BAD, "%s --describe refuses it (exit status %d); run it to see why", program,
			       WEXITSTATUS(status));
	return strbuf_failed(out) ? err_nomem(err) : 0;
}
