/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.h: runs one program to its end: feeds its standard input, keeps the
 * beginning of its standard error, and ends it in time. No shell. What the program
 * itself started is ended by the host (notifier.h: YW_NEEDS_PROGRAMS). Expects that
 * the process ignores SIGPIPE (notifier.h).
 */
#pragma once

#include <stdbool.h>
#include <yankwatch/notifier.h>

#define CHILD_SAID_MAX 512 /* bytes of standard error that are kept; the rest is read and dropped */

struct child_job {
	char *const *argv; /* argv[0] is the program's path; both lists end with NULL */
	char *const *envp;
	const char *input;
	size_t input_len;
};

struct child_end {
	int error; /* an errno: it was not started, or could not be watched and was killed */
	bool timed_out;
	int status; /* as of waitpid(2), when it was started */
	char said[CHILD_SAID_MAX];
	size_t said_len;
};

/* Returns when the program has ended, killed if need be shortly before the host's
 * deadline. Everything in *job is borrowed for the call. */
void child_run(const struct child_job *job, const struct yw_host *host, struct child_end *ret);
