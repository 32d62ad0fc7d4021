/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h: the watches of one registry that wait for their time. Those of lockfiles that somebody checks, and that
 * nobody else lists, are spare: they are polled when no other is due, so that a check never delays an alert.
 */
#pragma once

#include "base/heap.h"
#include "poll/watch.h"

struct schedule {
	struct heap due, spare; /* by struct watch.due */
};

void schedule_release(struct schedule *schedule);

/* Room for so many watches; after it schedule_put() cannot fail up to there. */
MUST_CHECK bool schedule_reserve(struct schedule *schedule, size_t count);

/* Adds the watch, or moves it. */
void schedule_put(struct schedule *schedule, struct watch *watch, int64_t due_ms);
void schedule_remove(struct schedule *schedule, struct watch *watch); /* not there: nothing */
/* It is spare, or is not any more; it keeps its time. */
void schedule_set_spare(struct schedule *schedule, struct watch *watch, bool spare);

/* The one to be polled at `now_ms`, or the first that will be; NULL: there is none. Its key says which. */
struct watch *schedule_first(const struct schedule *schedule, int64_t now_ms);
/* The same of those that are not spare. */
struct watch *schedule_first_due(const struct schedule *schedule);
