/* SPDX-License-Identifier: Apache-2.0 */
/* test_layout.c: which column gives way first when a line is too short. */
#include "layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COLUMNS 3

static void columns_share_a_line(void **state)
{
	static const struct {
		size_t room, before[COLUMNS];
		bool first_whole;
		size_t after[COLUMNS], line[COLUMNS];
	} rows[] = {
		/* no limit, and enough room */
		{0, {10, 10, 200}, false, {10, 10, 200}, {0, 0, 0}},
		{34, {10, 10, 10}, false, {10, 10, 10}, {0, 0, 0}},
		/* the last one is wrapped */
		{60, {10, 10, 200}, false, {10, 10, 36}, {0, 0, 0}},
		/* the widest of the others are cut, to the same width */
		{80, {40, 30, 200}, false, {30, 30, 16}, {0, 0, 0}},
		{74, {40, 30, 200}, false, {27, 27, 16}, {0, 0, 0}},
		{74, {40, 30, 5}, true, {40, 25, 5}, {0, 0, 0}},
		/* further lines */
		{60, {40, 30, 5}, true, {40, 30, 5}, {0, 1, 1}},
		{40, {20, 20, 200}, false, {20, 20, 36}, {0, 1, 2}},
		{40, {60, 20, 5}, false, {40, 20, 5}, {0, 1, 1}},
		{1, {60, 20, 5}, false, {1, 1, 1}, {0, 1, 2}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct layout_column columns[COLUMNS];
		for (size_t k = 0; k < COLUMNS; k++)
			columns[k] = (struct layout_column){
				.width = rows[i].before[k], .whole = k == 0 && rows[i].first_whole, .line = 7};
		layout_fit(columns, COLUMNS, rows[i].room);
		for (size_t k = 0; k < COLUMNS; k++) {
			if (columns[k].width != rows[i].after[k] || columns[k].line != rows[i].line[k])
				fail_msg("row %zu, column %zu: %zu in line %zu", i, k, columns[k].width,
					 columns[k].line);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(columns_share_a_line)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
