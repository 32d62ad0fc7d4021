/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h: notifications on their way. A row is added with its event, claimed
 * by the dispatcher, and leaves as delivered only when the receiver has accepted
 * it. For the tracker's connection, inside a transaction.
 *
 *   due ──claim──▶ in flight ──ok──▶ delivered
 *    ▲                 │──reject, or retried for give_up──▶ dead
 *    └────retry, or a start of the daemon───┘
 */
#pragma once

#include "model/event.h"
#include "model/notification.h"
#include "store/db.h"

#define OUTBOX_ORDER_MS (INT64_C(15) * 60 * 1000) /* how long a notification holds later ones of its crate back */

struct outbox_retry {
	int64_t first_ms, max_ms, give_up_ms;
};

/* A new row for that notifier, due at once. */
MUST_CHECK int outbox_add(struct db *db, const unsigned char lineage[static LINEAGE_SIZE], const char *notifier,
			  int64_t crate, const struct event *event, int64_t now_ms, struct err *err);

/* At a start: what was in flight is due again. */
MUST_CHECK int outbox_recover(struct db *db, int64_t now_ms, int64_t *ret_recovered, struct err *err);

/*
 * Takes the oldest due notification of `notifier` in flight and renders it;
 * `ret->row` is 0 when none is due, and *ret_next_due_ms then says when to ask
 * again (wall clock; 0 = only when something is added). The caller releases *ret.
 */
MUST_CHECK int outbox_claim(struct db *db, const char *notifier, int64_t now_ms, const struct outbox_retry *retry,
			    struct notification *ret, int64_t *ret_next_due_ms, struct err *err);

/* What became of an attempt; an answer to an older attempt is ignored. */
MUST_CHECK int outbox_record(struct db *db, const struct delivery_result *result, int64_t now_ms,
			     const struct outbox_retry *retry, uint32_t random, enum notification_state *ret_state,
			     struct err *err);
