/* SPDX-License-Identifier: Apache-2.0 */
/*
 * query_findings.h: what the socket asks about projects (docs/SOCKET.md has the documents). For read-only connections;
 * bounded, and copied before the call returns.
 */
#pragma once

#include "base/json.h"
#include "model/lock_sources.h"
#include "model/words.h"
#include "store/impact_load.h"
#include "store/query.h"

/* Appends {"projects":[…]}, of all or of one; ERR_ABSENT when that is not there. */
MUST_CHECK int query_projects(struct db *db, const char *project, struct strbuf *out, struct err *err);

/* Is there a project of that name, or an event of one that was? */
MUST_CHECK int query_knows_project(struct db *db, const char *project, bool *ret, struct err *err);

struct finding_filter {
	const char *project; /* NULL = any */
	enum severity at_least;
	int64_t after; /* `next` of the page before; 0 = the first */
	unsigned limit;
};

/* Appends {"findings":[…],"next":…}: open ones, worst first, then the newest. */
MUST_CHECK int query_findings(struct db *db, const struct finding_filter *filter, struct strbuf *out, struct err *err);

/* A crate that must be looked at before a lockfile can be judged; or one of its versions, whose line is missing. */
struct check_want {
	char *registry, *crate; /* owned */
	char *version;          /* owned; "" = the crate alone */
	bool is_watched;        /* it is on its way already; with a version: and that is wanted already */
};

struct check_state {
	size_t packages;          /* of configured registries, that are to be judged */
	size_t known;             /* and are */
	struct check_want *wants; /* owned */
	size_t n_wants;
	size_t findings;
};
void check_state_release(struct check_state *state);

/* Puts "unmatched" [{"name","version","origin","source"},…]: packages that no configured registry has, members of the
 * workspace left out; at most QUERY_LIMIT_MAX, then "more_unmatched". */
void query_put_unmatched(struct json_writer *w, const struct lock *lock, const struct lock_sources *sources);

/*
 * Judges a lockfile that need not be stored. Appends {"packages","known","unknown":[…],"unmatched":[…],"findings":[…]}.
 * What is not known yet stands in `wants`, and the findings are those of the rest. "unknown" has besides the crates
 * that were looked at and yet do not tell (a line cannot be read): these count as known, for waiting does not help.
 * At most QUERY_LIMIT_MAX of each list; then "more_unknown", "more_findings".
 */
MUST_CHECK int query_check(struct db *db, const struct lock *lock, const struct lock_sources *sources,
			   struct strbuf *out, struct check_state *ret, struct err *err);

/* How many crates are watched for a day, since a check has asked for them or a lockfile had them. */
MUST_CHECK int query_lagging(struct db *db, int64_t *ret, struct err *err);

/* Appends what a yank of that version would hit. ERR_ABSENT: not watched, or no such version (says which). */
MUST_CHECK int query_impact(struct db *db, const char *registry, const char *crate, const char *version,
			    struct strbuf *out, struct err *err);

/* Whom an event of that version would hit: the caller releases *ret, which stays empty for a crate that is not watched.
 */
MUST_CHECK int query_hits(struct db *db, const char *registry, const char *crate, const char *version,
			  enum event_kind kind, struct impact_list *ret, struct err *err);
