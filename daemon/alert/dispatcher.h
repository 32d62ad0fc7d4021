/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatcher.h: brings due notifications from the outbox to the runners, one at a
 * time for each notifier. Lives on the loop.
 *
 * It asks for the next notification of a notifier (a claim), hands it to the
 * runner, and gives the result back; only when that is committed does it ask
 * again. What it holds is never the only copy: after a crash the outbox knows.
 *
 *   idle ─wake─▶ claiming ─▶ delivering ─▶ recording ─▶ claiming … ─none due─▶ idle
 */
#pragma once

#include "base/json.h"
#include "config/config.h"
#include "model/notification.h"
#include "net/loop.h"

struct dispatcher;
struct notifier;

/* What it needs of the tracker; called on the loop, must not wait. False: no room now. */
struct dispatcher_sink {
	bool (*claim)(void *ctx, struct notifier *notifier, const char *name);
	bool (*record)(void *ctx, struct notifier *notifier, const char *name, const struct delivery_result *result);
	void *ctx;
};

MUST_CHECK int dispatcher_new(struct loop *loop, const char *notify_program, const struct dispatcher_sink *sink,
			      struct dispatcher **ret, struct err *err);
void dispatcher_free(struct dispatcher *dispatcher); /* NULL is allowed; kills what runs */

/* Starts, keeps and ends notifiers as the configuration has them. A notifier whose
 * settings changed gets a new process once its delivery is recorded. */
MUST_CHECK int dispatcher_configure(struct dispatcher *dispatcher, const struct config *config, struct err *err);

void dispatcher_wake(struct dispatcher *dispatcher); /* the outbox grew */

/* The tracker's answers. The notification's contents are taken. */
void dispatcher_claimed(struct notifier *notifier, int rc, struct notification *notification, int64_t next_due_ms);
void dispatcher_recorded(struct notifier *notifier, int rc, enum notification_state state);

void dispatcher_reap(struct dispatcher *dispatcher); /* SIGCHLD came */

/* No more claims; what is being delivered may end. */
void dispatcher_drain(struct dispatcher *dispatcher);
bool dispatcher_is_quiet(const struct dispatcher *dispatcher); /* nothing claimed, delivered or recorded */
/* Quiet, and every notifier has found nothing more due or has a process that ended. */
bool dispatcher_is_settled(const struct dispatcher *dispatcher);

/* Ends every process; dispatcher_is_gone() once all are reaped. */
void dispatcher_stop(struct dispatcher *dispatcher);
bool dispatcher_is_gone(const struct dispatcher *dispatcher);

/* Something was not delivered at once since the start. */
bool dispatcher_had_failures(const struct dispatcher *dispatcher);
void dispatcher_status(const struct dispatcher *dispatcher, struct json_writer *w); /* puts "notifiers" */
