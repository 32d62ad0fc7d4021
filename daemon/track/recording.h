/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording.h: how an event gets its id and seq, is written and finds its
 * notifiers: the same for what happens to a crate and to a registry. Internal to track/.
 */
#pragma once

#include "track/tracker.h"

/* Events of one crate, or of a registry as a whole, written in one job. */
struct recording {
	struct tracker *tracker;
	int64_t crate; /* row; of a registry's own events: see state_registry() */
	int64_t next_seq;
};

MUST_CHECK int recording_begin(struct recording *recording, struct tracker *tracker, int64_t crate, struct err *err);

/* Sets id and seq, appends the event to the history and a notification for each
 * notifier that its routes lead to. */
MUST_CHECK int recording_add(struct recording *recording, struct event *event, struct err *err);
