/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_outbox.h: what the socket asks of notifications and notifiers. As
 * query.h: for read-only connections, every answer bounded and copied.
 */
#pragma once

#include "base/json.h"
#include "model/event.h"
#include "model/notification.h"
#include "store/db.h"

#define QUERY_ATTEMPTS_MAX 1000 /* the newest of one notification */

struct notification_filter {
	const char *notifier; /* NULL = any */
	const char *crate;    /* with an event of it; NULL = any */
	int state;            /* enum notification_state; -1 = any */
	int64_t after;        /* `next` of the page before; 0 = the first */
	unsigned limit;       /* 1 to QUERY_LIMIT_MAX */
};

/* Appends `{"notifications":[…],"next":…}`, newest first. */
MUST_CHECK int query_notifications(struct db *db, const struct notification_filter *filter, struct strbuf *out,
				   struct err *err);

/* Is there any notification for that notifier, though it may be configured no longer? */
MUST_CHECK int query_knows_notifier(struct db *db, const char *notifier, bool *ret, struct err *err);

/* Appends the notification's object of docs/SOCKET.md, with its events and attempts. ERR_ABSENT. */
MUST_CHECK int query_notification(struct db *db, const char *id, struct strbuf *out, struct err *err);

/* What the outbox knows of one notifier. */
struct notifier_counts {
	char *name;            /* owned */
	int64_t waiting, dead; /* tests and heartbeats are no dead letters */
	int64_t due_ms;        /* wall clock: since when the oldest one is due; 0 = none is */
	int64_t group_ms;      /* the same: when the next group is to be complete; 0 = none gathers */
	int64_t disabled_ms;   /* wall clock: since when its receiver wants nothing more; 0 = it is in service */
	char *disabled_text;   /* owned: the receiver's answer then; NULL = in service */
};

struct notifiers_counts {
	struct notifier_counts *items; /* owned */
	size_t count;
};

/* Of every notifier that has waiting or dead ones, or is out of service; the caller releases *ret. */
MUST_CHECK int query_notifiers(struct db *db, struct notifiers_counts *ret, struct err *err);
void notifiers_counts_release(struct notifiers_counts *counts);
