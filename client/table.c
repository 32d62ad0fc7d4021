/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: see table.h. */
#include "table.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define GAP 2 /* spaces between columns */

struct cell {
	size_t at; /* where its text starts in table->text */
	size_t width;
	enum colour colour;
	bool right;
};

void table_release(struct table *table)
{
	strbuf_release(&table->cells);
	strbuf_release(&table->text);
}

static size_t cell_count(const struct table *table)
{
	return table->cells.len / sizeof(struct cell);
}

static void put_cell(struct table *table, enum colour colour, bool right, const char *text)
{
	char safe[STYLE_TEXT_MAX];
	size_t column = cell_count(table) % table->columns;

	assert(table->columns <= TABLE_COLUMNS_MAX);
	(void)text_safe(text ? text : "-", safe, sizeof safe);
	struct cell cell = {.at = table->text.len, .width = text_width(safe), .colour = colour, .right = right};
	strbuf_add(&table->text, safe, strlen(safe) + 1);
	strbuf_add(&table->cells, &cell, sizeof cell);
	if (cell.width > table->widths[column])
		table->widths[column] = cell.width;
}

void table_put(struct table *table, enum colour colour, const char *text)
{
	put_cell(table, colour, false, text);
}

void table_put_right(struct table *table, const char *text)
{
	put_cell(table, COLOUR_NONE, !table->flush_left, text);
}

/* The last column is not padded: no blanks at the end of a line. */
static void print_cell(const struct table *table, size_t i, const struct cell *cell)
{
	size_t column = i % table->columns;
	bool last = column + 1 == table->columns;
	int pad = (int)(table->widths[column] - cell->width);
	int left = (int)(column == 0 ? table->indent : 0) + (cell->right ? pad : 0);
	int right = last ? 0 : GAP + (cell->right ? 0 : pad);

	printf("%*s%s%s%s%*s%s", left, "", style_begin(table->style, cell->colour), table->text.data + cell->at,
	       style_end(table->style, cell->colour), right, "", last ? "\n" : "");
}

int table_print(struct table *table, struct err *err)
{
	if (strbuf_failed(&table->cells) || strbuf_failed(&table->text))
		return err_nomem(err);
	for (size_t i = 0; i < cell_count(table); i++) {
		struct cell cell; /* a copy: a strbuf promises no alignment */
		memcpy(&cell, table->cells.data + i * sizeof cell, sizeof cell);
		print_cell(table, i, &cell);
	}
	strbuf_reset(&table->cells);
	strbuf_reset(&table->text);
	return 0;
}
