/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirement.h: what a package demands of a dependency's version: "^1.2, <1.9". Pure.
 * Rules and cases: those of the `semver` crate (tests/data/semver-requirements.tsv).
 */
#pragma once

#include "model/semver.h"

#define REQUIREMENT_COMPARATORS_MAX 32

enum comparator_op { OP_EXACT, OP_ABOVE, OP_AT_LEAST, OP_BELOW, OP_AT_MOST, OP_TILDE, OP_CARET, OP_ANY };

struct comparator {
	enum comparator_op op;
	unsigned parts; /* that are given: 1 = major, 2 = and minor, 3 = and patch */
	struct semver version;
};

struct requirement {
	size_t count; /* 0: a lone `*` */
	struct comparator items[REQUIREMENT_COMPARATORS_MAX];
};

/* `text` must outlive *ret. ERR_BAD says what is wrong and where. */
MUST_CHECK int requirement_parse(const char *text, struct requirement *ret, struct err *err);

/* A pre-release matches only where a comparator names one of the same major.minor.patch. */
bool requirement_matches(const struct requirement *requirement, const struct semver *version);
