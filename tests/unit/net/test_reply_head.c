/* SPDX-License-Identifier: Apache-2.0 */
/* Which header lines of a reply count, and what they mean. */
#include "net/reply_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct reply_head head_of(const char *const lines[])
{
	struct reply_head head = {0};

	for (size_t i = 0; lines[i]; i++)
		reply_head_line(&head, lines[i], strlen(lines[i]));
	return head;
}

static void names_have_no_case_and_values_no_blanks(void **state)
{
	(void)state;
	const struct reply_head head =
		head_of((const char *const[]){"HTTP/1.1 200 OK\r\n", "ETAG: \t\"a b\" \r\n", "last-modified:x\r\n",
					      "X-ETag: \"no\"\r\n", "etagged: no\r\n", "date\r\n", "\r\n", NULL});

	assert_string_equal(head.etag, "\"a b\"");
	assert_string_equal(head.last_modified, "x");
	assert_string_equal(head.date, "");
}

static void a_status_line_forgets_what_an_interim_answer_said(void **state)
{
	(void)state;
	const struct reply_head head = head_of((const char *const[]){"HTTP/1.1 103 Early Hints", "etag: \"early\"",
								     "HTTP/1.1 200 OK", "date: d", NULL});

	assert_string_equal(head.etag, "");
	assert_string_equal(head.date, "d");
}

static void codings_that_come_twice_are_joined_and_others_replaced(void **state)
{
	(void)state;
	const struct reply_head head = head_of((const char *const[]){"content-encoding: gzip", "content-encoding: br",
								     "date: one", "date: two", NULL});

	assert_string_equal(head.content_encoding, "gzip,br");
	assert_string_equal(head.date, "two");
}

static void a_value_that_is_too_long_is_cut_or_none(void **state)
{
	(void)state;
	static const char *const names[] = {"etag", "date", "content-encoding", "www-authenticate"};
	char line[2048];
	struct reply_head head = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);
		memset(line, 'x', sizeof line);
		memcpy(line, names[i], n);
		line[n] = ':';
		reply_head_line(&head, line, sizeof line);
		reply_head_line(&head, line, sizeof line); /* and once more */
	}
	assert_string_equal(head.etag, "");
	assert_string_equal(head.date, "");
	assert_int_equal(strlen(head.content_encoding), CODING_BYTES_MAX);
	assert_int_equal(strlen(head.authenticate), AUTHENTICATE_MAX);
}

static void an_etag_with_control_bytes_is_not_sent_back(void **state)
{
	(void)state;
	struct reply_head head = head_of((const char *const[]){"etag: \"a\rb\"", NULL});

	assert_string_equal(reply_head_etag(&head), "");
	head = head_of((const char *const[]){"etag: W/\"a\"", NULL});
	assert_string_equal(reply_head_etag(&head), "W/\"a\"");
}

static void only_the_three_forms_of_a_date_count(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
		{"sun, 06 nov 1994 08:49:37 GMT", 784111777},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
		{"Sun Nov  6 08:49:37 1994", 784111777},
		{"Sun, 06 Nov 1994 08:49:37", 0},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", 0},
		{"Sun, 06 Nov 1994 08:49:37 GM", 0},
		{"Sux, 06 Nov 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nox 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 24:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 08:60:37 GMT", 0},
		{"Sun, 00 Nov 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nov 0000 08:49:37 GMT", 0},
		{"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199},
		{"Wed, 29 Feb 2023 23:59:59 GMT", 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(253402300799)},
		{"Mon, 31 Feb 2025 00:00:00 GMT", 0},
		{"Wed, 31 Dec 1969 23:59:59 GMT", 0},
		{"1994-11-06T08:49:37Z", 0},
		{"now", 0},
		{"", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(reply_head_date(rows[i].text), rows[i].seconds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_no_case_and_values_no_blanks),
		cmocka_unit_test(a_status_line_forgets_what_an_interim_answer_said),
		cmocka_unit_test(codings_that_come_twice_are_joined_and_others_replaced),
		cmocka_unit_test(a_value_that_is_too_long_is_cut_or_none),
		cmocka_unit_test(an_etag_with_control_bytes_is_not_sent_back),
		cmocka_unit_test(only_the_three_forms_of_a_date_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
