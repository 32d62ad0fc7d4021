/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h: aligned columns on standard output.
 *
 * Cells are put one after the other, row by row; table_print() prints the rows
 * and forgets them, but keeps the widths, so that the pages of a long list
 * stay aligned. Text is made safe when it is put. A failed allocation is
 * sticky and told by table_print().
 */
#pragma once

#include "base/strbuf.h"
#include "style.h"

#define TABLE_COLUMNS_MAX 16

struct table {
	const struct style *style; /* borrowed */
	size_t columns;            /* at most TABLE_COLUMNS_MAX */
	size_t indent;             /* spaces before each row */
	bool flush_left;           /* numbers too: these are lines, not a table */
	size_t widths[TABLE_COLUMNS_MAX];
	struct strbuf cells; /* one struct cell (table.c) after the other */
	struct strbuf text;  /* their NUL-terminated texts */
};

void table_release(struct table *table);
#define OWNED_TABLE OWNED(table_release)

void table_put(struct table *table, enum colour colour, const char *text); /* NULL: shown as "-" */
void table_put_right(struct table *table, const char *text);               /* flush right */
MUST_CHECK int table_print(struct table *table, struct err *err);
