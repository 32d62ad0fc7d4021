/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.c: see child.h. A program may end without reading its input, close its
 * output and go on, or leave a child that holds the pipes: so the end is what the
 * pidfd says, and no pipe is ever waited for alone.
 */
#include "child.h"

#include "lib/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FEED, SAID, END, PLACES }; /* places in `fds` */

struct child {
	pid_t pid;
	struct pollfd fds[PLACES]; /* fd -1: closed */
	const char *input;
	size_t input_left;
	struct child_end *end;
};

static void close_place(struct child *child, int place)
{
	if (child->fds[place].fd >= 0)
		(void)close(child->fds[place].fd);
	child->fds[place].fd = -1;
}

/* ---- start ---- */

/* Gives `theirs` to the child and keeps the other end, which never blocks. */
static int make_pipe(struct child *child, int place, int *ret_theirs)
{
	int fds[2];
	int ours = place == FEED ? 1 : 0;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return errno;
	child->fds[place].fd = fds[ours];
	*ret_theirs = fds[1 - ours];
	return fcntl(fds[ours], F_SETFL, O_NONBLOCK) != 0 ? errno : 0;
}

static void set_actions(posix_spawn_file_actions_t *actions, int in, int err)
{
	(void)posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	(void)posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_adddup2(actions, err, STDERR_FILENO);
	(void)posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* Signals as a program expects them. It stays in the host's group: so whoever kills that
 * group, or waits for this delivery, leaves nothing of it behind. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, pipe_only;

	(void)sigemptyset(&none);
	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)posix_spawnattr_setsigmask(attributes, &none);
	(void)posix_spawnattr_setsigdefault(attributes, &pipe_only);
	(void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int spawn(struct child *child, const struct child_job *job, int in, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	(void)posix_spawnattr_init(&attributes);
	set_actions(&actions, in, err);
	set_attributes(&attributes);
	int error = posix_spawn(&child->pid, job->argv[0], &actions, &attributes, job->argv, job->envp);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return error;
}

static int start(struct child *child, const struct child_job *job)
{
	int in = -1, err = -1;

	int error = make_pipe(child, FEED, &in);
	if (!error)
		error = make_pipe(child, SAID, &err);
	if (!error)
		error = spawn(child, job, in, err);
	if (in >= 0)
		(void)close(in);
	if (err >= 0)
		(void)close(err);
	return error;
}

/* ---- talk ---- */

/* A program that does not read gets no more; its exit status speaks for it. */
static void feed(struct child *child)
{
	ssize_t n = write(child->fds[FEED].fd, child->input, child->input_left);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	child->input += n > 0 ? n : 0;
	child->input_left -= n > 0 ? (size_t)n : 0;
	if (n < 0 || child->input_left == 0)
		close_place(child, FEED);
}

/* False when there is nothing to read now or ever again. */
static bool listen_once(struct child *child)
{
	struct child_end *end = child->end;
	size_t room = sizeof end->said - end->said_len;
	char dropped[4096];
	ssize_t n = room ? read(child->fds[SAID].fd, end->said + end->said_len, room)
			 : read(child->fds[SAID].fd, dropped, sizeof dropped);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		close_place(child, SAID);
	else if (room)
		end->said_len += (size_t)n;
	return n > 0;
}

/* Until the child has ended or `reserve_ms` are left; 0 or an errno. */
static int talk(struct child *child, const struct yw_host *host, int64_t reserve_ms)
{
	while (!child->fds[END].revents) {
		int64_t wait_ms = host->deadline_left_ms(host) - reserve_ms;
		if (wait_ms <= 0) {
			child->end->timed_out = true;
			return 0;
		}
		if (poll(child->fds, PLACES, wait_ms < INT_MAX ? (int)wait_ms : INT_MAX) < 0 && errno != EINTR)
			return errno;
		if (child->fds[FEED].revents)
			feed(child);
		if (child->fds[SAID].revents)
			(void)listen_once(child);
	}
	return 0;
}

/* ---- end ---- */

/* Killed before it is waited for: until then nobody else can have its number. Its own
 * children are the host's affair, once deliver() has returned. */
static void finish(struct child *child)
{
	(void)kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &child->end->status, 0) < 0 && errno == EINTR)
		;
	while (child->fds[SAID].fd >= 0 && child->end->said_len < CHILD_SAID_MAX && listen_once(child))
		;
}

static int watch(struct child *child, const struct yw_host *host)
{
	child->fds[END].fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->fds[END].fd < 0)
		return errno;
	return talk(child, host, deadline_reserve_ms(host->deadline_left_ms(host)));
}

void child_run(const struct child_job *job, const struct yw_host *host, struct child_end *ret)
{
	struct child child = {
		.fds = {[FEED] = {-1, POLLOUT, 0}, [SAID] = {-1, POLLIN, 0}, [END] = {-1, POLLIN, 0}},
		.input = job->input,
		.input_left = job->input_len,
		.end = ret,
	};

	memset(ret, 0, sizeof *ret);
	ret->error = start(&child, job);
	if (!ret->error) {
		ret->error = watch(&child, host);
		finish(&child);
	}
	for (int place = 0; place < PLACES; place++)
		close_place(&child, place);
}
