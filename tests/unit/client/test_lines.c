/* SPDX-License-Identifier: Apache-2.0 */
/* test_lines.c: lines come whole, wherever the pieces are cut. */
#include "lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TEXT[] = "one\n\ntwo and more\nthree\nrest";

static bool collect(void *ctx, const char *line, size_t len)
{
	assert_int_equal(strlen(line), len);
	strbuf_addf(ctx, "[%s]", line);
	return true;
}

static void any_cut_gives_the_same_lines(void **state)
{
	const size_t len = sizeof TEXT - 1;
	(void)state;

	for (size_t first = 0; first <= len; first++) {
		for (size_t second = first; second <= len; second++) {
			OWNED_STRBUF struct strbuf seen = {0};
			OWNED_LINES struct lines lines = {.take = collect, .ctx = &seen};
			assert_true(lines_take(&lines, TEXT, first));
			assert_true(lines_take(&lines, TEXT + first, second - first));
			assert_true(lines_take(&lines, TEXT + second, len - second));
			assert_string_equal(strbuf_str(&seen), "[one][][two and more][three]");
			assert_string_equal(strbuf_str(&lines.line), "rest");
		}
	}
}

static bool enough(void *ctx, const char *line, size_t len)
{
	(void)line;
	(void)len;
	return ++*(int *)ctx < 2;
}

static void who_has_enough_is_asked_no_more(void **state)
{
	int seen = 0;
	OWNED_LINES struct lines lines = {.take = enough, .ctx = &seen};
	(void)state;

	assert_false(lines_take(&lines, TEXT, sizeof TEXT - 1));
	assert_int_equal(seen, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut_gives_the_same_lines),
		cmocka_unit_test(who_has_enough_is_asked_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
