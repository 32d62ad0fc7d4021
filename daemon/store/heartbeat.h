/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heartbeat.h: "still watching", told now and then, so that silence is told from
 * failure. For the tracker's connection, inside a transaction.
 */
#pragma once

#include "store/outbox.h"

/*
 * Queues one when `every_ms` has passed since the last one was queued; the first comes
 * `every_ms` after the first call. While one still waits for its delivery no other is
 * added. `notifier` NULL: none is wanted, and the time counts from when one is again.
 */
MUST_CHECK int heartbeat_sweep(const struct outbox *outbox, const char *notifier, int64_t every_ms, bool *ret_queued,
			       struct err *err);
