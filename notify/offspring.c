/* SPDX-License-Identifier: Apache-2.0 */
/* offspring.c: see offspring.h. */
#include "offspring.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 1000 /* then it forks faster than it is killed */

int offspring_adopt(struct err *err)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ? err_errno(err, "prctl") : 0;
}

/* The children that this thread started; the first thread has the orphans, too. */
static unsigned kill_children_of(const char *thread)
{
	char path[64];
	unsigned killed = 0;
	int pid;

	(void)snprintf(path, sizeof path, "/proc/self/task/%.20s/children", thread);
	FILE *file = fopen(path, "re");
	for (; file && fscanf(file, "%d", &pid) == 1; killed++) // NOLINT(cert-err34-c): the kernel wrote it
		(void)kill(pid, SIGKILL);
	if (file)
		(void)fclose(file);
	return killed;
}

static unsigned kill_children(void)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *thread;
	unsigned killed = 0;

	while (threads && (thread = readdir(threads)))
		if (thread->d_name[0] != '.')
			killed += kill_children_of(thread->d_name);
	if (threads)
		(void)closedir(threads);
	return killed;
}

void offspring_end(void)
{
	/* Each that ends leaves its own children to us. */
	for (int round = 0; round < ROUNDS; round++) {
		unsigned killed = kill_children();
		if (waitpid(-1, NULL, killed ? 0 : WNOHANG) <= 0 && !killed)
			return;
	}
	/* None can leave the group (sandbox_seccomp.c): this ends them all, and us. */
	if (getpgrp() == getpid())
		(void)kill(0, SIGKILL);
}
