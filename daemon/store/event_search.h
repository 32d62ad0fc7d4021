/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_search.h: the events that a filter lets through, in the order of their seq, found by the index that leads
 * to the fewest: docs/decisions/020-finding-events.md. A search never looks at more than a bounded number of rows;
 * where that is not enough it says how far it came, and the next one goes on from there.
 *
 *   rc = event_search_begin(&search, db, &filter, from, to, err);
 *   while (!rc && event_search_next(&search))
 *           event_search_write(&search, out);
 *   rc = event_search_end(&search, err);
 */
#pragma once

#include "store/query.h"

#define EVENT_SEARCH_SEQS 50000 /* that one search looks at where no index leads on */
#define EVENT_SEARCH_ROWS 20000 /* as many where an index leads to rows that the rest of the filter may leave out */

/* One of the lists that together have what the filter lets through: rows of one index, a few at a time. */
struct event_lane;

struct event_search {
	struct db *db;
	const struct event_filter *filter; /* borrowed: registry, crate, version, project, kinds, times, reverse */
	int64_t from, to;                  /* seqs that are still to be looked at, both inclusive */
	struct event_lane *lanes;          /* owned */
	size_t n_lanes;
	bool is_direct;  /* by seq, from row to row; then the lanes have late ones alone */
	unsigned part;   /* the rows or the lanes: the one that comes first, or the other */
	struct stmt row; /* of the event that was found */
	bool has_row;
	unsigned looked;
	int64_t seq;       /* of the event that was found last */
	bool is_cut;       /* it ended before all was looked at: */
	int64_t looked_to; /* up to here (with reverse: down to here) all was */
	int rc;
	struct err err;
};

/* Seqs from `from` to `to`, both inclusive; the filter's `after` and `limit` count for nothing. The search must be
 * ended also when this fails. */
MUST_CHECK int event_search_begin(struct event_search *search, struct db *db, const struct event_filter *filter,
				  int64_t from, int64_t to, struct err *err);

/* The next one, whose seq and kind can be asked for until the next call; false: there is none, or it is cut, or failed.
 */
bool event_search_next(struct event_search *search);
enum event_kind event_search_kind(struct event_search *search);

/* Appends the document of the one that was found. */
void event_search_write(struct event_search *search, struct strbuf *out);

/* Once for each begin. The error that ended it, if one did. */
MUST_CHECK int event_search_end(struct event_search *search, struct err *err);
