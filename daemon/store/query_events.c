/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c: the history, page by page; see query.h. */
#include "store/event_row.h"
#include "store/page.h"
#include "store/query.h"

#define EVENT_COLUMNS "SELECT e.seq, " EVENT_ROW("e", "a") " FROM "
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

enum narrowed { BY_NOTHING, BY_CRATE, BY_PROJECT };

/* [how][newest first] */
static const char *const events_sql[3][2] = {
	[BY_NOTHING] = {ANY " WHERE e.seq > :after" EVENT_FILTER IN_REGISTRY " ORDER BY e.seq LIMIT :limit",
			ANY " WHERE e.seq < :after" EVENT_FILTER IN_REGISTRY " ORDER BY e.seq DESC LIMIT :limit"},
	[BY_CRATE] = {ANY " WHERE e.seq > :after AND " OF_CRATE EVENT_FILTER IN_REGISTRY " ORDER BY e.seq LIMIT :limit",
		      ANY " WHERE e.seq < :after AND " OF_CRATE EVENT_FILTER IN_REGISTRY
			  " ORDER BY e.seq DESC LIMIT :limit"},
	[BY_PROJECT] = {OF_PROJECT "> :after" OF_PROJECT_FILTER " ORDER BY p.event LIMIT :limit",
			OF_PROJECT "< :after" OF_PROJECT_FILTER " ORDER BY p.event DESC LIMIT :limit"},
};

static struct stmt use_events(struct db *db, const struct event_filter *filter)
{
	enum narrowed narrowed = filter->project ? BY_PROJECT : filter->crate ? BY_CRATE : BY_NOTHING;
	struct stmt st = stmt_use(db, events_sql[narrowed][filter->reverse]);

	stmt_put_int(&st, ":after", filter->reverse && !filter->after ? INT64_MAX : filter->after);
	stmt_put_int(&st, ":since", filter->since_ms);
	stmt_put_int(&st, ":until", filter->until_ms ? filter->until_ms : INT64_MAX);
	stmt_put_int(&st, ":kinds", filter->kinds);
	stmt_put_text(&st, ":version", filter->version);
	stmt_put_text(&st, ":registry", filter->registry);
	if (narrowed != BY_NOTHING)
		stmt_put_text(&st, ":crate", filter->crate);
	if (narrowed == BY_PROJECT)
		stmt_put_text(&st, ":project", filter->project);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1); /* the one above tells that there is more */
	return st;
}

int query_events(struct db *db, const struct event_filter *filter, struct strbuf *out, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};
	struct page page;

	page_begin(&page, out, "events", filter->limit);
	struct stmt st = use_events(db, filter);
	while (stmt_row(&st) && page_takes(&page, stmt_int(&st, 0))) {
		const struct event_record record = event_row_read(&st, 1);
		strbuf_reset(&document);
		event_write_document(&document, &record);
		json_put_raw(&page.w, NULL, strbuf_str(&document));
		out->failed |= strbuf_failed(&document);
	}
	return page_end(&page, &st, err);
}
