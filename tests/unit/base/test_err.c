/* SPDX-License-Identifier: Apache-2.0 */
/* How a failure is told: code, one sentence, cut rather than overrun. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

static void set_fills_code_and_text_and_returns_the_code(void **state)
{
	(void)state;
	struct err err;

	assert_int_equal(err_set(&err, ERR_BAD, "%s: %d", "line", 3), ERR_BAD);
	assert_int_equal(err.code, ERR_BAD);
	assert_string_equal(err.text, "line: 3");
	assert_int_equal(err_nomem(&err), ERR_NOMEM);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_string_equal(err.text, "out of memory");
}

static void prefixes_stand_before_what_was_said_and_keep_the_code(void **state)
{
	(void)state;
	struct err err;

	(void)err_set(&err, ERR_LIMIT, "too long");
	assert_int_equal(err_prefix(&err, "line %d", 7), ERR_LIMIT);
	assert_int_equal(err_prefix(&err, "demo"), ERR_LIMIT);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "demo: line 7: too long");
}

static void errno_is_spelled_out(void **state)
{
	(void)state;
	struct err err;

	errno = ENOENT;
	assert_int_equal(err_errno(&err, "open %s", "x"), ERR_IO);
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.text, "open x: No such file or directory");
}

/* A text of `len` letters. */
static const char *letters(char letter, size_t len)
{
	static char text[2 * ERR_TEXT_MAX];

	memset(text, letter, len);
	text[len] = '\0';
	return text;
}

static void a_text_of_any_length_is_cut_to_its_room(void **state)
{
	(void)state;
	struct err err;

	for (size_t len = ERR_TEXT_MAX - 4; len < ERR_TEXT_MAX + 4; len++) {
		(void)err_set(&err, ERR_BAD, "%s", letters('a', len));
		size_t expected = len < ERR_TEXT_MAX ? len : ERR_TEXT_MAX - 1;
		assert_int_equal(strlen(err.text), expected);
	}
}

static void a_long_prefix_pushes_out_the_end_of_the_text(void **state)
{
	(void)state;
	struct err err;
	char whole[3 * ERR_TEXT_MAX];

	for (size_t len = 0; len < 2 * ERR_TEXT_MAX - 1; len++) {
		(void)err_set(&err, ERR_BUSY, "0123456789");
		assert_int_equal(err_prefix(&err, "%s", letters('p', len)), ERR_BUSY);
		(void)snprintf(whole, sizeof whole, "%s: 0123456789", letters('p', len));
		whole[ERR_TEXT_MAX - 1] = '\0';
		assert_string_equal(err.text, whole);
	}
}

static void a_long_what_pushes_out_the_reason(void **state)
{
	(void)state;
	struct err err;
	char whole[3 * ERR_TEXT_MAX];

	for (size_t len = ERR_TEXT_MAX - 40; len < ERR_TEXT_MAX + 4; len++) {
		errno = EACCES;
		assert_int_equal(err_errno(&err, "%s", letters('w', len)), ERR_IO);
		(void)snprintf(whole, sizeof whole, "%s: Permission denied", letters('w', len));
		whole[ERR_TEXT_MAX - 1] = '\0';
		assert_string_equal(err.text, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_fills_code_and_text_and_returns_the_code),
		cmocka_unit_test(prefixes_stand_before_what_was_said_and_keep_the_code),
		cmocka_unit_test(errno_is_spelled_out),
		cmocka_unit_test(a_text_of_any_length_is_cut_to_its_room),
		cmocka_unit_test(a_long_prefix_pushes_out_the_end_of_the_text),
		cmocka_unit_test(a_long_what_pushes_out_the_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
