/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside, for result texts, JSON and URIs. */
#include "lib/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void controls_are_escaped_and_characters_stay_whole(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t size;
		const char *expected;
	} rows[] = {
		{"", 8, ""},
		{"plain\r\n", 32, "plain"},
		{" \n", 32, ""},
		{"a\nb\x1b[2J\x7f", 32, "a\\x0ab\\x1b[2J\\x7f"},
		{"gr\xc3\xbc\xc3\x9f", 32, "gr\xc3\xbc\xc3\x9f"},
		{"gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc"},
		{"gr\xc3\xbc\xc3\x9f", 7, "gr\xc3\xbc\xc3\x9f"},
		{"ab\ncd", 6, "ab"},
		{"abc", 1, ""},
	};
	char buf[32];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(escape_controls(rows[i].text, strlen(rows[i].text), buf, rows[i].size),
				    rows[i].expected);
}

static void check(void (*escape)(FILE *, const char *), const char *text, const char *expected)
{
	char *made = NULL;
	size_t len;
	FILE *out = open_memstream(&made, &len);

	assert_non_null(out);
	escape(out, text);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(made, expected);
	free(made);
}

static void json_and_uris_are_escaped(void **state)
{
	(void)state;
	check(escape_json, "a\"\\\n\x7f\xc3\xbc", "\"a\\\"\\\\\\u000a\\u007f\xc3\xbc\"");
	check(escape_uri, "sec-hook_1.~", "sec-hook_1.~");
	check(escape_uri, "a b/\xc3\xbc%", "a%20b%2F%C3%BC%25");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controls_are_escaped_and_characters_stay_whole),
		cmocka_unit_test(json_and_uris_are_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
