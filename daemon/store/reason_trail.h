/* SPDX-License-Identifier: Apache-2.0 */
/* reason_trail.h: what was recorded of a version's flag, for model/trail.h. For the tracker's connection. */
#pragma once

#include "model/trail.h"
#include "store/db.h"

struct trail_record {
	struct trail_event *items; /* owned; in their order */
	size_t n, cap;
	int64_t since_ms; /* nothing before it is ours to tell */
};

MUST_CHECK int trail_record_load(struct db *db, int64_t crate, const char *version, struct trail_record *ret,
				 struct err *err);
/* The seq of its last yank that a look at the index showed; 0 = none. */
MUST_CHECK int reason_last_yank(struct db *db, int64_t crate, const char *version, int64_t *ret, struct err *err);
void trail_record_release(struct trail_record *record);
