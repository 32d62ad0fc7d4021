/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past.h: what a crate was at a past moment: what its versions are now, with its events, in the order of their times.
 * Events up to the moment say how it was; where there is none, the first one behind it says what it changed. Pure.
 */
#pragma once

#include "model/diff.h"
#include "model/index_versions.h"

struct past_version {
	const struct index_version *now; /* borrowed */
	bool there;                      /* it was in the index then, or had been and was deleted */
	bool deleted, yanked;
	bool yanked_known; /* false: nothing says it: it went with its crate, and came back */
	bool yanked_lost;  /* so for certain */
	unsigned char checksum[CHECKSUM_SIZE];
	int64_t changed_ms; /* its last event up to then; 0 = none that is known */
	bool presence_known, checksum_known;
};

struct past {
	int64_t at_ms;
	enum crate_state state;
	bool state_known;
	struct past_version *items; /* owned; in the index's order */
	size_t count;
	struct past_version **sorted; /* owned; by their text */
};

/* An event of the crate. All borrowed. */
struct past_event {
	enum event_kind kind;
	int64_t at_ms;
	const char *version; /* "" = the crate as a whole */
	bool pruned;         /* all else is not known */
	bool yanked;
	const unsigned char *checksum; /* CHECKSUM_SIZE bytes each; NULL = not told */
	const unsigned char *previous;
	const char *const *versions; /* crate_deleted: those that went; NULL = all that were there */
	size_t n_versions;
};

/* `now`: what they are now, to be there as long as *ret is; the caller releases *ret. */
MUST_CHECK int past_begin(struct past *ret, int64_t at_ms, enum crate_state state, const struct index_versions *now,
			  struct err *err);
/* One event of the crate's after the other, in the order of their times. */
void past_take(struct past *past, const struct past_event *event);
/* What no event has touched is as it is now. */
void past_end(struct past *past);
void past_release(struct past *past);
