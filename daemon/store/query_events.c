/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c: the history, page by page; see query.h. */
#include "store/event_row.h"
#include "store/page.h"
#include "store/query.h"

#define EVENT_COLUMNS "SELECT e.seq, " EVENT_ROW("e", "a") ", e.kind FROM "
#define KIND_COLUMN 6
#define ANNOTATED " LEFT JOIN annotation a ON a.event = e.seq"
#define EVENT_FILTER                                                                           \
	" AND e.at_ms >= :since AND e.at_ms < :until AND (:kinds = 0 OR :kinds >> e.kind & 1)" \
	" AND (:version IS NULL OR e.version = :version)"
#define IN_REGISTRY                                                                                     \
	" AND (:registry IS NULL OR EXISTS (SELECT 1 FROM crate c JOIN registry r ON r.id = c.registry" \
	" WHERE c.id = e.crate AND r.name = :registry))"
#define OF_CRATE "e.crate IN (SELECT id FROM crate WHERE name = :crate)"
#define ANY EVENT_COLUMNS "event e" ANNOTATED
/* The index has a project's events in their order; CROSS keeps SQLite from any other. */
#define OF_PROJECT                                                                      \
	EVENT_COLUMNS "event_project p CROSS JOIN event e ON e.seq = p.event" ANNOTATED \
		      " WHERE p.project = :project AND p.event "
#define OF_PROJECT_FILTER EVENT_FILTER IN_REGISTRY " AND (:crate IS NULL OR " OF_CRATE ")"

#define PIECE_ROWS 2000  /* of one question of a walk */
#define PIECE_SEQS 50000 /* that it looks at, where no index leads to the few that match */

static const char BY_ID[] = EVENT_COLUMNS "event e" ANNOTATED " WHERE e.id = :id";
static const char LAST_EVENT[] = "SELECT coalesce(max(seq), 0) FROM event";

enum narrowed { BY_NOTHING, BY_CRATE, BY_PROJECT };

/* [how][newest first] */
static const char *const events_sql[3][2] = {
	[BY_NOTHING] = {ANY " WHERE e.seq > :after AND e.seq <= :last" EVENT_FILTER IN_REGISTRY
			    " ORDER BY e.seq LIMIT :limit",
			ANY " WHERE e.seq < :after" EVENT_FILTER IN_REGISTRY " ORDER BY e.seq DESC LIMIT :limit"},
	[BY_CRATE] = {ANY " WHERE e.seq > :after AND e.seq <= :last AND " OF_CRATE EVENT_FILTER IN_REGISTRY
			  " ORDER BY e.seq LIMIT :limit",
		      ANY " WHERE e.seq < :after AND " OF_CRATE EVENT_FILTER IN_REGISTRY
			  " ORDER BY e.seq DESC LIMIT :limit"},
	[BY_PROJECT] = {OF_PROJECT "> :after AND p.event <= :last" OF_PROJECT_FILTER " ORDER BY p.event LIMIT :limit",
			OF_PROJECT "< :after" OF_PROJECT_FILTER " ORDER BY p.event DESC LIMIT :limit"},
};

static enum narrowed narrowed_by(const struct event_filter *filter)
{
	return filter->project ? BY_PROJECT : filter->crate ? BY_CRATE : BY_NOTHING;
}

/* `last`: no seq above it, for those that go forward. */
static struct stmt use_events(struct db *db, const struct event_filter *filter, int64_t last, unsigned limit)
{
	enum narrowed narrowed = narrowed_by(filter);
	struct stmt st = stmt_use(db, events_sql[narrowed][filter->reverse]);

	stmt_put_int(&st, ":after", filter->reverse && !filter->after ? INT64_MAX : filter->after);
	if (!filter->reverse)
		stmt_put_int(&st, ":last", last);
	stmt_put_int(&st, ":since", filter->since_ms);
	stmt_put_int(&st, ":until", filter->until_ms ? filter->until_ms : INT64_MAX);
	stmt_put_int(&st, ":kinds", filter->kinds);
	stmt_put_text(&st, ":version", filter->version);
	stmt_put_text(&st, ":registry", filter->registry);
	if (narrowed != BY_NOTHING)
		stmt_put_text(&st, ":crate", filter->crate);
	if (narrowed == BY_PROJECT)
		stmt_put_text(&st, ":project", filter->project);
	stmt_put_int(&st, ":limit", limit);
	return st;
}

static void put_document(struct strbuf *out, struct stmt *st)
{
	const struct event_record record = event_row_read(st, 1);

	event_write_document(out, &record);
}

int query_events(struct db *db, const struct event_filter *filter, struct strbuf *out, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};
	struct page page;

	page_begin(&page, out, "events", filter->limit);
	/* The one above the limit tells that there is more. */
	struct stmt st = use_events(db, filter, INT64_MAX, filter->limit + 1);
	while (stmt_row(&st) && page_takes(&page, stmt_int(&st, 0))) {
		strbuf_reset(&document);
		put_document(&document, &st);
		json_put_raw(&page.w, NULL, strbuf_str(&document));
		out->failed |= strbuf_failed(&document);
	}
	return page_end(&page, &st, err);
}

int query_event(struct db *db, const char *id, struct strbuf *out, struct err *err)
{
	struct stmt st = stmt_use(db, BY_ID);
	stmt_put_text(&st, ":id", id);
	bool found = stmt_row(&st);
	if (found)
		put_document(out, &st);
	int rc = stmt_done(&st, err);
	return rc || found ? rc : err_set(err, ERR_ABSENT, "there is no event \"%.64s\"", id);
}

int query_last_event(struct db *db, int64_t *ret, struct err *err)
{
	*ret = 0;
	struct stmt st = stmt_use(db, LAST_EVENT);
	if (stmt_row(&st))
		*ret = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

/* A document has no line break: its strings have them escaped. */
static void put_framed(struct strbuf *out, struct stmt *st, enum event_frame frame)
{
	if (frame == EVENT_FRAME_SSE)
		strbuf_addf(out, "id: %lld\nevent: %s\ndata: ", (long long)stmt_int(st, 0),
			    event_kind_name((enum event_kind)stmt_int(st, KIND_COLUMN)));
	put_document(out, st);
	strbuf_adds(out, frame == EVENT_FRAME_SSE ? "\n\n" : "\n");
}

/* How far one question looks: by crate or project an index leads from match to match. */
static int64_t look_to(const struct event_walk *walk)
{
	bool is_near = walk->until - walk->filter.after <= PIECE_SEQS || narrowed_by(&walk->filter) != BY_NOTHING;

	return is_near ? walk->until : walk->filter.after + PIECE_SEQS;
}

int query_event_piece(struct db *db, struct event_walk *walk, size_t bytes, struct strbuf *out, struct err *err)
{
	int64_t looked_to = look_to(walk);
	int64_t last = walk->filter.after;
	size_t end = out->len + bytes;
	unsigned rows = 0;

	struct stmt st = use_events(db, &walk->filter, looked_to, PIECE_ROWS);
	while (out->len < end && stmt_row(&st)) {
		put_framed(out, &st, walk->frame);
		last = stmt_int(&st, 0);
		rows++;
	}
	bool is_cut = out->len >= end || rows == PIECE_ROWS;
	int rc = stmt_done(&st, err);
	if (!rc)
		walk->filter.after = is_cut ? last : looked_to;
	return rc;
}
