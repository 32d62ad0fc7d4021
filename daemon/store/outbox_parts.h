/* SPDX-License-Identifier: Apache-2.0 */
/* outbox_parts.h: what the outbox's files have in common. Internal to them. */
#pragma once

#include "store/outbox.h"

/* Groups of `notifier` whose time has come become due, at most OUTBOX_TURN_MAX (outbox_add.c). */
MUST_CHECK int outbox_close_groups(const struct outbox *outbox, const char *notifier, struct err *err);

/* When the next group is due; 0 = none gathers (outbox_add.c). */
MUST_CHECK int outbox_next_group_ms(const struct outbox *outbox, const char *notifier, int64_t *ret, struct err *err);

/* A dead one's events go to the fallback, unless it is the fallback's, tells none of its own, or they went there
 * before (outbox_add.c). */
MUST_CHECK int outbox_tell_fallback(const struct outbox *outbox, int64_t row, const char *notifier,
				    enum notification_kind kind, bool *ret_told, struct err *err);

/* How long the event waits for its reason from now on (this and the next: outbox_reasons.c). */
int64_t outbox_reason_wait_ms(const struct outbox *outbox, const struct outbox_entry *entry);
/* The notification that it joined waits as long. */
MUST_CHECK int outbox_keep(const struct outbox *outbox, int64_t row, const struct outbox_entry *entry, struct err *err);

/* Due times that cannot be ours are due now: the clock was stepped back (outbox_claim.c). */
MUST_CHECK int outbox_clamp(const struct outbox *outbox, const char *notifier, struct err *err);
