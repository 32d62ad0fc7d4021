/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.h: appending events. For the tracker's connection, inside a
 * transaction. Nothing here changes or removes an event, and a trigger of the
 * database refuses to.
 */
#pragma once

#include "model/event.h"
#include "store/db.h"

/* The next seq: one above the last that is in the database or was ever signed, so it has no gaps but where somebody
 * has taken events away. */
MUST_CHECK int history_next_seq(struct db *db, int64_t *ret, struct err *err);

/* How many events of that kind the version has, pruned ones with them, those of the audit trail apart; "" = the crate
 * as a whole. `project`: of a kind of a project, whose; else NULL. */
MUST_CHECK int history_ordinal(struct db *db, int64_t crate, const char *version, enum event_kind kind,
			       const char *project, int64_t *ret, struct err *err);

/* Writes the event's canonical bytes, its place in the chain (model/chain.h) and the columns it is found by. ERR_BAD:
 * there is no event just before it. */
MUST_CHECK int history_append(struct db *db, int64_t crate, const struct event *event, struct err *err);

/* ERR_ABSENT: there is no such event. */
MUST_CHECK int history_kind(struct db *db, int64_t seq, enum event_kind *ret, struct err *err);

/* When the event `seq` of that kind was taken back by a later one of the same version (wall clock); 0 = it was not. */
MUST_CHECK int history_taken_back(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_at_ms,
				  struct err *err);

/* The last event before `seq` whose news this one is, that it takes back or tells more of (its seq); 0 = none. */
MUST_CHECK int history_follows(struct db *db, int64_t seq, enum event_kind kind, int64_t *ret_seq, struct err *err);

/* Inside of a migration: puts the events that are there into the chain; none may be changed from then on. */
MUST_CHECK int history_convert(struct db *db, struct err *err);
