/* SPDX-License-Identifier: Apache-2.0 */
/* An attacker's text as a part of one line. */
#include "visible.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_reorders_or_hides_is_made_visible_and_lines_become_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t max;
		const char *expected;
	} rows[] = {
		{"", 5, ""},
		{"plain", 5, "plain"},
		{"plain!", 5, "plain…"},
		{" two\r\n\tlines \n", 20, "two lines"},
		{"ab  cd", 5, "ab cd"},
		{"ab  cd", 4, "ab c…"},
		{"grün", 4, "grün"},
		{"grünn", 4, "grün…"},
		{"a\x1b[2Jb", 9, "a\\u{1b}[2Jb"},
		{"a\xe2\x80\xae"
		 "b",
		 9, "a\\u{202e}b"},
		{"\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\x8b", 9, "\\u{2066}\\u{200f}\\u{200b}"},
		{"\xc2\x85", 9, "\\u{85}"},
		{"a\\b", 9, "a\\\\b"},
		{"a\xff\xfe", 9, "a\\xff\\xfe"},
		{"\xf3\xa0\x81\x81", 9, "\\u{e0041}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		visible_add(&out, rows[i].text, rows[i].max);
		assert_false(strbuf_failed(&out));
		assert_string_equal(strbuf_str(&out), rows[i].expected);
	}
}

static void every_byte_alone_becomes_utf8(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		OWNED_STRBUF struct strbuf out = {0};
		visible_add(&out, (char[]){'a', (char)c, 'b', '\0'}, 10);
		assert_true(text_is_utf8(strbuf_str(&out), out.len));
	}
}

static void a_command_that_a_shell_would_not_take_as_it_stands_is_told_apart(void **state)
{
	(void)state;
	assert_true(visible_is_plain_command("cargo update -p demo-crate@1.2.3 --precise 1.2.4+b"));
	static const char *const others[] = {"",    "a;b", "a$(b)", "a`b`", "a\nb", "a|b",
					     "~/x", "a'b", "ü",     "a>b",  "a&b"};
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(visible_is_plain_command(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_reorders_or_hides_is_made_visible_and_lines_become_one),
		cmocka_unit_test(every_byte_alone_becomes_utf8),
		cmocka_unit_test(a_command_that_a_shell_would_not_take_as_it_stands_is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
