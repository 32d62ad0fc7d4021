/* SPDX-License-Identifier: Apache-2.0 */
/* event_lanes.c: see event_lanes.h. */
#include "store/event_lanes.h"

#define FORWARD " BETWEEN :from AND :to ORDER BY 1 LIMIT :rows"
#define BACKWARD " BETWEEN :from AND :to ORDER BY 1 DESC LIMIT :rows"
#define OF_CRATE "SELECT seq FROM event INDEXED BY event_crate WHERE crate = :of AND kind = :kind AND seq"
#define OF_VERSION                                                                                                 \
	"SELECT seq FROM event INDEXED BY event_ordinal WHERE crate = :of AND version = :version AND kind = :kind" \
	" AND seq"
#define OF_REGISTRY "SELECT event FROM event_kind WHERE registry = :of AND kind = :kind AND event"
#define OF_PROJECT "SELECT event FROM event_project INDEXED BY event_project_name WHERE project = :project AND event"
#define OF_LATE \
	"SELECT event FROM event_late INDEXED BY event_late_at WHERE at_ms >= :since AND at_ms < :until AND event"

/* [how][newest first] */
static const char *const lane_sql[LANES_BY][2] = {
	[BY_CRATE] = {OF_CRATE FORWARD, OF_CRATE BACKWARD},
	[BY_VERSION] = {OF_VERSION FORWARD, OF_VERSION BACKWARD},
	[BY_REGISTRY] = {OF_REGISTRY FORWARD, OF_REGISTRY BACKWARD},
	[BY_PROJECT] = {OF_PROJECT FORWARD, OF_PROJECT BACKWARD},
	[BY_LATE] = {OF_LATE FORWARD, OF_LATE BACKWARD},
};

/* CROSS: a registry is looked for first, so that its crate is one look into the index of names. */
static const char CRATES[] = "SELECT c.id FROM registry r CROSS JOIN crate c ON c.registry = r.id AND c.name = :crate"
			     " WHERE :registry IS NULL OR r.name = :registry";
static const char REGISTRIES[] = "SELECT id FROM registry WHERE :registry IS NULL OR name = :registry";
static const char LATE_COUNT[] = "SELECT count(*) FROM (SELECT 1 FROM event_late INDEXED BY event_late_at"
				 " WHERE at_ms >= :since AND at_ms < :until AND event BETWEEN :from AND :to"
				 " LIMIT :rows)";

/* ---- making them ---- */

static int add_lane(struct event_search *search, enum lane_by by, int64_t of, int kind, struct err *err)
{
	size_t n = search->n_lanes;

	if ((n & (n - 1)) == 0) {
		struct event_lane *grown = reallocarray(search->lanes, n ? 2 * n : 1, sizeof *grown);
		if (!grown)
			return err_nomem(err);
		search->lanes = grown;
	}
	search->lanes[search->n_lanes++] =
		(struct event_lane){.by = by, .of = of, .kind = kind, .from = search->from, .to = search->to};
	return 0;
}

/* One of each kind that is asked for. */
static int add_lanes(struct event_search *search, enum lane_by by, int64_t of, struct err *err)
{
	uint32_t kinds = search->filter->kinds;
	int rc = 0;

	for (int kind = 0; kind < EVENT_KINDS && !rc; kind++)
		if (!kinds || kinds >> kind & 1)
			rc = add_lane(search, by, of, kind, err);
	return rc;
}

static int add_lanes_of_each(struct event_search *search, const char *sql, enum lane_by by, struct err *err)
{
	int rc = 0;

	struct stmt st = stmt_use(search->db, sql);
	if (search->filter->crate)
		stmt_put_text(&st, ":crate", search->filter->crate);
	stmt_put_text(&st, ":registry", search->filter->registry);
	while (!rc && stmt_row(&st))
		rc = add_lanes(search, by, stmt_int(&st, 0), err);
	int ended = stmt_done(&st, err);
	return rc ? rc : ended;
}

int event_lanes_make(struct event_search *search, bool *ret_direct, struct err *err)
{
	const struct event_filter *filter = search->filter;

	*ret_direct = false;
	if (filter->project)
		return add_lane(search, BY_PROJECT, 0, -1, err);
	if (filter->crate)
		return add_lanes_of_each(search, CRATES, filter->version ? BY_VERSION : BY_CRATE, err);
	if (filter->registry || filter->kinds)
		return add_lanes_of_each(search, REGISTRIES, BY_REGISTRY, err);
	*ret_direct = true;
	return 0;
}

static void put_times(struct stmt *st, const struct event_filter *filter)
{
	stmt_put_int(st, ":since", filter->since_ms);
	stmt_put_int(st, ":until", filter->until_ms ? filter->until_ms : INT64_MAX);
}

int event_lanes_add_late(struct event_search *search, int64_t from, int64_t to, int64_t most, bool *ret_too_many,
			 struct err *err)
{
	int64_t count = 0;

	struct stmt st = stmt_use(search->db, LATE_COUNT);
	put_times(&st, search->filter);
	stmt_put_int(&st, ":from", from);
	stmt_put_int(&st, ":to", to);
	stmt_put_int(&st, ":rows", most + 1);
	if (stmt_row(&st))
		count = stmt_int(&st, 0);
	int rc = stmt_done(&st, err);
	*ret_too_many = count > most;
	if (rc || count == 0 || count > most)
		return rc;
	rc = add_lane(search, BY_LATE, 0, -1, err);
	if (!rc) {
		search->lanes[search->n_lanes - 1].from = from;
		search->lanes[search->n_lanes - 1].to = to;
	}
	return rc;
}

/* ---- going along them ---- */

static int fill(struct event_search *search, struct event_lane *lane, struct err *err)
{
	bool reverse = search->filter->reverse;

	lane->at = lane->count = 0;
	struct stmt st = stmt_use(search->db, lane_sql[lane->by][reverse]);
	if (lane->of)
		stmt_put_int(&st, ":of", lane->of);
	if (lane->by == BY_VERSION)
		stmt_put_text(&st, ":version", search->filter->version);
	if (lane->kind >= 0)
		stmt_put_int(&st, ":kind", lane->kind);
	if (lane->by == BY_PROJECT)
		stmt_put_text(&st, ":project", search->filter->project);
	if (lane->by == BY_LATE)
		put_times(&st, search->filter);
	stmt_put_int(&st, ":from", lane->from);
	stmt_put_int(&st, ":to", lane->to);
	stmt_put_int(&st, ":rows", LANE_ROWS);
	while (stmt_row(&st))
		lane->seqs[lane->count++] = stmt_int(&st, 0);
	lane->is_read = lane->count < LANE_ROWS;
	if (lane->count && reverse)
		lane->to = lane->seqs[lane->count - 1] - 1;
	else if (lane->count)
		lane->from = lane->seqs[lane->count - 1] + 1;
	return stmt_done(&st, err);
}

int event_lanes_next(struct event_search *search, struct event_lane **ret, struct err *err)
{
	struct event_lane *best = NULL;
	bool reverse = search->filter->reverse;
	int rc = 0;

	for (size_t i = 0; i < search->n_lanes && !rc; i++) {
		struct event_lane *lane = &search->lanes[i];
		if (lane->at == lane->count && !lane->is_read)
			rc = fill(search, lane, err);
		if (lane->at == lane->count)
			continue;
		int64_t seq = lane->seqs[lane->at];
		if (!best || (reverse ? seq > best->seqs[best->at] : seq < best->seqs[best->at]))
			best = lane;
	}
	*ret = best;
	return rc;
}
