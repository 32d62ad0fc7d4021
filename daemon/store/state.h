/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h: what is known of registries, watches, crates and versions. For the
 * tracker's connection; every call that writes wants an open transaction.
 */
#pragma once

#include "model/event.h"
#include "model/observation.h"
#include "store/db.h"

/* Who lists a crate; bits. In a crates_file it is one of many, that nobody has named. */
enum listed_by { LISTED_CONFIGURATION = 1, LISTED_SOCKET = 2, LISTED_FILE = 4 };

/* Made with the database, never changed. */
struct database_secrets {
	unsigned char lineage[LINEAGE_SIZE];
	unsigned char secret[INDEX_SECRET_SIZE];
};

MUST_CHECK int state_secrets(struct db *db, struct database_secrets *ret, struct err *err);

/* One watched crate. */
struct crate_record {
	int64_t id;
	bool bulk; /* listed by a crates_file alone */
	enum crate_state state;
	int64_t last_modified;
	char *etag;             /* owned */
	int64_t unparsed;       /* lines that could not be read */
	int64_t stale_modified; /* Last-Modified of the older copy that was seen last; 0 = none */
	int64_t stale_since_ms; /* and since when */
};

void crate_record_release(struct crate_record *record);

/* ---- watches ---- */

/*
 * A new configuration: begin, then each registry and each crate it lists, then
 * end, which forgets the state of crates nobody lists any more. Their history
 * stays; listed again they start with a baseline.
 */
MUST_CHECK int state_configure_begin(struct db *db, struct err *err);
/* An index URL other than before is another registry: its crates start anew. */
MUST_CHECK int state_configure_registry(struct db *db, const char *name, const char *index_url, bool *ret_moved,
					struct err *err);
MUST_CHECK int state_configure_end(struct db *db, struct err *err);

/* ERR_ABSENT when no configured registry has that name. */
MUST_CHECK int state_watch_add(struct db *db, const char *registry, const char *crate, enum listed_by by,
			       bool *ret_added, struct err *err);
/* Takes back LISTED_SOCKET. ERR_ABSENT: not watched; ERR_REFUSED: the configuration lists it. */
MUST_CHECK int state_watch_remove(struct db *db, const char *registry, const char *crate, struct err *err);

/* Every watch of the configured registries; the caller releases *ret. */
MUST_CHECK int state_watches(struct db *db, struct watch_seeds *ret, struct err *err);

/* ---- crates and versions ---- */

/* ERR_ABSENT when the crate is not watched, or its registry is another one by now. */
MUST_CHECK int state_crate(struct db *db, const char *registry, const char *index_url, const char *crate,
			   struct crate_record *ret, struct err *err);
MUST_CHECK int state_crate_save(struct db *db, int64_t crate, enum crate_state state,
				const struct validators *validators, size_t unparsed, struct err *err);

/* An older copy was seen; the next state_crate_save() forgets it. */
MUST_CHECK int state_stale_save(struct db *db, int64_t crate, int64_t last_modified, int64_t now_ms, struct err *err);

/* In the index's order, deleted ones included; the caller releases *ret. */
MUST_CHECK int state_versions(struct db *db, int64_t crate, struct index_versions *ret, struct err *err);
/* Inserts or replaces; `changed_ms` 0 keeps the time of the last event. */
MUST_CHECK int state_version_save(struct db *db, int64_t crate, const struct index_version *version, int64_t changed_ms,
				  struct err *err);
