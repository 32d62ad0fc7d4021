/* SPDX-License-Identifier: Apache-2.0 */
/* process.c: see process.h. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENV_MAX 4096

static void make_environment(char buf[static ENV_MAX], char *env[static 2])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	env[0] = env[1] = NULL;
	if (folder && snprintf(buf, ENV_MAX, "CREDENTIALS_DIRECTORY=%s", folder) < ENV_MAX)
		env[0] = buf;
}

static int set_actions(posix_spawn_file_actions_t *actions, int channel)
{
	int failed = 0;

	for (int fd = 0; fd <= 2 && !failed; fd++)
		failed = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
	if (!failed)
		failed = posix_spawn_file_actions_adddup2(actions, channel, PROCESS_FD);
	/* All of ours is close-on-exec; a library's own may not be. */
	return failed ? failed : posix_spawn_file_actions_addclosefrom_np(actions, PROCESS_FD + 1);
}

static void set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none;
	sigset_t all;

	sigemptyset(&none);
	sigfillset(&all);
	(void)posix_spawnattr_setpgroup(attr, 0);
	(void)posix_spawnattr_setsigmask(attr, &none);
	(void)posix_spawnattr_setsigdefault(attr, &all);
	(void)posix_spawnattr_setflags(attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* Returns an errno. */
static int spawn(const char *program, const char *argument, int channel, pid_t *ret_pid)
{
	char environment[ENV_MAX];
	char *env[2];
	char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)argument, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;

	make_environment(environment, env);
	if (posix_spawn_file_actions_init(&actions))
		return ENOMEM;
	(void)posix_spawnattr_init(&attr);
	set_attributes(&attr);
	int failed = set_actions(&actions, channel);
	if (!failed)
		failed = posix_spawn(ret_pid, program, &actions, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return failed;
}

int process_start(struct process *process, const char *program, const char *argument, struct err *err)
{
	int pair[2];

	*process = (struct process){.fd = -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	(void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
	errno = spawn(program, argument, pair[1], &process->pid);
	int rc = errno ? err_errno(err, "cannot run %s", program) : 0;
	(void)close(pair[1]);
	if (rc) {
		(void)close(pair[0]);
		process->pid = 0;
		return rc;
	}
	process->fd = pair[0];
	return 0;
}

void process_close(struct process *process)
{
	if (process->fd >= 0)
		(void)close(process->fd);
	process->fd = -1;
}

void process_kill(const struct process *process)
{
	if (!process->pid)
		return;
	(void)kill(-process->pid, SIGKILL);
	/* Where no filter keeps it in its group, it may have joined another. */
	(void)kill(process->pid, SIGKILL);
}

void process_end(struct process *process)
{
	process_close(process);
	process_kill(process);
	while (process->pid && waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	process->pid = 0;
}

bool process_reap(struct process *process, struct err *ret_how)
{
	int status;

	siginfo_t info = {0};

	/* Until it is reaped, nobody else can have its number or its group's. */
	if (!process->pid || waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || !info.si_pid)
		return false;
	process_kill(process);
	if (waitpid(process->pid, &status, 0) != process->pid)
		return false;
	process->pid = 0;
	if (WIFSIGNALED(status))
		(void)err_set(ret_how, ERR_IO, "the plugin's process was ended by signal %d (%s)", WTERMSIG(status),
			      strsignal(WTERMSIG(status)));
	else
		(void)err_set(ret_how, ERR_IO, "the plugin's process ended with status %d", WEXITSTATUS(status));
	return true;
}
