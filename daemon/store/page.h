/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h: one page of a list, `{"KEY":[…],"next":CURSOR or null}`. For the
 * queries of query_*.c, which ask the database for one row more than the page
 * has room for: that one tells that there is more.
 *
 *   page_begin(&page, out, "watches", limit);
 *   while (stmt_row(&st) && page_takes(&page, stmt_int(&st, 0)))
 *           json_put_…(&page.w, …);
 *   return page_end(&page, &st, err);
 */
#pragma once

#include "base/json.h"
#include "store/db.h"

#define PAGE_BYTES (4u << 20) /* of one page; it ends early above that */

struct page {
	struct json_writer w;
	size_t start;
	unsigned limit, rows;
	int64_t last; /* the cursor of the last row taken */
	bool more;
};

void page_begin(struct page *page, struct strbuf *out, const char *key, unsigned limit);

/* Is there room for the row with that cursor? */
bool page_takes(struct page *page, int64_t cursor);

/* The list ends here, and not all was looked at that may belong to it: the next page goes on behind `cursor`. */
void page_cut(struct page *page, int64_t cursor);

/* Ends the list and the statement; page_close() the list alone. */
MUST_CHECK int page_end(struct page *page, struct stmt *st, struct err *err);
MUST_CHECK int page_close(struct page *page, struct err *err);
