/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: see session.h. */
#include "session.h"

#include <stdio.h>

/* A person reads headings; a program takes lines, and has them without. */
static void put_head(const struct session *session, struct table *table, const struct column *columns,
		     const cJSON *items)
{
	if (session->style.terminal && !session->json && items && items->child)
		columns_put_head(table, columns);
}

static int print_items(const struct session *session, struct table *table, const struct column *columns,
		       const cJSON *items, struct err *err)
{
	const cJSON *item;
	int rc = 0;

	cJSON_ArrayForEach (item, items) {
		if (session->json)
			rc = style_json(item, err);
		else
			columns_put(table, columns, item);
		if (rc)
			return rc;
	}
	return table_print(table, err);
}

void session_tell_none(const struct session *session, const char *what)
{
	if (session->json || !session->style.terminal)
		return;
	printf("%sno %s%s\n", style_begin(&session->style, COLOUR_DIM), what, style_end(&session->style, COLOUR_DIM));
}

int session_print(const struct session *session, const struct column *columns, const cJSON *items, struct err *err)
{
	OWNED_TABLE struct table table = {
		.style = &session->style, .columns = columns_count(columns), .leave_out = true};

	put_head(session, &table, columns, items);
	return print_items(session, &table, columns, items, err);
}

int session_print_pages(const struct session *session, const struct column *columns, struct pager *pager,
			struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = columns_count(columns)};

	for (bool first = true;; first = false) {
		OWNED_JSON cJSON *items = NULL;
		int rc = pager_next(pager, &items, err);
		if (rc == 0 && first)
			put_head(session, &table, columns, items);
		if (rc == 0 && first && (!items || !items->child))
			session_tell_none(session, pager->member);
		if (rc == 0 && items)
			rc = print_items(session, &table, columns, items, err);
		if (rc || !items)
			return rc;
	}
}

int session_print_reversed(const struct session *session, const struct column *columns, cJSON *items, struct err *err)
{
	OWNED_JSON cJSON *reversed = cJSON_CreateArray();

	if (!reversed)
		return err_nomem(err);
	while (items && items->child)
		cJSON_InsertItemInArray(reversed, 0, cJSON_DetachItemFromArray(items, 0));
	return session_print(session, columns, reversed, err);
}

int session_print_newest(const struct session *session, const struct column *columns, struct pager *pager,
			 struct err *err)
{
	OWNED_JSON cJSON *items = NULL;

	int rc = pager_collect(pager, &items, err);
	if (rc)
		return rc;
	if (!items->child)
		session_tell_none(session, pager->member);
	return session_print_reversed(session, columns, items, err);
}

int session_print_lines(const struct session *session, const struct column *columns, const cJSON *object,
			struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = 2};

	if (session->json)
		return style_json(object, err);
	columns_put_lines(&table, columns, object);
	return table_print(&table, err);
}

int session_tell(const struct session *session, const cJSON *answer, const struct strbuf *line, struct err *err)
{
	if (session->json)
		return style_json(answer, err);
	if (strbuf_failed(line))
		return err_nomem(err);
	style_line(&session->style, COLOUR_NONE, strbuf_str(line));
	return 0;
}
