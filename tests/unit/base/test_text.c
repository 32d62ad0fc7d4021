/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside: what counts as UTF-8, what is shown and how wide it is. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

struct bytes {
	const char *bytes;
	size_t len;
};
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static void valid_utf8_is_taken(void **state)
{
	(void)state;
	static const struct bytes rows[] = {
		BYTES(""),
		BYTES("a"),
		BYTES("a\0b"),
		BYTES("\x7f"),
		BYTES("\xc2\x80"),
		BYTES("\xdf\xbf"),
		BYTES("\xe0\xa0\x80"),
		BYTES("\xed\x9f\xbf"), /* the last before the surrogates */
		BYTES("\xee\x80\x80"), /* the first after them */
		BYTES("\xef\xbf\xbf"),
		BYTES("\xf0\x90\x80\x80"),
		BYTES("\xf4\x8f\xbf\xbf"), /* U+10FFFF */
		BYTES("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"),
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(text_is_utf8(rows[i].bytes, rows[i].len));
}

static void invalid_utf8_is_refused(void **state)
{
	(void)state;
	static const struct bytes rows[] = {
		BYTES("\x80"), /* a continuation alone */
		BYTES("\xbf"),
		BYTES("\xc0\x80"), /* overlong NUL */
		BYTES("\xc0\xaf"), /* overlong slash */
		BYTES("\xc1\xbf"),
		BYTES("\xe0\x80\xaf"),
		BYTES("\xe0\x9f\xbf"),
		BYTES("\xf0\x80\x80\xaf"),
		BYTES("\xf0\x8f\xbf\xbf"),
		BYTES("\xed\xa0\x80"), /* surrogates */
		BYTES("\xed\xad\xbf"),
		BYTES("\xed\xae\x80"),
		BYTES("\xed\xbf\xbf"),
		BYTES("\xed\xa0\xbd\xed\xb8\x80"), /* a pair of them */
		BYTES("\xf4\x90\x80\x80"),         /* above U+10FFFF */
		BYTES("\xf5\x80\x80\x80"),
		BYTES("\xf8\x88\x80\x80\x80"),
		BYTES("\xfe"),
		BYTES("\xff"),
		BYTES("\xc3"), /* cut off */
		BYTES("\xe2\x82"),
		BYTES("\xf0\x9f\x98"),
		BYTES("\xc3("), /* not continued */
		BYTES("\xe2(\xac"),
		BYTES("\xe2\x82("),
		BYTES("\xf0\x9f(\x80"),
		BYTES("\xc3\xc3"),
		BYTES("good \xe9 bad"), /* Latin-1 */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(text_is_utf8(rows[i].bytes, rows[i].len));
}

/* The plain encoding of RFC 3629, to hold the decoder against. */
static size_t encode(uint32_t point, char out[static 4])
{
	if (point < 0x80)
		return out[0] = (char)point, 1;
	if (point < 0x800)
		return out[0] = (char)(0xc0 | point >> 6), out[1] = (char)(0x80 | (point & 63)), 2;
	if (point < 0x10000) {
		out[0] = (char)(0xe0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 63));
		out[2] = (char)(0x80 | (point & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 63));
	out[2] = (char)(0x80 | (point >> 6 & 63));
	out[3] = (char)(0x80 | (point & 63));
	return 4;
}

static void every_scalar_value_is_utf8_and_no_part_of_one_is(void **state)
{
	(void)state;
	char bytes[4];

	for (uint32_t point = 0; point < 0x120000; point++) {
		size_t len = encode(point, bytes);
		bool scalar = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
		if (text_is_utf8(bytes, len) != scalar || (len > 1 && text_is_utf8(bytes, len - 1)))
			fail_msg("U+%04X", (unsigned)point);
	}
}

static void what_hides_or_moves_text_is_escaped(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
		{"", ""},
		{"plain text, 100% of it", "plain text, 100% of it"},
		{"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80",
		 "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"back\\slash", "back\\\\slash"},
		{"\\u{a}", "\\\\u{a}"}, /* nobody can write our own escape */
		{"a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"},
		{"\x01\x1f\x1b[2J", "\\u{1}\\u{1f}\\u{1b}[2J"},
		{"\x7f", "\\u{7f}"},
		{"\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\u{80}\\u{9b}\\u{9f}\xc2\xa0"},
		{"soft\xc2\xadhyphen", "soft\\u{ad}hyphen"},
		{"\xd8\x9c", "\\u{61c}"},
		{"\xe1\xa0\x8e", "\\u{180e}"},
		{"\xe2\x80\x8a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
		 "\xe2\x80\x8a\\u{200b}\\u{200c}\\u{200d}\\u{200e}\\u{200f}\xe2\x80\x90"},
		{"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
		{"\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae",
		 "\\u{202a}\\u{202b}\\u{202c}\\u{202d}\\u{202e}"},
		{"\xe2\x81\xa0\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
		 "\\u{2060}\\u{2066}\\u{2067}\\u{2068}\\u{2069}"},
		{"\xef\xbb\xbf", "\\u{feff}"},
		{"\xef\xbf\xb9\xef\xbf\xbb", "\\u{fff9}\\u{fffb}"},
		{"\xf3\xa0\x80\x81\xf3\xa0\x81\xbf", "\\u{e0001}\\u{e007f}"},
		{"\xff", "\\xff"},
		{"a\xe9z", "a\\xe9z"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xe2\x82\n", "\\xe2\\x82\\u{a}"},
	};
	char buf[128];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(text_safe(rows[i].text, buf, sizeof buf), rows[i].expected);
}

static void no_escaped_text_holds_a_control_byte_or_bad_utf8(void **state)
{
	(void)state;
	unsigned seed = 7;
	char text[33];
	char buf[400];

	for (unsigned round = 0; round < 20000; round++) {
		size_t len = (size_t)rand_r(&seed) % sizeof text;
		for (size_t i = 0; i < len; i++)
			text[i] = (char)(1 + rand_r(&seed) % 255);
		text[len] = '\0';
		text_safe(text, buf, sizeof buf);
		assert_true(text_is_utf8(buf, strlen(buf)));
		for (const char *p = buf; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
}

static void text_that_does_not_fit_is_cut_between_characters(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t size;
		const char *expected;
	} rows[] = {
		{"abcdefgh", 8, "abcd..."},
		{"abcdefg", 8, "abcdefg"},
		{"a", 2, "a"},
		{"abcdefgh", 5, "a..."},
		{"abcdefgh", 4, "..."},
		{"abcdefgh", 3, ""},
		{"abcdefgh", 1, ""},
		{"ab\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 8, "ab..."},
		{"ab\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 9, "ab\xe2\x82\xac..."},
		{"a\n\n\n", 10, "a\\u{a}..."},
		{"a\n\n\n", 9, "a..."},
		{"", 1, ""},
	};
	char buf[16];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(text_safe(rows[i].text, buf, rows[i].size), rows[i].expected);
}

static void no_size_is_overrun(void **state)
{
	(void)state;
	static const char text[] = "a\n\\\xff\xe2\x82\xac\xe2\x80\xae\xf3\xa0\x80\x81 and the end";
	char unhurried[128];

	text_safe(text, unhurried, sizeof unhurried);
	for (size_t size = 0; size < sizeof unhurried; size++) {
		char *buf = malloc(size ? size : 1); /* the sanitizer watches its end */
		assert_non_null(buf);
		assert_ptr_equal(text_safe(text, buf, size), buf);
		size_t len = size ? strlen(buf) : 0;
		if (len > 0 && strcmp(buf, unhurried) != 0) {
			assert_string_equal(buf + len - 3, "...");
			assert_memory_equal(buf, unhurried, len - 3);
		}
		free(buf);
	}
}

static void width_counts_columns(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t expected;
	} rows[] = {
		{"", 0},
		{"abc", 3},
		{"gr\xc3\xbc\xc3\x9f", 4},
		{"e\xcc\x81", 1},                /* a combining accent */
		{"\xe6\x97\xa5\xe6\x9c\xac", 4}, /* CJK */
		{"\xea\xb0\x80", 2},             /* Hangul */
		{"\xef\xbc\xa1", 2},             /* full-width A */
		{"\xef\xbd\xb1", 1},             /* half-width kana */
		{"\xf0\x9f\x98\x80", 2},         /* emoji */
		{"\xf0\xa0\x80\x80", 2},         /* CJK extension B */
		{"\xe2\x9d\xa4\xef\xb8\x8f", 1}, /* a variation selector */
		{"a\xff"
		 "b",
		 3},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(text_width(rows[i].text), rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_utf8_is_taken),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(every_scalar_value_is_utf8_and_no_part_of_one_is),
		cmocka_unit_test(what_hides_or_moves_text_is_escaped),
		cmocka_unit_test(no_escaped_text_holds_a_control_byte_or_bad_utf8),
		cmocka_unit_test(text_that_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(no_size_is_overrun),
		cmocka_unit_test(width_counts_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
