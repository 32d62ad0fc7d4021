/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver_parts.h: the pieces that versions and requirements share, read one after the other. For semver.c and
 * requirement.c alone.
 */
#pragma once

#include "model/semver.h"

struct semver_reader {
	const char *text; /* all of it, for the place of an error */
	const char *at;   /* what is left */
};

/* ERR_BAD: "character 3: …" of what is to be read next. */
int semver_error(const struct semver_reader *reader, struct err *err, const char *what);

/* Steps over `c` when it is next. */
bool semver_read_char(struct semver_reader *reader, char c);

/* Digits without a leading zero, within 64 bits. `what` for people: "the minor number". */
MUST_CHECK int semver_read_number(struct semver_reader *reader, const char *what, uint64_t *ret, struct err *err);

/* "-pre" and "+build" behind the patch number, each when it is there. */
MUST_CHECK int semver_read_tail(struct semver_reader *reader, struct semver *ret, struct err *err);

static inline int semver_order_of(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Of the pre-release alone, with the rule that a release is above each of its pre-releases. */
int semver_compare_pre(struct text_span a, struct text_span b);
