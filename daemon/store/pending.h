/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pending.h: a crate's reply that says something which must be confirmed first. It
 * is kept whole, so that it survives a restart and can be applied when the server
 * answers 304 to its validators. For the tracker's connection.
 */
#pragma once

#include "model/observation.h"
#include "store/db.h"

struct pending {
	bool there;
	enum crate_state state;
	int status; /* HTTP */
	char *body; /* owned */
	size_t body_len;
	struct validators validators;
	int64_t first_ms; /* wall clock; when it was seen first */
};

void pending_release(struct pending *pending);

/* ret->there is false when nothing waits; the caller releases *ret. */
MUST_CHECK int pending_load(struct db *db, int64_t crate, struct pending *ret, struct err *err);
/* Replaces what waits. */
MUST_CHECK int pending_save(struct db *db, int64_t crate, const struct observation *seen, int64_t first_ms,
			    struct err *err);
MUST_CHECK int pending_drop(struct db *db, int64_t crate, struct err *err);
