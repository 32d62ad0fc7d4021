/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prune.h: what retention takes away, in small turns. For the tracker's connection, inside a transaction.
 */
#pragma once

#include "model/head.h"
#include "store/db.h"

#define PRUNE_TURN_MAX 200 /* events that one call takes away */

/*
 * Takes `published` events from before `before_ms` (wall clock) away; *ret_n of them; PRUNE_TURN_MAX: there may be
 * more. Of each stays a row of `pruned`, signed, so that the chain and the ordinals are as they were. These stay whole:
 * the last event of the history; what a notification tells that is not delivered, or that a person may send again; what
 * ended a deletion.
 */
MUST_CHECK int prune_published(struct db *db, const struct head_signer *signer, int64_t before_ms, size_t *ret_n,
			       struct err *err);
