/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h: findings follow from what is locked and what the index says: whatever changed one of the two, they
 * are brought after it in the same transaction. One that is new is opened by the event that told it, or by a
 * finding_opened of its own; one that is over gives finding_resolved; one that gets a version to move to gives
 * replacement_available. Internal to track/.
 *
 *   not bad ──bad by an event──▶ open ──replacement──▶ open ──good again, or not locked──▶ resolved
 *      ├─────bad at a first look, or locked when it is bad: finding_opened──▶ open
 *      └─────not in the index──▶ waits ──a look after confirm.deleted shows the same: finding_opened──▶ open
 *            requirements not known yet ─▲ ──until they are, or FOLLOW_DEMANDS_MS──▶ open
 */
#pragma once

#include "store/impact_load.h"
#include "track/tracker.h"

#define FOLLOW_DEMANDS_MS (INT64_C(2) * 60 * 1000) /* a finding waits so long for what packages demand of it */

/* An event of this transaction. */
struct follow_told {
	const char *version; /* "" = all of the crate */
	int64_t seq;
	enum event_kind kind;
	bool spoils;               /* it tells that version to be bad, else that something is well again */
	bool is_weighed;           /* then: */
	struct impact_list weight; /* whom it hits, owned; whoever lets the findings follow may take it */
};

struct following {
	struct tracker *tracker;
	int64_t now_ms;
	struct follow_told *told; /* of the crate */
	size_t n_told;
	bool is_look;            /* the registry was asked just now */
	bool is_unwatched;       /* what is over is so because the configuration has the project or registry no more */
	size_t opened, resolved; /* counted */
	size_t gone_through;     /* bytes of lockfiles, for what findings mean */
};

/* After the crate's new state is saved and its events are recorded. */
MUST_CHECK int follow_crate(struct following *following, int64_t crate, struct err *err);

/* After one of its lockfiles is stored, or may hold other crates than before; after one is gone. */
MUST_CHECK int follow_lockfile(struct following *following, int64_t project, int64_t lockfile, struct err *err);
MUST_CHECK int follow_emptied(struct following *following, int64_t project, struct err *err);

/* Those that wait for what packages demand, and may be told by now. */
MUST_CHECK int follow_waiting(struct following *following, struct err *err);

/* Has a finding waited for so long, since `since_ms`, that the next look settles it? A clock that was put back does not
 * hold it for longer than that. */
bool follow_has_waited(const struct config *config, const char *registry, int64_t since_ms, int64_t now_ms);
