/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_lanes.h: the lists of seqs that a search goes along, each a range of one index. For event_search.c.
 */
#pragma once

#include "store/event_search.h"

#define LANE_ROWS 128 /* read at once: no cursor is held from one event to the next */

enum lane_by { BY_CRATE, BY_VERSION, BY_REGISTRY, BY_PROJECT, BY_LATE, LANES_BY };

struct event_lane {
	enum lane_by by;
	int64_t of;       /* the row of its crate or registry; else 0 */
	int kind;         /* of its events; -1 = any */
	int64_t from, to; /* what was not read yet */
	int64_t seqs[LANE_ROWS];
	unsigned at, count; /* seqs[at] is the next one */
	bool is_read;       /* there is nothing left in the database */
};

/* Makes the lanes that have what the filter lets through between search->from and search->to; none: nothing has. Where
 * none of the filter's keys leads anywhere, *ret_direct. */
MUST_CHECK int event_lanes_make(struct event_search *search, bool *ret_direct, struct err *err);

/* Adds one with the events that are older than others before them, of the filter's times; more than `most`: none, and
 * *ret_too_many. */
MUST_CHECK int event_lanes_add_late(struct event_search *search, int64_t from, int64_t to, int64_t most,
				    bool *ret_too_many, struct err *err);

/* The lane with the next seq (with reverse: the greatest); NULL: all are at their end. */
MUST_CHECK int event_lanes_next(struct event_search *search, struct event_lane **ret, struct err *err);
