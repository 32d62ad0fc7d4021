/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demands.h: what versions demand of other crates, taken from their index lines: kept for versions that a
 * lockfile holds. A row is wanted first, and filled when the crate's file comes by. For the tracker's connection,
 * inside a transaction; demands_load() for any.
 */
#pragma once

#include "base/json.h"
#include "store/db.h"

/* *ret_new: nothing was known of it; its crate is to be looked at afresh, for its line. */
MUST_CHECK int demands_want(struct db *db, int64_t crate, const char *version, bool *ret_new, struct err *err);

/* Is one of the crate's versions still wanted? */
MUST_CHECK int demands_are_wanted(struct db *db, int64_t crate, bool *ret, struct err *err);

/* Is one of any crate? */
MUST_CHECK int demands_any_wanted(struct db *db, bool *ret, struct err *err);

/* Its line says something else now: wanted again, when it was filled. */
MUST_CHECK int demands_changed(struct db *db, int64_t crate, const char *version, struct err *err);

/* Takes those that are wanted from the crate's whole file. One whose line is not there, or cannot be read, is noted as
 * not known, and not wanted any more. */
MUST_CHECK int demands_fill(struct db *db, int64_t crate, const char *body, size_t len, struct err *err);

/* [["name","^1.2"],…]: dependencies and build-dependencies, with their original names, of the same registry or
 * another ([…,"url"] then, as the index says it). *ret is NULL when it is not known; the caller frees it. *ret_wanted:
 * not yet. */
MUST_CHECK int demands_load(struct db *db, int64_t crate, const char *version, cJSON **ret, bool *ret_wanted,
			    struct err *err);
