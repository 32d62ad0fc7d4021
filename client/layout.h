/* SPDX-License-Identifier: Apache-2.0 */
/*
 * layout.h: how the columns of a table share a line that is too short for all
 * of them. Pure; for table.c.
 *
 * First the last column is wrapped; then the widest of the others are cut, but
 * none that has to stay whole; then each row goes on in further lines.
 */
#pragma once

#include "base/defs.h"

#define TABLE_COLUMNS_MAX 16
#define LAYOUT_GAP 2       /* blanks between columns */
#define LAYOUT_CUT_MIN 24  /* no column is cut to less, so that times, words and most names stay whole */
#define LAYOUT_WRAP_MIN 16 /* nor wrapped to less */
#define LAYOUT_FURTHER 4   /* a row's further lines stand so much further right */

struct layout_column {
	size_t width; /* of its widest cell; set to what it gets */
	bool whole;   /* an id, a checksum: of no use when it is cut */
	size_t line;  /* set: 0 is a row's first line */
};

/* `room`: columns of the terminal behind the table's indent; 0: no limit. */
void layout_fit(struct layout_column *columns, size_t n, size_t room);

/* Is it the last of its line? */
bool layout_ends_line(const struct layout_column *columns, size_t n, size_t i);
