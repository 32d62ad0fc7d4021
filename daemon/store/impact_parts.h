/* SPDX-License-Identifier: Apache-2.0 */
/* impact_parts.h: what impact_load.c and those who ask about one lockfile share. Internal to store/. */
#pragma once

#include "store/impact_demands.h"
#include "store/impact_load.h"

/* A lockfile that is asked about. All borrowed. */
struct impact_target {
	int64_t project, lockfile; /* rows; 0 = it is not stored */
	const char *project_name, *team, *path;
	bool several;
	const struct lock *lock;
	const int64_t *crate_rows; /* n_packages; 0: of no watched crate */
	bool *lacking; /* n_packages, or NULL: becomes true where the package's demands were asked for and may yet
			  come */
};

struct demands_book impact_book(struct db *db, const struct impact_crate *crate); /* demands_book_release() */

/* Copies the target's texts, and `would_pick` (NULL = none), side by side in one piece. */
MUST_CHECK int impact_keep_texts(struct impact_found *found, const struct impact_target *target, const char *would_pick,
				 struct err *err);

/* As impact_of_lock(). */
MUST_CHECK int impact_ask(struct demands_book *book, const struct impact_crate *crate,
			  const struct impact_target *target, const char *version, enum event_kind kind,
			  struct impact_found *ret, bool *ret_hits, struct err *err);
