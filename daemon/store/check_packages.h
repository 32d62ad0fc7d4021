/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_packages.h: a lockfile's packages, those of configured registries ordered by crate and held against the
 * crates that are watched. Internal to query_check.c.
 */
#pragma once

#include "model/diff.h"
#include "model/lock_sources.h"
#include "store/db.h"

/* Texts are the lock's and the sources'. */
struct check_package {
	const char *registry, *name, *version, *checksum;
	uint32_t index;         /* in the lock */
	int64_t crate;          /* row; 0 = not watched */
	enum crate_state state; /* CRATE_UNKNOWN with it: it is on its way */
	bool known;             /* nothing of it has to be looked at yet */
	bool in_index;          /* so was its version when the crate was looked at, or before */
};

struct check_packages {
	struct check_package *items; /* owned; by registry, name, version */
	size_t n;
	int64_t *rows; /* owned; of each package of the lock, as impact_of_lock() takes them */
};

void check_packages_release(struct check_packages *packages);

MUST_CHECK int check_packages_load(struct db *db, const struct lock *lock, const struct lock_sources *sources,
				   struct check_packages *ret, struct err *err);

bool check_package_is_of_crate(const struct check_package *a, const struct check_package *b);
