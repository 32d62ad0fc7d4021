/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotations.h: what is said about an event beside its canonical bytes, noted once, with the event: members of its
 * document (usable_versions, replacement, findings), and the projects that it hits, which routes and silences ask
 * for. What writes is for the tracker's connection, inside a transaction.
 */
#pragma once

#include "model/route.h"
#include "store/db.h"

/* Bytes of members. Who makes them leaves findings out above that and counts them ("more_findings"): a notification
 * must fit into a frame (model/frames.h). */
#define ANNOTATION_MAX (1u << 20)

/* SQL: the members of an event's document, of the table annotation with the name `a` (a string constant). A reason is
 * in a column of its own, since what is known of it may change; it stands first. */
#define ANNOTATED_MEMBERS(a)                                                                      \
	"CASE WHEN " a ".reason IS NULL THEN " a ".members ELSE '\"reason\":' || " a ".reason ||" \
	" iif(" a ".members = '', '', ',' || " a ".members) END"

/* A project that an event hits. */
struct event_project {
	const char *project;
	const char *team; /* "" = none */
	bool locked;      /* it locks the version; else a requirement of it allows that */
};

/*
 * Once for each event, after history_append(). `members`: JSON members as event_write_document() takes them,
 * `"usable_versions":3,"findings":[…]`; NULL or "" = none; above ANNOTATION_MAX they are dropped, rather than
 * the event. `projects`: all n of them, the worst finding first, each one once.
 */
MUST_CHECK int annotations_add(struct db *db, int64_t seq, const char *members, const struct event_project *projects,
			       size_t n, struct err *err);

/* What is known by now of the reason: a JSON object; replaces what was noted of it. */
MUST_CHECK int annotations_set_reason(struct db *db, int64_t seq, const char *reason, struct err *err);

/* The same with each finding_opened whose finding of that version is open. */
MUST_CHECK int annotations_set_findings_reason(struct db *db, int64_t crate, const char *version, const char *reason,
					       struct err *err);

/* As a routed_event takes them. */
struct annotation_projects {
	struct routed_project *items; /* owned, the texts too; in the order in which they were added */
	size_t count;
	size_t n_locked;    /* those that lock the version */
	const char *locked; /* the first of these, one of the items'; NULL = none */
};

/* Of the event; the caller releases *ret. */
MUST_CHECK int annotations_projects(struct db *db, int64_t seq, struct annotation_projects *ret, struct err *err);
/* Those alone whose finding, opened by that event, is open now. */
MUST_CHECK int annotations_open_projects(struct db *db, int64_t seq, struct annotation_projects *ret, struct err *err);
void annotation_projects_release(struct annotation_projects *projects);
