/* SPDX-License-Identifier: Apache-2.0 */
/* test_csv.c: what a registry writes stays in its field, and is no formula. */
#include "csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(const char *crate, const char *field)
{
	OWNED_JSON cJSON *event = cJSON_CreateObject();
	OWNED_STRBUF struct strbuf row = {0};
	OWNED_STRBUF struct strbuf expected = {0};

	cJSON_AddNumberToObject(event, "seq", 7);
	cJSON_AddStringToObject(event, "crate", crate);
	csv_write_event(&row, event);
	strbuf_addf(&expected, "7,,,,%s,,,,,,,,,,,,,,,\r\n", field);
	assert_string_equal(strbuf_str(&row), strbuf_str(&expected));
}

static void a_field_is_quoted_where_it_needs_it(void **state)
{
	(void)state;
	expect("serde", "serde");
	expect("", "");
	expect("a,b", "\"a,b\"");
	expect("say \"hi\"", "\"say \"\"hi\"\"\"");
	expect("two\r\nlines", "\"two\r\nlines\"");
	expect("a=b", "a=b");
}

static void what_looks_like_a_formula_has_an_apostrophe(void **state)
{
	(void)state;
	expect("=1+1", "\"'=1+1\"");
	expect("+1", "\"'+1\"");
	expect("-1", "\"'-1\"");
	expect("@SUM(A1)", "\"'@SUM(A1)\"");
	expect("\t=1", "\"'\t=1\"");
	expect("\r=1", "\"'\r=1\"");
	expect("=\"x\"", "\"'=\"\"x\"\"\"");
}

static void objects_and_projects_have_columns(void **state)
{
	OWNED_STRBUF struct strbuf row = {0};
	OWNED_JSON cJSON *event = NULL;
	const char text[] =
		"{\"yanked\":true,\"reason\":{\"text\":\"bad\",\"by\":\"joe\"},\"replacement\":{\"version\":\"2.0.0\"},"
		"\"findings\":[{\"project\":\"a\"},{\"project\":\"a\"},{\"project\":\"b\"}],\"previous\":{\"checksum\":"
		"\"ff\"}}";
	struct err err;
	(void)state;

	assert_int_equal(json_parse(text, sizeof text - 1, &event, &err), 0);
	csv_write_event(&row, event);
	assert_string_equal(strbuf_str(&row), ",,,,,,,,,true,,ff,,bad,joe,2.0.0,a b,,,\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_quoted_where_it_needs_it),
		cmocka_unit_test(what_looks_like_a_formula_has_an_apostrophe),
		cmocka_unit_test(objects_and_projects_have_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
