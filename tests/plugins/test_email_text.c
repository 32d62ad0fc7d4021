/* SPDX-License-Identifier: Apache-2.0 */
/* How the plugin email writes text: cleaned, quoted-printable, in headers, in HTML; and addresses. */
#include "email/address.h"
#include "email/clean.h"
#include "email/header.h"
#include "email/html.h"
#include "email/quoted_printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])
#define X10 "xxxxxxxxxx"
#define X70 X10 X10 X10 X10 X10 X10 X10
#define X75 X70 "xxxxx"
#define X76 X75 "x"

/* What writing gives: begin, write to `out`, end. */
struct written {
	FILE *out;
	char *text;
	size_t len;
};

static FILE *begin(struct written *written)
{
	written->out = open_memstream(&written->text, &written->len);
	assert_non_null(written->out);
	return written->out;
}

static void expect_end(struct written *written, const char *expected)
{
	assert_int_equal(fclose(written->out), 0);
	assert_string_equal(written->text, expected);
	free(written->text);
}

/* ---- clean ---- */

static void what_hides_becomes_visible(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", ""},
		{"plain ~", "plain ~"},
		{"a\tb", "a b"},
		{"a\r\nBcc: x", "a\\u{d}\\u{a}Bcc: x"},
		{"\x01\x1b[31m\x7f", "\\u{1}\\u{1b}[31m\\u{7f}"},
		{"\xc2\x85", "\\u{85}"},
		{"\xe2\x80\xae"
		 "abc",
		 "\\u{202e}abc"},
		{"\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf", "\\u{200b}\\u{2066}\\u{feff}"},
		{"\xf3\xa0\x81\x81", "\\u{e0041}"},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80"},
		{"\xff\xc3", "\\xff\\xc3"},
		{"\xc0\x8a", "\\xc0\\x8a"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	};
	char buf[100];

	for (size_t i = 0; i < ROWS(rows); i++)
		assert_string_equal(clean_line(rows[i].text, buf, sizeof buf), rows[i].expected);
}

static void a_cut_is_between_characters_and_shown(void **state)
{
	(void)state;
	char buf[9]; /* five bytes, "…", the terminator */

	assert_string_equal(clean_line("12345", buf, sizeof buf), "12345");
	assert_string_equal(clean_line("123456", buf, sizeof buf), "12345\xe2\x80\xa6");
	assert_string_equal(clean_line("123\xe2\x82\xac", buf, sizeof buf), "123\xe2\x80\xa6");
	assert_string_equal(clean_line("1234\n", buf, sizeof buf), "1234\xe2\x80\xa6");
}

/* ---- quoted-printable ---- */

static void lines_are_encoded_as_rfc_2045_says(void **state)
{
	(void)state;
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"", "\r\n"},
		{"\n", "\r\n"},
		{"a\nb\n", "a\r\nb\r\n"},
		{"no end", "no end\r\n"},
		{"1=2", "1=3D2\r\n"},
		{"blank \ntab\t\nin side\n", "blank=20\r\ntab=09\r\nin side\r\n"},
		{"end ", "end=20\r\n"},
		{".\n..\n.a\na.\n", "=2E\r\n=2E.\r\n=2Ea\r\na.\r\n"},
		{"From me\nFrom\n From me\n", "=46rom me\r\nFrom\r\n From me\r\n"},
		{"a\rb\r\nc", "a=0Db=0D\r\nc\r\n"},
		{"\xc3\xa9\x7f", "=C3=A9=7F\r\n"},
		{X76, X76 "\r\n"},
		{X76 "\n", X76 "\r\n"},
		{X76 "y", X75 "=\r\nxy\r\n"},
		{X75 ".y", X75 "=\r\n=2Ey\r\n"},
		{X75 " ", X75 "=\r\n=20\r\n"},
		{X70 "xxx=", X70 "xxx=3D\r\n"},
		{X70 "xxxx=", X70 "xxxx=\r\n=3D\r\n"},
		{X70 "xxx=y", X70 "xxx=\r\n=3Dy\r\n"},
		{X75 "From x", X75 "=\r\n=46rom x\r\n"},
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct written written;
		quoted_printable(begin(&written), rows[i].text, strlen(rows[i].text));
		expect_end(&written, rows[i].expected);
	}
}

/* ---- headers ---- */

static void expect_header(const char *text, const char *expected)
{
	struct written written;

	header_text(begin(&written), "Subject", text);
	expect_end(&written, expected);
}

static void ascii_stands_as_it_is_and_is_folded_at_blanks(void **state)
{
	(void)state;
	expect_header("[high] demo 1.2.3 yanked", "Subject: [high] demo 1.2.3 yanked\r\n");
	expect_header("", "Subject: \r\n");
	expect_header(X10 " " X10 " " X10 " " X10 " " X10 " " X10 " " X10 " y",
		      "Subject: " X10 " " X10 " " X10 " " X10 " " X10 " " X10 "\r\n " X10 " y\r\n");
}

static void other_text_is_of_encoded_words(void **state)
{
	(void)state;
	expect_header("caf\xc3\xa9 a_b?", "Subject: =?UTF-8?Q?caf=C3=A9_a=5Fb=3F?=\r\n");
	expect_header("=?UTF-8?Q?x?=", "Subject: =?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?=\r\n");
	expect_header("two  blanks", "Subject: =?UTF-8?Q?two__blanks?=\r\n");
	expect_header(" x ", "Subject: =?UTF-8?Q?_x_?=\r\n");
	expect_header(X70, "Subject: =?UTF-8?Q?" X10 X10 X10 X10 X10 "xxxxx?=\r\n =?UTF-8?Q?" X10 "xxxxx?=\r\n");
	expect_header("a\r\nBcc: evil@example.com\r\n\r\nbody",
		      "Subject: a\\u{d}\\u{a}Bcc: evil@example.com\\u{d}\\u{a}\\u{d}\\u{a}body\r\n");
}

/* Every line of an encoded header: short enough, and its word whole characters. */
static void expect_whole_words(const char *header, size_t unit)
{
	for (const char *line = strchr(header, ' '); *line; line = strstr(line, "\r\n") + 2) {
		const char *end = strstr(line, "\r\n");
		const char *word = strstr(line, "=?UTF-8?Q?") + 10;
		assert_true(end - (line == strchr(header, ' ') ? header : line) <= HEADER_ENCODED_LINE_MAX);
		assert_memory_equal(end - 2, "?=", 2);
		assert_int_equal((size_t)(end - 2 - word) % unit, 0);
	}
}

static void no_encoded_word_splits_a_character(void **state)
{
	(void)state;
	static const struct {
		const char *character;
		size_t encoded;
	} rows[] = {{"\xc3\xa9", 6}, {"\xe2\x82\xac", 9}, {"\xf0\x9f\xa6\x80", 12}};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct written written;
		char text[HEADER_TEXT_MAX] = "";
		size_t len = strlen(rows[i].character);
		for (size_t k = 0; k < 50; k++)
			memcpy(text + k * len, rows[i].character, len);
		header_text(begin(&written), "Subject", text);
		assert_int_equal(fclose(written.out), 0);
		expect_whole_words(written.text, rows[i].encoded);
		free(written.text);
	}
}

static void a_megabyte_is_cut(void **state)
{
	(void)state;
	struct written written;
	char *text = malloc((1 << 20) + 1);

	assert_non_null(text);
	memset(text, 'x', 1 << 20);
	text[1 << 20] = '\0';
	header_text(begin(&written), "Subject", text);
	assert_int_equal(fclose(written.out), 0);
	assert_true(written.len < 1000);
	assert_non_null(strstr(written.text, "=E2=80=A6?=\r\n"));
	free(written.text);
	free(text);
}

static void dates_are_those_of_rfc_5322(void **state)
{
	(void)state;
	struct written written;

	header_date(begin(&written), "Date", header_time("2026-11-21T09:30:00.123Z"));
	expect_end(&written, "Date: Sat, 21 Nov 2026 09:30:00 +0000\r\n");
	assert_int_equal(header_time("1970-01-01T00:00:01Z"), 1);
	static const char *const wrong[] = {"",
					    "soon",
					    "2026-11-21T09:30:00",
					    "2026-11-21T09:30:00+01:00",
					    "2026-11-21T09:30:00.Zx",
					    "0001-01-01T00:00:00Z"};
	for (size_t i = 0; i < ROWS(wrong); i++)
		assert_int_equal(header_time(wrong[i]), -1);
}

/* ---- HTML ---- */

static void html_has_no_tag_of_the_text(void **state)
{
	(void)state;
	struct written written;

	html_escape(begin(&written), "<script>'a' && \"b\"</script>\n\xe2\x80\xae", 100);
	expect_end(&written, "&lt;script&gt;&#39;a&#39; &amp;&amp; &quot;b&quot;&lt;/script&gt;\\u{a}\\u{202e}");
	html_escape(begin(&written), "<<<<<<", 3);
	expect_end(&written, "&lt;&lt;&lt;\xe2\x80\xa6");
}

/* ---- addresses ---- */

static void addresses_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *text, *spec, *name;
	} rows[] = {
		{"a@b", "a@b", ""},
		{"sec@example.com", "sec@example.com", ""},
		{" sec@example.com ", "sec@example.com", ""},
		{"<sec@example.com>", "sec@example.com", ""},
		{"Sec Team <sec@example.com>", "sec@example.com", "Sec Team"},
		{"Sec Team<sec@example.com>", "sec@example.com", "Sec Team"},
		{"\"Team, \\\"Sec\\\" <x>\" <sec@example.com>", "sec@example.com", "Team, \"Sec\" <x>"},
		{"J\xc3\xb6rg <o'brien+x_y@xn--e1afmkfd.example>", "o'brien+x_y@xn--e1afmkfd.example", "J\xc3\xb6rg"},
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct address address;
		assert_null(address_parse(rows[i].text, &address));
		assert_string_equal(address.spec, rows[i].spec);
		assert_string_equal(address.name, rows[i].name);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"@",
		"a@",
		"@b",
		"a",
		"a@b@c",
		"a b@c",
		"a@b c",
		"a@b\r\nRCPT TO:<c@d>",
		"a@b\r",
		"a@b>\r\n<c@d",
		"a\x00@b",
		"\"a b\"@c",
		".a@b",
		"a.@b",
		"a..b@c",
		"a@.b",
		"a@b.",
		"a@b..c",
		"a@-b",
		"a@b-",
		"a@b-.c",
		"a@[127.0.0.1]",
		"a@b_c",
		"\xc3\xa9@b",
		"a@\xc3\xa9",
		"<a@b",
		"a@b>",
		"<a@b> x",
		"<a@b>, <c@d>",
		"a@b, c@d",
		"Team, Sec <a@b>",
		"\"Team <a@b>",
		"Evil\xe2\x80\xae <a@b>",
		"Tab\t<a@b>",
		"<<a@b>>",
		"a@" X70 ".example",
		X70 "@example.com",
		"a@" X10 "." X10 X10 X10 X10 X10 "." X10 X10 X10 X10 X10 "." X10 X10 X10 X10 X10 "." X10 X10 X10 X10 X10
		"." X10 X10 X10 X10 X10,
		X70 X70 " <a@b>",
	};

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct address address;
		if (!address_parse(rows[i], &address))
			fail_msg("row %zu was taken: %s", i, rows[i]);
	}
}

static void expect_addresses(const struct address *addresses, size_t n, const char *expected)
{
	struct written written;

	header_addresses(begin(&written), "To", addresses, n);
	expect_end(&written, expected);
}

static void recipients_stand_a_line_each(void **state)
{
	(void)state;
	struct address rows[4];

	assert_null(address_parse("a@example.com", &rows[0]));
	assert_null(address_parse("\"B, \\\"b\\\"\" <b@example.com>", &rows[1]));
	assert_null(address_parse("J\xc3\xb6rg <j@example.com>", &rows[2]));
	assert_null(address_parse(X10 " " X10 " " X10 " " X10 " " X10 " " X10 " <x@example.com>", &rows[3]));
	expect_addresses(rows, 4,
			 "To: a@example.com,\r\n \"B, \\\"b\\\"\" <b@example.com>,\r\n =?UTF-8?Q?J=C3=B6rg?=\r\n"
			 " <j@example.com>,\r\n \"" X10 " " X10 " " X10 " " X10 " " X10 " " X10
			 "\"\r\n <x@example.com>\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_hides_becomes_visible),
		cmocka_unit_test(a_cut_is_between_characters_and_shown),
		cmocka_unit_test(lines_are_encoded_as_rfc_2045_says),
		cmocka_unit_test(ascii_stands_as_it_is_and_is_folded_at_blanks),
		cmocka_unit_test(other_text_is_of_encoded_words),
		cmocka_unit_test(no_encoded_word_splits_a_character),
		cmocka_unit_test(a_megabyte_is_cut),
		cmocka_unit_test(dates_are_those_of_rfc_5322),
		cmocka_unit_test(html_has_no_tag_of_the_text),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(recipients_stand_a_line_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
