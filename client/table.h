/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h: aligned columns on standard output, within the width of the terminal (layout.h).
 *
 * Cells are put one after the other, row by row; table_print() prints the rows
 * and forgets them, but keeps the widths, so that the pages of a long list
 * stay aligned. Text is made safe when it is put. A failed allocation is
 * sticky and told by table_print().
 */
#pragma once

#include "base/strbuf.h"
#include "layout.h"
#include "style.h"

struct table {
	const struct style *style; /* borrowed */
	size_t columns;            /* at most TABLE_COLUMNS_MAX */
	size_t indent;             /* spaces before each row */
	bool flush_left;           /* numbers too: these are lines, not a table */
	bool leave_out;            /* on a terminal: columns in which nothing stands below the first row, the head */
	struct layout_column shape[TABLE_COLUMNS_MAX]; /* of the cells so far */
	bool says_something[TABLE_COLUMNS_MAX];        /* likewise, without the first row */
	struct strbuf cells;                           /* one struct cell (table.c) after the other */
	struct strbuf text;                            /* their NUL-terminated texts */
};

void table_release(struct table *table);
#define OWNED_TABLE OWNED(table_release)

/* The column is at least so wide, from the beginning: what comes one by one stays aligned. */
void table_reserve(struct table *table, size_t column, size_t width);

void table_put(struct table *table, enum colour colour, const char *text); /* NULL: shown as "-" */
void table_put_whole(struct table *table, const char *text);               /* never cut: people copy it */
void table_put_right(struct table *table, const char *text);               /* flush right */
MUST_CHECK int table_print(struct table *table, struct err *err);
