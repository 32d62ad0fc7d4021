/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heads.h: the signed ends of the history (model/head.h), one for each COMMIT that added events. All of them are kept:
 * who alters an event and all hashes behind it, but has not the key, is found at the next one.
 */
#pragma once

#include "model/head.h"
#include "store/db.h"

/* The newest one. ERR_ABSENT: nothing was ever signed, or what stands there is no head. */
MUST_CHECK int heads_last(struct db *db, struct head *ret, struct err *err);

/* Its member "head"; nothing when there is none. */
MUST_CHECK int heads_put(struct db *db, struct json_writer *w, struct err *err);

/* ---- for the tracker's connection, inside a transaction ---- */

/* The last seq that the history has: of its last event, or of a head whose events are gone. 0 = none yet. */
MUST_CHECK int heads_last_seq(struct db *db, int64_t *ret, struct err *err);

/* What a start finds. */
struct heads_start {
	bool is_new;        /* nothing was signed yet */
	bool key_changed;   /* what was signed before is another key's */
	bool key_returned;  /* another one had followed it: what it signs now is not trusted */
	int64_t altered_at; /* the history does not end as it was signed: the first event that does not fit; 0 = it does
			     */
};

/* At a start: looks whether the history ends as it was signed, and has `signer` sign it when it has not yet.
 * `key_is_new`: it was made just now, so it cannot have signed anything. */
MUST_CHECK int heads_begin(struct db *db, const struct head_signer *signer, bool key_is_new, int64_t now_ms,
			   struct heads_start *ret, struct err *err);

/* Before a COMMIT: signs the events behind *after, when there are any; then *after is the last of them. It says what
 * this process knows to be its own, and must not be read from the database after the first event of the transaction. */
MUST_CHECK int heads_sign(struct db *db, const struct head_signer *signer, int64_t now_ms, int64_t *after,
			  struct err *err);
