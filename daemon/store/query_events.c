/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c: the history, page by page or as a stream; see query.h. What is found how: event_search.h. */
#include "store/event_row.h"
#include "store/event_search.h"
#include "store/page.h"

#define PIECE_ROWS 2000 /* of one question of a walk */

static const char BY_ID[] = "SELECT " EVENT_ROW("e", "a") " FROM event e LEFT JOIN annotation a ON a.event = e.seq"
							  " WHERE e.id = :id";
static const char LAST_EVENT[] = "SELECT coalesce(max(seq), 0) FROM event";

/* What the page before has not looked at. */
static int begin_page(struct event_search *search, struct db *db, const struct event_filter *filter, struct err *err)
{
	int64_t from = filter->reverse ? 0 : filter->after + 1;
	int64_t to = filter->reverse && filter->after ? filter->after - 1 : INT64_MAX;

	return event_search_begin(search, db, filter, from, to, err);
}

int query_events(struct db *db, const struct event_filter *filter, struct strbuf *out, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};
	struct event_search search;
	struct page page;

	page_begin(&page, out, "events", filter->limit);
	int rc = begin_page(&search, db, filter, err);
	while (!rc && event_search_next(&search) && page_takes(&page, search.seq)) {
		strbuf_reset(&document);
		event_search_write(&search, &document);
		json_put_raw(&page.w, NULL, strbuf_str(&document));
		out->failed |= strbuf_failed(&document);
	}
	if (search.is_cut)
		page_cut(&page, search.looked_to);
	int ended = event_search_end(&search, err);
	if (!rc)
		rc = ended;
	return rc ? rc : page_close(&page, err);
}

int query_event(struct db *db, const char *id, struct strbuf *out, struct err *err)
{
	struct stmt st = stmt_use(db, BY_ID);
	stmt_put_text(&st, ":id", id);
	bool found = stmt_row(&st);
	if (found) {
		const struct event_record record = event_row_read(&st, 0);
		event_write_document(out, &record);
	}
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
static void put_framed(struct strbuf *out, struct event_search *search, enum event_frame frame)
{
	if (frame == EVENT_FRAME_SSE)
		strbuf_addf(out, "id: %lld\nevent: %s\ndata: ", (long long)search->seq,
			    event_kind_name(event_search_kind(search)));
	event_search_write(search, out);
	strbuf_adds(out, frame == EVENT_FRAME_SSE ? "\n\n" : "\n");
}

int query_event_piece(struct db *db, struct event_walk *walk, size_t bytes, struct strbuf *out, struct err *err)
{
	struct event_search search;
	size_t end = out->len + bytes;
	int64_t looked_to = walk->until;

	int rc = event_search_begin(&search, db, &walk->filter, walk->filter.after + 1, walk->until, err);
	for (unsigned rows = 1; !rc && event_search_next(&search); rows++) {
		put_framed(out, &search, walk->frame);
		if (out->len < end && rows < PIECE_ROWS)
			continue;
		looked_to = search.seq;
		break;
	}
	if (search.is_cut)
		looked_to = search.looked_to;
	int ended = event_search_end(&search, err);
	if (!rc)
		rc = ended;
	if (!rc)
		walk->filter.after = looked_to;
	return rc;
}
