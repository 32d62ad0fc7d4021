/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watches.h: which crates are watched, and who lists them. For the tracker's
 * connection, inside a transaction.
 */
#pragma once

#include "model/watch_changes.h"
#include "store/db.h"

/* Who lists a crate; bits. In a crates_file it is one of many, that nobody has named. A lockfile that holds it is
 * a project's, or one that was checked within the last day. */
enum listed_by {
	LISTED_CONFIGURATION = 1,
	LISTED_SOCKET = 2,
	LISTED_FILE = 4,
	LISTED_PROJECT = 8,
	LISTED_CHECK = 16,
	LISTED_BY_NAME = LISTED_CONFIGURATION | LISTED_SOCKET,
	LISTED_IN_LOCKFILE = LISTED_PROJECT | LISTED_CHECK,
};

/* A crate that the configuration lists. */
struct listed_crate {
	const char *name;
	enum listed_by by;
};

/*
 * A new configuration: each registry, then the crates it lists, sorted by name, then
 * the end, which names all registries there are. Only what differs is written. Of
 * crates that nobody lists any more the state is forgotten; their history stays,
 * and listed again they start with a baseline.
 */
struct registry_before {
	bool configured; /* by the configuration before this one, committed or not */
	bool moved;      /* it had another index URL: that is another registry, its crates start anew */
};
MUST_CHECK int watches_configure_registry(struct db *db, const char *name, const char *index_url,
					  struct registry_before *ret, struct err *err);
/* Adds to `changes`, sorted, which watches come and go; with `whole` every one there is. */
MUST_CHECK int watches_configure(struct db *db, const char *registry, const struct listed_crate *list, size_t n,
				 bool whole, struct watch_changes *changes, struct err *err);
MUST_CHECK int watches_configure_end(struct db *db, const char *const *registries, size_t n, struct err *err);

/* *ret_added: nobody listed it, or checks alone, which *ret_promoted says. ERR_ABSENT when no configured registry has
 * that name. */
MUST_CHECK int watches_add(struct db *db, const char *registry, const char *crate, enum listed_by by, bool *ret_added,
			   bool *ret_promoted, struct err *err);
/* Takes back LISTED_SOCKET. *ret_gone: nobody else lists it. ERR_ABSENT: not watched; ERR_REFUSED: the
 * configuration lists it, or a lockfile alone. */
MUST_CHECK int watches_remove(struct db *db, const char *registry, const char *crate, bool *ret_gone, struct err *err);

/* ---- crates of lockfiles ---- */

struct watch_in_lockfile {
	int64_t crate; /* row; 0: no configured registry has that name */
	bool added;    /* it was not watched before */
	bool promoted; /* it was for checks alone */
	bool is_known; /* it has been looked at */
};

/* `by`: LISTED_PROJECT, or LISTED_CHECK, which ends PROJECT_LAG_MS after `now_ms` unless a project locks it. */
MUST_CHECK int watches_add_in_lockfile(struct db *db, const char *registry, const char *crate, enum listed_by by,
				       int64_t now_ms, struct watch_in_lockfile *ret, struct err *err);

/* One that no lockfile has held since `until_ms` is not listed for that any more. Its registry and name are the
 * caller's to free; NULL when there is none left. *ret_gone: nobody else lists it. */
MUST_CHECK int watches_next_unlocked(struct db *db, int64_t until_ms, char **ret_registry, char **ret_crate,
				     bool *ret_gone, struct err *err);
