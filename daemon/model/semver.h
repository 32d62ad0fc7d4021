/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver.h: versions by meaning: their parts, their order. Pure. The rules are those of
 * the `semver` crate that cargo uses (tests/data/semver-requirements.tsv), not npm's.
 * A version stays keyed by its raw text everywhere else: the real index holds some that
 * are none.
 */
#pragma once

#include "base/err.h"
#include "base/text_span.h"

struct semver {
	uint64_t major, minor, patch;
	struct text_span pre;   /* behind '-', borrowed; empty = a release */
	struct text_span build; /* behind '+', borrowed; takes part in order and equality, never in matching */
};

/* `text` must outlive *ret. ERR_BAD says what is wrong with it. */
MUST_CHECK int semver_parse(const char *text, struct semver *ret, struct err *err);

/* Below 0, 0, above 0: release above its pre-releases, then build metadata. */
int semver_compare(const struct semver *a, const struct semver *b);

/* Would cargo take one for the other: the same major; of 0.x the same minor; of 0.0.x the same patch? So of two
 * versions that are alike in this a lockfile holds one. Pre-releases and build metadata do not count. */
bool semver_is_alike(const struct semver *a, const struct semver *b);
