/* SPDX-License-Identifier: Apache-2.0 */
/* table.c: see table.h. */
#include "table.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define TOWER 2 /* lines of a cell that stand below one another in its column; more of them go on below the row */

struct cell {
	size_t at; /* where its text starts in table->text */
	size_t width;
	enum colour colour;
	bool right, whole;
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

static void put_cell(struct table *table, struct cell cell, const char *text)
{
	char safe[STYLE_TEXT_MAX];
	size_t number = cell_count(table) % table->columns;
	struct layout_column *column = &table->shape[number];

	assert(table->columns <= TABLE_COLUMNS_MAX);
	table->says_something[number] |= text && *text && cell_count(table) >= table->columns;
	(void)text_safe(text ? text : "-", safe, sizeof safe);
	cell.at = table->text.len;
	cell.width = text_width(safe);
	strbuf_add(&table->text, safe, strlen(safe) + 1);
	strbuf_add(&table->cells, &cell, sizeof cell);
	column->whole |= cell.whole;
	if (cell.width > column->width)
		column->width = cell.width;
}

void table_reserve(struct table *table, size_t column, size_t width)
{
	if (width > table->shape[column].width)
		table->shape[column].width = width;
}

void table_put(struct table *table, enum colour colour, const char *text)
{
	put_cell(table, (struct cell){.colour = colour}, text);
}

void table_put_whole(struct table *table, const char *text)
{
	put_cell(table, (struct cell){.whole = true}, text);
}

void table_put_right(struct table *table, const char *text)
{
	put_cell(table, (struct cell){.right = !table->flush_left}, text);
}

/* All of it, or what fits with an ellipsis. Returns the columns that it took. */
static size_t print_cut(const struct table *table, const struct cell *cell, size_t room)
{
	const char *text = table->text.data + cell->at;
	size_t width = cell->width;
	size_t len = strlen(text);
	bool is_cut = width > room && !cell->whole;

	if (is_cut)
		len = text_prefix(text, room - 1, &width);
	printf("%s%.*s%s%s", style_begin(table->style, cell->colour), (int)len, text, is_cut ? "…" : "",
	       style_end(table->style, cell->colour));
	return width + is_cut;
}

static void print_blanks(size_t count)
{
	printf("%*s", (int)count, "");
}

/* What of the table is shown. */
struct view {
	struct layout_column shape[TABLE_COLUMNS_MAX];
	size_t column[TABLE_COLUMNS_MAX]; /* of the table */
	size_t n;
};

/* The last cell of a line stands below itself; a long text, which would become a tower there, goes on below the row. */
static struct style_wrap wrap_of(const struct table *table, const struct cell *cell, size_t at)
{
	struct style_wrap wrap = style_hang(table->style, at);
	size_t below = table->indent + LAYOUT_FURTHER;

	wrap.whole = cell->whole;
	if (!table->flush_left && at > below && cell->width > TOWER * wrap.first && wrap.first > 0) {
		wrap.hang = below;
		wrap.columns = style_room(table->style, below);
	}
	return wrap;
}

/* One line of a row: what is shown from `i` on. Returns the number behind. */
static size_t print_line(const struct table *table, const struct view *view, const struct cell *cells, size_t i)
{
	const struct layout_column *shape = view->shape;
	size_t at = table->indent + (shape[i].line > 0 ? LAYOUT_FURTHER : 0);

	print_blanks(at);
	for (; !layout_ends_line(shape, view->n, i); i++) {
		const struct cell *cell = &cells[view->column[i]];
		size_t pad = shape[i].width > cell->width ? shape[i].width - cell->width : 0;
		print_blanks(cell->right ? pad : 0);
		size_t width = print_cut(table, cell, shape[i].width);
		size_t rest = shape[i].width > width && !cell->right ? shape[i].width - width : 0;
		print_blanks(rest + LAYOUT_GAP);
		at += shape[i].width + LAYOUT_GAP;
	}
	/* No blanks at the end of a line. */
	const struct cell *last = &cells[view->column[i]];
	size_t left = last->right && shape[i].width > last->width ? shape[i].width - last->width : 0;
	print_blanks(left);
	const struct style_wrap wrap = wrap_of(table, last, at + left);
	style_wrapped(table->style, last->colour, table->text.data + last->at, &wrap);
	(void)putchar('\n');
	return i + 1;
}

static void print_row(const struct table *table, const struct view *view, size_t first)
{
	struct cell cells[TABLE_COLUMNS_MAX]; /* copies: a strbuf promises no alignment */

	memcpy(cells, table->cells.data + first * sizeof *cells, table->columns * sizeof *cells);
	for (size_t i = 0; i < view->n;)
		i = print_line(table, view, cells, i);
}

static void make_view(const struct table *table, struct view *view)
{
	for (size_t i = 0; i < table->columns; i++) {
		if (table->leave_out && table->style->terminal && !table->says_something[i])
			continue;
		view->shape[view->n] = table->shape[i];
		view->column[view->n++] = i;
	}
	layout_fit(view->shape, view->n, style_room(table->style, table->indent));
}

int table_print(struct table *table, struct err *err)
{
	struct view view = {0};

	if (strbuf_failed(&table->cells) || strbuf_failed(&table->text))
		return err_nomem(err);
	make_view(table, &view);
	for (size_t i = 0; i + table->columns <= cell_count(table); i += table->columns)
		print_row(table, &view, i);
	strbuf_reset(&table->cells);
	strbuf_reset(&table->text);
	return 0;
}
