/* SPDX-License-Identifier: Apache-2.0 */
/* query_events.c: the history, page by page; see query.h. */
#include "store/event_search.h"
#include "store/page.h"

/* What the page before has not looked at. */
static int begin(struct event_search *search, struct db *db, const struct event_filter *filter, struct err *err)
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
	int rc = begin(&search, db, filter, err);
	while (!rc && event_search_next(&search) && page_takes(&page, search.seq)) {
		strbuf_reset(&document);
		event_search_write(&search, &document);
		json_put_raw(&page.w, NULL, strbuf_str(&document));
		out->failed |= strbuf_failed(&document);
	}
	if (!rc && search.is_cut)
		page_cut(&page, search.looked_to);
	int ended = event_search_end(&search, err);
	if (!rc)
		rc = ended;
	return rc ? rc : page_close(&page, err);
}
