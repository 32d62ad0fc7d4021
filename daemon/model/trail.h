/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.h: what the audit trail of a version shows that no event of ours stands for: flips of the flag between two
 * looks at the index. Pure.
 */
#pragma once

#include "model/event.h"
#include "model/reason.h"

#define TRAIL_SKEW_MS 60000 /* the registry's clock may be so far ahead of ours */

/* One that was recorded of the version, yanked or unyanked. */
struct trail_event {
	enum event_kind kind;
	int64_t at_ms; /* of the index: when it was seen; of the audit trail: the action's */
	enum event_source source;
};

struct trail_flip {
	const struct reason_action *action;
};

/*
 * Writes the flips that were not recorded into ret (room for n), oldest first, and returns how many. A yank of what is
 * yanked is none (its text was edited). Those up to since_ms are not asked for: nobody watched. `actions`: oldest
 * first; `events`: as they were recorded. A look stands for the last flip before it.
 */
size_t trail_unrecorded(const struct reason_action *actions, size_t n, int64_t since_ms,
			const struct trail_event *events, size_t n_events, struct trail_flip *ret);
