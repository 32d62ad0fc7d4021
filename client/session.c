/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: see session.h. */
#include "session.h"

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

int session_print(const struct session *session, const struct column *columns, const cJSON *items, struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = columns_count(columns)};

	return print_items(session, &table, columns, items, err);
}

int session_print_pages(const struct session *session, const struct column *columns, struct pager *pager,
			struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = columns_count(columns)};

	for (;;) {
		OWNED_JSON cJSON *items = NULL;
		int rc = pager_next(pager, &items, err);
		if (rc == 0 && items)
			rc = print_items(session, &table, columns, items, err);
		if (rc || !items)
			return rc;
	}
}
