/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h: what is known of registries, crates and versions. For the tracker's
 * connection; every call that writes wants an open transaction.
 */
#pragma once

#include "model/event.h"
#include "model/observation.h"
#include "store/db.h"

/* Made with the database, never changed. */
struct database_secrets {
	unsigned char lineage[LINEAGE_SIZE];
	unsigned char secret[INDEX_SECRET_SIZE];
};

MUST_CHECK int state_secrets(struct db *db, struct database_secrets *ret, struct err *err);

/* One watched crate. */
struct crate_record {
	int64_t id;
	bool bulk;        /* nobody lists it by name */
	bool in_lockfile; /* of a project, or of one that was checked; or it was within the last day */
	enum crate_state state;
	int64_t last_modified;
	char *etag;             /* owned */
	int64_t stale_modified; /* Last-Modified of the older copy that was seen last; 0 = none */
	int64_t stale_since_ms; /* and since when */
	size_t unparsed;        /* lines of the last file that could not be read */
	size_t doubled;         /* and those that repeat a version */
	bool incident;          /* its registry has lost crates as a whole */
	bool has_fingerprint;   /* the last file was believed and remembered whole, and is known by this: */
	unsigned char fingerprint[FINGERPRINT_SIZE];
};

void crate_record_release(struct crate_record *record);

/* ---- a registry as a whole ---- */

struct registry_record {
	int64_t crate;       /* the nameless crate row that its own events hang on */
	int64_t blind_ms;    /* wall clock, since when it has been told blind; 0 = it is not */
	int64_t incident_ms; /* the same of an incident */
};

/* Makes the nameless crate row where it is not there. ERR_ABSENT: not configured, or with another index. */
MUST_CHECK int state_registry(struct db *db, const char *registry, const char *index_url, struct registry_record *ret,
			      struct err *err);
MUST_CHECK int state_registry_save(struct db *db, const struct registry_record *record, struct err *err);
/* An incident is over: absences that wait must stand for their time from now on. */
MUST_CHECK int state_absences_restart(struct db *db, const struct registry_record *record, int64_t now_ms,
				      struct err *err);

/* ---- crates; their versions stand in versions.h ---- */

/* ERR_ABSENT when the crate is not watched, or its registry is another one by now. */
MUST_CHECK int state_crate(struct db *db, const char *registry, const char *index_url, const char *crate,
			   struct crate_record *ret, struct err *err);
/* `now_ms`: since when it is known, when this is its baseline. */
MUST_CHECK int state_crate_save(struct db *db, int64_t crate, enum crate_state state,
				const struct validators *validators, const struct index_look *look, int64_t now_ms,
				struct err *err);

/* An older copy was seen; the next state_crate_save() forgets it. */
MUST_CHECK int state_stale_save(struct db *db, int64_t crate, int64_t last_modified, int64_t now_ms, struct err *err);
