/* SPDX-License-Identifier: Apache-2.0 */
/* page.c: see page.h. */
#include "store/page.h"

#include <stdio.h>

void page_begin(struct page *page, struct strbuf *out, const char *key, unsigned limit)
{
	*page = (struct page){.w = {.out = out}, .start = out->len, .limit = limit};
	json_open(&page->w, NULL, '{');
	json_open(&page->w, key, '[');
}

bool page_takes(struct page *page, int64_t cursor)
{
	page->more = page->rows++ == page->limit || page->w.out->len - page->start > PAGE_BYTES;
	if (!page->more)
		page->last = cursor;
	return !page->more;
}

void page_cut(struct page *page, int64_t cursor)
{
	page->more = true;
	page->last = cursor;
}

int page_end(struct page *page, struct stmt *st, struct err *err)
{
	int rc = stmt_done(st, err);
	return rc ? rc : page_close(page, err);
}

int page_close(struct page *page, struct err *err)
{
	char next[24];

	json_close(&page->w, ']');
	(void)snprintf(next, sizeof next, "%lld", (long long)page->last);
	json_put_string_or_null(&page->w, "next", page->more ? next : NULL);
	json_close(&page->w, '}');
	return strbuf_failed(page->w.out) ? err_nomem(err) : 0;
}
