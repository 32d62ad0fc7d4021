/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h: findings follow from what is locked and what the index says: whatever changed one of the two, they
 * are brought after it in the same transaction. One that is new is opened by the event that told it, or by a
 * finding_opened of its own; one that is over gives finding_resolved; one that gets a version to move to gives
 * replacement_available. Internal to track/.
 *
 *   not bad ──bad by an event──▶ open ──replacement──▶ open ──good again, or not locked──▶ resolved
 *      ├─────bad at a first look, or locked when it is bad: finding_opened──▶ open
 *      └─────not in the index──▶ waits ──still so after confirm.deleted: finding_opened──▶ open
 */
#pragma once

#include "track/tracker.h"

/* An event of this transaction that tells a version to be bad. */
struct follow_told {
	const char *version; /* "" = all of the crate */
	int64_t seq;
};

struct following {
	struct tracker *tracker;
	int64_t now_ms;
	const struct follow_told *told; /* of the crate */
	size_t n_told;
	size_t opened, resolved; /* counted */
	size_t gone_through;     /* bytes of lockfiles, for what findings mean */
};

/* After the crate's new state is saved and its events are recorded. */
MUST_CHECK int follow_crate(struct following *following, int64_t crate, struct err *err);

/* After one of its lockfiles is stored; after one is gone; after they may hold other crates than before. */
MUST_CHECK int follow_lockfile(struct following *following, int64_t project, int64_t lockfile, struct err *err);
MUST_CHECK int follow_emptied(struct following *following, int64_t project, struct err *err);
MUST_CHECK int follow_project(struct following *following, int64_t project, struct err *err);

/* Those that wait and may be told by now. */
MUST_CHECK int follow_time(struct following *following, struct err *err);
