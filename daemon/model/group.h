/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h: which events stand together in one notification, and until when it takes
 * more of them. Pure but for the time zone, which the C library knows (TZ). The
 * configuration's routes say how; the tracker asks for each event and notifier.
 */
#pragma once

#include "base/strbuf.h"
#include "model/words.h"

#define GROUP_EVENTS_MAX 1000          /* events of one notification; then the next one begins */
#define GROUP_BYTES_MAX (4u << 20)     /* and of their bodies; one event alone may have more */
#define DIGEST_MINUTE_DEFAULT (8 * 60) /* of the local day: a plain `daily` */

enum group_by {
	GROUP_BY_NONE, /* each event is a notification of its own */
	GROUP_BY_CRATE,
	GROUP_BY_PROJECT, /* the event's first project, that of its worst finding; those without one stand together */
	GROUP_BY_REGISTRY,
};

enum digest { DIGEST_NONE, DIGEST_HOURLY, DIGEST_DAILY };

/* All zero: each event by itself, at once. Without wait and digest `by` has no effect. */
struct grouping {
	enum group_by by;
	int64_t wait_ms; /* from the group's first event; later ones do not prolong it */
	enum digest digest;
	unsigned digest_minute; /* of a daily one: minute of the local day, 0 to 1439 */
};

struct routed_event;

/* "none", "crate", "project", "registry". */
const char *group_by_name(enum group_by by);

/* True when events wait for others, or for their time. */
bool grouping_waits(const struct grouping *grouping);

/* When a group whose first event came at `first_ms` (wall clock) is due: after the wait, or at the
 * next full hour or time of day that is not before that. */
int64_t grouping_due_ms(const struct grouping *grouping, int64_t first_ms);

/* The longest that grouping_due_ms() can be away: a due time further off was set before the clock was stepped. */
int64_t grouping_max_ms(const struct grouping *grouping);

/*
 * Appends what the events of one group have in common, with the schedule: a group that is open keeps its
 * schedule when a reload changes the route. False and nothing appended: the event stands by itself.
 */
bool grouping_write_key(const struct grouping *grouping, const struct routed_event *event, struct strbuf *out);
