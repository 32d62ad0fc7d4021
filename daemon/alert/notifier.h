/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifier.h: one configured notifier: it claims the next due notification from
 * the outbox, hands it to its runner, and gives the result back; only when that is
 * committed does it claim again. What it holds is never the only copy: after a
 * crash the outbox knows. Lives on the loop.
 *
 *   idle ─wake─▶ claiming ─▶ delivering ─▶ recording ─▶ claiming … ─none due─▶ idle
 */
#pragma once

#include "base/json.h"
#include "config/config.h"
#include "model/notification.h"
#include "net/loop.h"

struct notifier;

/* What it needs of the tracker; called on the loop, must not wait. False: no room now. */
struct notifier_sink {
	bool (*claim)(void *ctx, struct notifier *notifier, const char *name);
	bool (*record)(void *ctx, struct notifier *notifier, const char *name, const struct delivery_result *result);
	void *ctx;
};

/* Starts its process. `sink` is borrowed. ERR_NOMEM. */
MUST_CHECK int notifier_new(struct loop *loop, const char *notify_program, const struct config_notifier *config,
			    const struct notifier_sink *sink, struct notifier **ret, struct err *err);
void notifier_free(struct notifier *notifier); /* kills what runs */

/* The tracker's answer to a claim. */
struct notifier_claim {
	int rc;
	struct notification *notification; /* its row is 0 when none is due; its contents are taken */
	int64_t next_due_ms;               /* then: wall clock; 0 = when the outbox grows */
	bool undelivered;                  /* and: something was due, and is not delivered yet */
};

/* The tracker's answers. */
void notifier_claimed(struct notifier *notifier, const struct notifier_claim *claim);
void notifier_recorded(struct notifier *notifier, int rc);

void notifier_wake(struct notifier *notifier, bool asked); /* the outbox grew; by a person's word */
void notifier_reap(struct notifier *notifier);             /* SIGCHLD came */

/* No more claims; what is being delivered may end. */
void notifier_drain(struct notifier *notifier);
/* Drains, then ends its process. */
void notifier_retire(struct notifier *notifier);
/* Ends its process whatever it does. */
void notifier_stop(struct notifier *notifier);

const char *notifier_name(const struct notifier *notifier);
bool notifier_has_settings(const struct notifier *notifier, const struct config_notifier *config);
bool notifier_is_retired(const struct notifier *notifier);
bool notifier_is_quiet(const struct notifier *notifier);   /* nothing claimed, delivered or recorded */
bool notifier_is_settled(const struct notifier *notifier); /* quiet, and nothing due or its process ended */
bool notifier_has_no_process(const struct notifier *notifier);
bool notifier_is_gone(const struct notifier *notifier); /* quiet, and no process is left */
bool notifier_had_failures(const struct notifier *notifier);
void notifier_status(const struct notifier *notifier, struct json_writer *w);
