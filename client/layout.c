/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c: see layout.h. */
#include "layout.h"

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t total(const struct layout_column *columns, size_t n)
{
	size_t sum = n > 1 ? (n - 1) * LAYOUT_GAP : 0;

	for (size_t i = 0; i < n; i++)
		sum += columns[i].width;
	return sum;
}

/* The least that the last column can be wrapped to. */
static size_t least(const struct layout_column *last)
{
	return smaller(last->width, LAYOUT_WRAP_MIN);
}

/* Takes `excess` off the widest columns, so that the widest stay as wide as one another. False: there is less to take.
 */
static bool cut(struct layout_column *columns, size_t n, size_t excess)
{
	for (; excess > 0; excess--) {
		struct layout_column *widest = NULL;
		for (size_t i = 0; i < n; i++)
			if (!columns[i].whole && columns[i].width > (widest ? widest->width : LAYOUT_CUT_MIN))
				widest = &columns[i];
		if (!widest)
			return false;
		widest->width--;
	}
	return true;
}

/* One line for each row, with the last column wrapped and others cut. False when that does not do. */
static bool fit_one_line(struct layout_column *columns, size_t n, size_t room)
{
	struct layout_column *last = &columns[n - 1];
	size_t needed = total(columns, n) - last->width + least(last);

	if (needed > room && !cut(columns, n - 1, needed - room))
		return false;
	last->width = smaller(last->width, room - (total(columns, n) - last->width));
	return true;
}

/* As many columns in each line as it has room for. */
static void fold(struct layout_column *columns, size_t n, size_t room)
{
	size_t line = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t needed = i + 1 == n ? least(&columns[i]) : columns[i].width;
		if (used > 0 && used + LAYOUT_GAP + needed > room) {
			line++;
			used = LAYOUT_FURTHER;
		} else if (used > 0) {
			used += LAYOUT_GAP;
		}
		size_t left = used < room ? room - used : 1;
		columns[i].line = line;
		columns[i].width = columns[i].whole ? columns[i].width : smaller(columns[i].width, left);
		used += columns[i].width;
	}
}

void layout_fit(struct layout_column *columns, size_t n, size_t room)
{
	struct layout_column tried[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < n; i++) {
		columns[i].line = 0;
		tried[i] = columns[i];
	}
	if (room == 0 || total(columns, n) <= room)
		return;
	if (!fit_one_line(tried, n, room)) {
		fold(columns, n, room);
		return;
	}
	for (size_t i = 0; i < n; i++)
		columns[i] = tried[i];
}

bool layout_ends_line(const struct layout_column *columns, size_t n, size_t i)
{
	return i + 1 == n || columns[i + 1].line != columns[i].line;
}
