/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of reasons, as a crate's document reads it. */
#include "fixture.h"

#include "store/reason_rows.h"

#include <stdio.h>

static void add_rows(struct fixture *f, unsigned from, unsigned to, const char *text)
{
	struct err err = {0};

	for (unsigned i = from; i < to; i++) {
		char version[16];
		struct reason_row row = {.seen_ms = 1000 + i, .by = (char[]){"octavia"}};
		(void)snprintf(version, sizeof version, "%u", i);
		ok(reason_text_keep(text, strlen(text), &row.said, &err));
		ok(reason_row_add(f->db, f->crate, version, &row, &err));
		reason_text_release(&row.said);
	}
}

static void check(struct fixture *f, size_t n, size_t len, bool cut)
{
	OWNED(reason_list_release) struct reason_list list = {0};
	struct err err = {0};

	ok(reason_rows_load(f->db, f->crate, &list, &err));
	assert_int_equal(list.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(strlen(list.items[i].said.text), len);
		assert_int_equal(list.items[i].said.cut, cut);
		assert_string_equal(list.items[i].by, "octavia");
	}
}

static void texts_of_too_many_are_cut_for_a_document(void **state)
{
	struct fixture *f = *state;
	char text[REASON_TEXT_MAX + 1];

	memset(text, 'x', REASON_TEXT_MAX);
	text[REASON_TEXT_MAX] = '\0';
	add_rows(f, 0, REASON_ROWS_WHOLE, text);
	check(f, REASON_ROWS_WHOLE, REASON_TEXT_MAX, false);
	add_rows(f, REASON_ROWS_WHOLE, REASON_ROWS_WHOLE + 1, text);
	check(f, REASON_ROWS_WHOLE + 1, REASON_ROWS_SHORT, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(texts_of_too_many_are_cut_for_a_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
