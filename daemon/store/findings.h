/* SPDX-License-Identifier: Apache-2.0 */
/*
 * findings.h: which bad versions the projects lock now, from the first look that showed it until it is over. A row is
 * opened by an event and closed by another; the rows that are closed stay. For the tracker's connection, inside a
 * transaction; what the socket asks stands in query_findings.h.
 */
#pragma once

#include "model/impact.h"
#include "store/db.h"

/* What is wrong with a locked version. Stored: only append. */
enum finding_state {
	FINDING_YANKED,
	FINDING_DELETED,  /* its line or its crate was there and is gone */
	FINDING_MISSING,  /* the index does not have it, and never had while it was watched */
	FINDING_CHECKSUM, /* the lockfile has another checksum than the index */
	FINDING_STATES
};
const char *finding_state_name(enum finding_state state); /* "yanked", "deleted", "missing", "checksum_differs" */
/* The kind of the event that tells a version to be so: its severity is that. */
enum event_kind finding_state_kind(enum finding_state state);

/* A version that a lockfile has, held against what the database knows. */
enum finding_verdict {
	VERDICT_GOOD,
	VERDICT_BAD,     /* *ret_state */
	VERDICT_UNKNOWN, /* its crate was not looked at yet, or a line that cannot be read may hide it */
};
/* `checksum` is hex as the lockfile has it, "" = none. A crate row of 0 is unknown. */
MUST_CHECK int finding_judge(struct db *db, int64_t crate, const char *version, const char *checksum,
			     enum finding_verdict *ret, enum finding_state *ret_state, struct err *err);
