/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox_line.h: who waits for whom. Each notification that is on its way stands once in
 * the line of each of its crates (and its notifier), behind those that became due before
 * it, and is `held` while anybody stands before it in any of them. It leaves when it is
 * delivered, dead or silenced, or after OUTBOX_ORDER_MS; then whoever is first now is
 * looked at again. So a claim asks an index for the first row that is not held, however
 * many wait. Internal to the outbox.
 */
#pragma once

#include "store/outbox.h"

/* A notification with its events became due, or waits for a reason and nothing else: where it stands in a line already
 * it keeps its place. */
MUST_CHECK int outbox_line_enter(const struct outbox *outbox, int64_t row, const char *notifier, struct err *err);

/* It holds nobody back any more; not there: nothing. */
MUST_CHECK int outbox_line_leave(const struct outbox *outbox, int64_t row, const char *notifier, struct err *err);

/* Those whose time is over leave, at most OUTBOX_TURN_MAX. */
MUST_CHECK int outbox_line_expire(const struct outbox *outbox, const char *notifier, struct err *err);

/* When the next one's time is over; 0 = nobody stands in the line. */
MUST_CHECK int outbox_line_next_ms(const struct outbox *outbox, const char *notifier, int64_t *ret, struct err *err);
