/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h: one child process that leads a group of its own, and the socket to
 * its PROCESS_FD. Its 0 to 2 lead nowhere, nothing else is inherited, and of our
 * environment it sees only where systemd put its secrets.
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

#define PROCESS_FD 3

struct process {
	pid_t pid; /* 0 = none */
	int fd;    /* our end, non-blocking; -1 = none */
};

/* Runs `program` with one argument. ERR_IO; then there is neither process nor descriptor. */
MUST_CHECK int process_start(struct process *process, const char *program, const char *argument, struct err *err);

void process_close(struct process *process); /* our end; the process sees the end of it */
void process_kill(const struct process *process);

/* Closes, kills, and waits for the end that this brings. */
void process_end(struct process *process);

/* Never waits. True when it has ended since the last call: *ret_how says how, and
 * children that it left in its group are killed. */
bool process_reap(struct process *process, struct err *ret_how);
