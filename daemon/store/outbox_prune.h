/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox_prune.h: what is forgotten of notifications that were delivered long ago:
 * every attempt, and the document that was sent. That they were delivered, when, to
 * whom and of which events stays. For the tracker's connection, inside a
 * transaction.
 */
#pragma once

#include "store/db.h"

/*
 * Of those that were delivered before `before_ms` (wall clock), the oldest first; a bounded number, *ret_more says that
 * there are others. Dead letters stay whole, for somebody may retry them, and so does what its plugin repeats.
 */
MUST_CHECK int outbox_prune(struct db *db, int64_t before_ms, bool *ret_more, struct err *err);
