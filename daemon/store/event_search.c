/* SPDX-License-Identifier: Apache-2.0 */
/* event_search.c: see event_search.h; the lists that it goes along are event_lanes.c's. */
#include "store/event_lanes.h"
#include "store/event_row.h"

#define LATE_MAX 5000 /* events of a search's times, older than others before them: with more, seqs have no end */

#define EVENT "SELECT e.seq, e.kind, " EVENT_ROW("e", "a") " FROM event e LEFT JOIN annotation a ON a.event = e.seq"
#define IN_TIME " AND e.at_ms >= :since AND e.at_ms < :until"
#define OF_VERSION " AND (:version IS NULL OR e.version = :version)"

/* [newest first] */
static const char *const direct_sql[2] = {
	EVENT " WHERE e.seq BETWEEN :from AND :to" IN_TIME OF_VERSION " ORDER BY e.seq",
	EVENT " WHERE e.seq BETWEEN :from AND :to" IN_TIME OF_VERSION " ORDER BY e.seq DESC",
};

/* What its lane says of it already is not asked again: then that parameter is NULL. */
static const char ONE[] =
	EVENT " WHERE e.seq = :seq" IN_TIME OF_VERSION " AND (:kinds = 0 OR :kinds >> e.kind & 1)"
	      " AND (:registry IS NULL OR EXISTS (SELECT 1 FROM crate c JOIN registry r ON r.id = c.registry"
	      " WHERE c.id = e.crate AND r.name = :registry))"
	      " AND (:crate IS NULL OR EXISTS (SELECT 1 FROM crate c WHERE c.id = e.crate AND c.name = :crate))"
	      " AND (:project IS NULL OR EXISTS (SELECT 1 FROM event_project p WHERE p.project = :project"
	      " AND p.event = e.seq))";
enum { SEQ, KIND, ROW };

/*
 * Apart from those that event_late has, events are in the order of their times, so a range of times is a range of
 * seqs. Of the others those that are of that time stand in the range, too, or behind it.
 */
static const char FIRST_SINCE[] = "SELECT e.seq FROM event e INDEXED BY event_at WHERE e.at_ms >= :time AND NOT EXISTS"
				  " (SELECT 1 FROM event_late l WHERE l.event = e.seq)"
				  " ORDER BY e.at_ms, e.seq LIMIT 1";
static const char LAST_UNTIL[] = "SELECT e.seq FROM event e INDEXED BY event_at WHERE e.at_ms < :time AND NOT EXISTS"
				 " (SELECT 1 FROM event_late l WHERE l.event = e.seq)"
				 " ORDER BY e.at_ms DESC, e.seq DESC LIMIT 1";

static int64_t greatest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static const char LAST[] = "SELECT coalesce(max(seq), 0) FROM event";

static int find_bound(struct db *db, const char *sql, int64_t time_ms, int64_t *ret, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	if (time_ms)
		stmt_put_int(&st, ":time", time_ms);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

/* Makes the range of seqs narrower, as far as the times allow; *ret_late: behind it there may be older ones. */
static int narrow(struct event_search *search, int64_t *ret_late, struct err *err)
{
	const struct event_filter *filter = search->filter;
	int64_t first = filter->since_ms > 0 ? INT64_MAX : 0;
	int64_t last = 0;

	int rc = find_bound(search->db, LAST, 0, &last, err);
	if (search->to > last)
		search->to = last;
	if (filter->until_ms)
		last = 0;
	if (!rc && filter->since_ms > 0)
		rc = find_bound(search->db, FIRST_SINCE, filter->since_ms, &first, err);
	if (!rc && filter->until_ms)
		rc = find_bound(search->db, LAST_UNTIL, filter->until_ms, &last, err);
	search->from = greatest(search->from, first);
	*ret_late = last;
	return rc;
}

/* The events that are older than others before them, behind the range of seqs that the times make. */
static int add_late(struct event_search *search, int64_t last, struct err *err)
{
	bool too_many = false;
	int rc = 0;

	if (last >= search->to)
		return 0;
	rc = event_lanes_add_late(search, greatest(search->from, last + 1), search->to, LATE_MAX, &too_many, err);
	if (!too_many)
		search->to = last;
	return rc;
}

int event_search_begin(struct event_search *search, struct db *db, const struct event_filter *filter, int64_t from,
		       int64_t to, struct err *err)
{
	int64_t last = INT64_MAX;

	*search = (struct event_search){.db = db, .filter = filter, .from = from, .to = to};
	int rc = narrow(search, &last, err);
	if (!rc)
		rc = add_late(search, last, err);
	return rc ? rc : event_lanes_make(search, &search->is_direct, err);
}

/* ---- one after the other ---- */

static void put_times(struct stmt *st, const struct event_filter *filter)
{
	stmt_put_int(st, ":since", filter->since_ms);
	stmt_put_int(st, ":until", filter->until_ms ? filter->until_ms : INT64_MAX);
}

/* The first error counts. */
static bool close_row(struct event_search *search)
{
	struct err err = {0};
	int rc = search->has_row ? stmt_done(&search->row, &err) : 0;

	search->has_row = false;
	if (rc && !search->rc) {
		search->rc = rc;
		search->err = err;
	}
	return !search->rc;
}

/* At most so many that one search may look at them all. */
static void open_direct(struct event_search *search)
{
	const struct event_filter *filter = search->filter;
	int64_t from = search->from;
	int64_t to = search->to;

	if (filter->reverse)
		from = greatest(from, to - EVENT_SEARCH_SEQS + 1);
	else if (to - from >= EVENT_SEARCH_SEQS)
		to = from + EVENT_SEARCH_SEQS - 1;
	search->looked_to = filter->reverse ? from : to;
	search->row = stmt_use(search->db, direct_sql[filter->reverse]);
	search->has_row = true;
	stmt_put_int(&search->row, ":from", from);
	stmt_put_int(&search->row, ":to", to);
	put_times(&search->row, filter);
	stmt_put_text(&search->row, ":version", filter->version);
}

static bool next_direct(struct event_search *search)
{
	bool reverse = search->filter->reverse;

	if (search->from > search->to)
		return false;
	if (!search->has_row)
		open_direct(search);
	if (stmt_row(&search->row)) {
		search->seq = stmt_int(&search->row, SEQ);
		return true;
	}
	if (close_row(search))
		search->is_cut = reverse ? search->looked_to > search->from : search->looked_to < search->to;
	return false;
}

static void open_one(struct event_search *search, const struct event_lane *lane, int64_t seq)
{
	const struct event_filter *filter = search->filter;
	bool by_crate = lane->by == BY_CRATE || lane->by == BY_VERSION;

	search->row = stmt_use(search->db, ONE);
	search->has_row = true;
	stmt_put_int(&search->row, ":seq", seq);
	put_times(&search->row, filter);
	stmt_put_text(&search->row, ":version", lane->by == BY_VERSION ? NULL : filter->version);
	stmt_put_int(&search->row, ":kinds", lane->kind >= 0 ? 0 : filter->kinds);
	stmt_put_text(&search->row, ":registry", by_crate || lane->by == BY_REGISTRY ? NULL : filter->registry);
	stmt_put_text(&search->row, ":crate", by_crate ? NULL : filter->crate);
	stmt_put_text(&search->row, ":project", lane->by == BY_PROJECT ? NULL : filter->project);
}

static bool next_of_lanes(struct event_search *search)
{
	struct event_lane *lane = NULL;

	while (close_row(search)) {
		search->rc = event_lanes_next(search, &lane, &search->err);
		if (search->rc || !lane)
			return false;
		search->is_cut = search->looked++ == EVENT_SEARCH_ROWS;
		if (search->is_cut)
			return false;
		search->looked_to = lane->seqs[lane->at];
		open_one(search, lane, lane->seqs[lane->at++]);
		if (stmt_row(&search->row)) {
			search->seq = search->looked_to;
			return true;
		}
	}
	return false;
}

/* What is late stands behind the range. */
bool event_search_next(struct event_search *search)
{
	bool (*const forward[])(struct event_search * search) = {next_direct, next_of_lanes};
	bool (*const backward[])(struct event_search * search) = {next_of_lanes, next_direct};
	bool (*const *parts)(struct event_search * search) = search->filter->reverse ? backward : forward;

	for (; search->part < ARRAY_LEN(forward); search->part++) {
		if (search->rc || search->is_cut)
			return false;
		if ((parts[search->part] == next_of_lanes || search->is_direct) && parts[search->part](search))
			return true;
	}
	return false;
}

enum event_kind event_search_kind(struct event_search *search)
{
	return (enum event_kind)stmt_int(&search->row, KIND);
}

void event_search_write(struct event_search *search, struct strbuf *out)
{
	const struct event_record record = event_row_read(&search->row, ROW);

	event_write_document(out, &record);
}

int event_search_end(struct event_search *search, struct err *err)
{
	(void)close_row(search);
	free(search->lanes);
	search->lanes = NULL;
	if (search->rc)
		*err = search->err;
	return search->rc;
}
