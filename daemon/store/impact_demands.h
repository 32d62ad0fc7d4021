/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_demands.h: what packages demand of the crate in question, out of demands.h. Each answer is kept until the
 * question is over: five hundred lockfiles hold the same few dependents. Internal to the impact_*.c and query_check.c.
 */
#pragma once

#include "store/db.h"

enum demands_state {
	DEMANDS_KNOWN,
	DEMANDS_WANTED,        /* on their way */
	DEMANDS_NEVER_WANTED,  /* nobody has asked for them yet */
	DEMANDS_NOT_TO_BE_HAD, /* its line is not there, or cannot be read */
};

/* Of one version of a dependent. */
struct demands_page {
	int64_t crate;
	char *version; /* owned */
	enum demands_state state;
	const char **requirements; /* owned, and the texts: on the crate in question; DEMANDS_KNOWN alone */
	size_t n;
};

struct demands_book {
	struct db *db;
	int64_t of; /* the crate in question, and its name, borrowed */
	const char *name;
	void *pages;                /* owned; tsearch() */
	struct demands_page **near; /* owned; by the lowest bits of the dependent's row, in front of the tree */
};

void demands_book_release(struct demands_book *book);

/* The page lives as long as the book. `crate` is the dependent's row; 0 is not allowed. */
MUST_CHECK int demands_book_find(struct demands_book *book, int64_t crate, const char *version,
				 const struct demands_page **ret, struct err *err);
