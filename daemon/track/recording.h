/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording.h: how an event gets its id and seq, is written and finds its
 * notifiers: the same for what happens to a crate and to a registry. Internal to track/.
 */
#pragma once

#include "store/annotations.h"
#include "track/tracker.h"

/* What is said about an event beside what it is; all zero: nothing. */
struct recording_notes {
	const char *members; /* annotations.h */
	const struct event_project *projects;
	size_t n_projects;
	/* The event whose news this is, by seq: who was told that, and would have been for the finding of this
	 * event's project alone, is told this, whatever the routes say. 0 = none. */
	int64_t belongs_to;
	enum severity finding; /* then: how severe that finding was */
	const char *reason;    /* as annotations_set_reason() takes it; NULL = nothing is known of it */
	int64_t reason_ms;     /* wall clock: until then it waits for its reason; 0 = it does not */
	int64_t said_by; /* an event of this transaction that says the same: who is told that is not told this; 0 = none
			  */
};

/* Events of one crate, or of a registry as a whole, written in one job. */
struct recording {
	struct tracker *tracker;
	int64_t crate; /* row; of a registry's own events: see state_registry() */
	int64_t next_seq;
};

MUST_CHECK int recording_begin(struct recording *recording, struct tracker *tracker, int64_t crate, struct err *err);

/* Sets id and seq, and appends an event of the audit trail, which nobody is told. */
MUST_CHECK int recording_add_late(struct recording *recording, struct event *event, struct err *err);

/* Sets id and seq, appends the event with its notes (NULL = none) to the history, and a notification for each
 * notifier that its routes lead to. */
MUST_CHECK int recording_add(struct recording *recording, struct event *event, const struct recording_notes *notes,
			     struct err *err);
