/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.h: one yankwatch-notify process, the plugin's house. Lives on the loop.
 *
 * It is started, opened with the notifier's options, and given one notification
 * at a time. Whatever the plugin does, an answer comes: its own, or ours when the
 * process ended, said nonsense, or passed the deadline and was killed with all its
 * children. A process that ended is started again after a growing pause.
 *
 *   stopped ─start─▶ opening ─opened─▶ idle ◀─result─▶ busy
 *      ▲                 └──────────end, nonsense, deadline──┘
 *      └─pause── ending ◀─┘
 */
#pragma once

#include "alert/confinement.h"
#include "config/config.h"
#include "model/notification.h"
#include "net/loop.h"

#define RUNNER_PAUSE_FIRST_MS 500
#define RUNNER_PAUSE_MAX_MS 60000
#define RUNNER_DEADLINE_SHARE 10 /* the plugin's deadline lies a tenth before the kill */

enum runner_stage { RUNNER_STOPPED, RUNNER_OPENING, RUNNER_IDLE, RUNNER_BUSY, RUNNER_ENDING };

struct runner;

struct runner_sink {
	void (*ready)(void *ctx);                                        /* idle, asks for work */
	void (*result)(void *ctx, const struct delivery_result *result); /* of what was delivered last */
	void (*fault)(void *ctx, const struct err *why);                 /* its process ended or could not start */
	void *ctx;
};

/* `config` is copied. Starts the process. ERR_NOMEM; a process that cannot be
 * started is a fault like any other. */
MUST_CHECK int runner_new(struct loop *loop, const char *program, const struct config_notifier *config,
			  const struct runner_sink *sink, struct runner **ret, struct err *err);

/* Kills what runs. The process must have been reaped (runner_is_gone) or never will be. */
void runner_free(struct runner *runner);

/* Only in RUNNER_IDLE. The notification is copied. */
MUST_CHECK int runner_deliver(struct runner *runner, const struct notification *notification, struct err *err);

/* SIGCHLD came: is it ours? */
void runner_reap(struct runner *runner);

/* Ends the process and does not start it again. */
void runner_stop(struct runner *runner);
bool runner_is_gone(const struct runner *runner);

enum runner_stage runner_stage(const struct runner *runner);
int64_t runner_restarts(const struct runner *runner);
/* The plugin's own name once it was opened, before that its file's. */
const char *runner_plugin(const struct runner *runner);
/* As its process said when it was opened last; the runner's. */
const struct confinement *runner_confinement(const struct runner *runner);
