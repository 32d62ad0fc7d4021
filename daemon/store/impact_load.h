/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impact_load.h: impact (model/impact.h) asked of the database: versions of the crate, lockfiles that hold it, stored
 * requirements of locked versions. For any connection.
 */
#pragma once

#include "base/json.h"
#include "model/impact.h"
#include "store/db.h"

#define IMPACT_FINDINGS_MAX 1000 /* documents of one event or question, worst first */

/* The crate in question, as it is now; or as it was before what is thought to happen. */
struct impact_crate {
	int64_t row;
	char *registry, *name;           /* owned */
	struct impact_version *versions; /* owned, and the texts */
	size_t n_versions;
	struct index_versions *loaded; /* owned */
};
/* ERR_ABSENT: not watched. */
MUST_CHECK int impact_crate_load(struct db *db, int64_t row, struct impact_crate *ret, struct err *err);
void impact_crate_release(struct impact_crate *crate);

/* One lockfile's finding. Texts are owned by the list. */
struct impact_found {
	int64_t project, lockfile;              /* rows; 0 = a lockfile that is not stored */
	const char *project_name, *team, *path; /* "" = none */
	bool several;                           /* its project has more than one lockfile: `path` is told */
	enum severity severity;
	bool locked;
	bool awaits;        /* what a package demands is not known yet, but wanted */
	struct strbuf json; /* the object of docs/EVENTS.md "findings"; empty behind IMPACT_FINDINGS_MAX of a list */
	const char *would_pick; /* NULL = none */
	char *texts;            /* owned; the texts above */
};

struct impact_list {
	struct impact_found *items; /* owned; all of them, for whoever is hit is told; worst first, then by project */
	size_t n, cap;
	size_t n_documents; /* items that have one, the first ones once the list is whole */
	bool belongs;       /* some lockfile holds the crate, in whatever version */
	size_t bytes;       /* of the lockfiles that were gone through */
};
void impact_list_release(struct impact_list *list);

/* Every stored lockfile that `version` hits, of one project (row) or with 0 of all. `kind`: of the event that it is, or
 * would be. */
MUST_CHECK int impact_of_version(struct db *db, const struct impact_crate *crate, const char *version,
				 enum event_kind kind, int64_t project, struct impact_list *ret, struct err *err);

/* A few stored lockfiles in memory, for one who asks of many versions of one project; in one transaction. */
struct impact_shelf;
struct impact_shelf *impact_shelf_new(void);        /* NULL: out of memory */
void impact_shelf_free(struct impact_shelf *shelf); /* NULL is allowed */
/* As impact_of_version(), of the project. */
MUST_CHECK int impact_of_project(struct db *db, struct impact_shelf *shelf, const struct impact_crate *crate,
				 const char *version, enum event_kind kind, int64_t project, struct impact_list *ret,
				 struct err *err);

/* The same of one lockfile that need not be stored; *ret_hits false and nothing else when it is not hit.
 * `crate_rows`: of each package its crate's row, 0 = it is of no watched crate. */
MUST_CHECK int impact_of_lock(struct db *db, const struct impact_crate *crate, const struct lock *lock,
			      const int64_t *crate_rows, const char *version, enum event_kind kind,
			      struct impact_found *ret, bool *ret_hits, struct err *err);
void impact_found_release(struct impact_found *found);

/* Puts "usable_versions" and "replacement" {"version","compatible","command"} of docs/EVENTS.md. */
void impact_put_replacement(struct json_writer *w, const struct impact_crate *crate, const char *version);

/* Puts "findings" [of the list], as many as have room in `most_bytes`, and "more_findings" when there are others. */
void impact_put_list(struct json_writer *w, const struct impact_list *list, size_t most_bytes);
