/* SPDX-License-Identifier: Apache-2.0 */
/* The growing string: always terminated, limited, and failed for good once it has failed. */
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_zeroed_buffer_is_the_empty_string(void **state)
{
	(void)state;
	struct strbuf sb = {0};

	assert_string_equal(strbuf_str(&sb), "");
	strbuf_reset(&sb);
	strbuf_adds(&sb, "");
	assert_string_equal(strbuf_str(&sb), "");
	assert_int_equal(sb.len, 0);
	strbuf_release(&sb);
	strbuf_release(&sb);
	assert_null(sb.data);
}

static void everything_added_stands_there_in_order(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {0};

	strbuf_adds(&sb, "a");
	strbuf_addc(&sb, 'b');
	strbuf_add(&sb, "cdef", 2);
	strbuf_addf(&sb, "<%d %s>", 42, "x");
	assert_string_equal(strbuf_str(&sb), "abcd<42 x>");
	assert_int_equal(sb.len, 10);
	assert_false(strbuf_failed(&sb));
}

static void bytes_may_hold_a_nul(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {0};

	strbuf_add(&sb, "a\0b", 3);
	assert_int_equal(sb.len, 3);
	assert_memory_equal(sb.data, "a\0b", 4);
}

static void it_stays_terminated_at_every_length(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {0};

	for (size_t i = 0; i < 5000; i++) {
		strbuf_addc(&sb, (char)('a' + i % 26));
		assert_int_equal(sb.len, i + 1);
		assert_int_equal(sb.data[i], 'a' + i % 26);
		assert_int_equal(sb.data[i + 1], '\0');
		assert_true(sb.cap > sb.len);
	}
	assert_int_equal(strlen(sb.data), 5000);
}

static void a_long_format_is_written_whole(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {0};

	strbuf_addf(&sb, "%*s|%0300d", 700, "end", 7);
	assert_int_equal(sb.len, 1001);
	assert_memory_equal(sb.data + 697, "end|0", 5);
	assert_string_equal(sb.data + 1000, "7");
}

static void the_limit_counts_bytes_without_the_terminator(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {.limit = 4};

	strbuf_adds(&sb, "abcd");
	assert_false(strbuf_failed(&sb));
	strbuf_adds(&sb, "");
	assert_false(strbuf_failed(&sb));
	strbuf_addc(&sb, 'e');
	assert_true(strbuf_failed(&sb));
	assert_string_equal(strbuf_str(&sb), "abcd");
}

static void add_too_much_bytes(struct strbuf *sb)
{
	strbuf_add(sb, "123456", 6);
}

static void add_too_much_text(struct strbuf *sb)
{
	strbuf_adds(sb, "123456");
}

static void add_too_much_format(struct strbuf *sb)
{
	strbuf_addf(sb, "%d", 123456);
}

static void add_more_than_memory(struct strbuf *sb)
{
	strbuf_add(sb, "", SIZE_MAX); /* refused before a byte is read */
}

static void a_failure_is_sticky_until_the_reset(void **state)
{
	(void)state;
	static void (*const fail[])(struct strbuf *) = {add_too_much_bytes, add_too_much_text, add_too_much_format,
							add_more_than_memory};

	for (size_t i = 0; i < ARRAY_LEN(fail); i++) {
		OWNED_STRBUF struct strbuf sb = {.limit = 5};
		strbuf_addc(&sb, 'a');
		fail[i](&sb);
		strbuf_addc(&sb, 'b'); /* there would be room for it */
		strbuf_addf(&sb, "%c", 'c');
		assert_true(strbuf_failed(&sb));
		assert_string_equal(strbuf_str(&sb), "a");
		strbuf_reset(&sb);
		strbuf_adds(&sb, "bc");
		assert_false(strbuf_failed(&sb));
		assert_string_equal(strbuf_str(&sb), "bc");
	}
}

static void an_overflowing_length_fails_instead_of_wrapping(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf sb = {0};

	strbuf_adds(&sb, "abc");
	for (size_t less = 0; less <= sb.len; less++) {
		strbuf_add(&sb, "", SIZE_MAX - less);
		assert_true(strbuf_failed(&sb));
		sb.failed = false;
	}
	assert_string_equal(strbuf_str(&sb), "abc");
}

static void taken_bytes_belong_to_the_caller(void **state)
{
	(void)state;
	struct strbuf sb = {.limit = 3};

	strbuf_adds(&sb, "abc");
	OWNED_MEM char *first = strbuf_take(&sb);
	assert_string_equal(first, "abc");
	assert_null(sb.data);
	assert_int_equal(sb.len, 0);
	strbuf_adds(&sb, "def");
	OWNED_MEM char *second = strbuf_take(&sb);
	assert_string_equal(second, "def");
	assert_string_equal(first, "abc");
	strbuf_adds(&sb, "1234"); /* the limit outlives it all */
	assert_true(strbuf_failed(&sb));
	strbuf_release(&sb);
}

static void nothing_taken_is_an_empty_string(void **state)
{
	(void)state;
	struct strbuf sb = {0};
	OWNED_MEM char *text = strbuf_take(&sb);

	assert_string_equal(text, "");
}

static void a_failed_buffer_gives_null_and_is_fresh_afterwards(void **state)
{
	(void)state;
	struct strbuf sb = {.limit = 2};

	strbuf_adds(&sb, "ab");
	strbuf_adds(&sb, "c");
	assert_null(strbuf_take(&sb));
	assert_false(strbuf_failed(&sb));
	assert_null(sb.data);
	assert_int_equal(sb.limit, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_buffer_is_the_empty_string),
		cmocka_unit_test(everything_added_stands_there_in_order),
		cmocka_unit_test(bytes_may_hold_a_nul),
		cmocka_unit_test(it_stays_terminated_at_every_length),
		cmocka_unit_test(a_long_format_is_written_whole),
		cmocka_unit_test(the_limit_counts_bytes_without_the_terminator),
		cmocka_unit_test(a_failure_is_sticky_until_the_reset),
		cmocka_unit_test(an_overflowing_length_fails_instead_of_wrapping),
		cmocka_unit_test(taken_bytes_belong_to_the_caller),
		cmocka_unit_test(nothing_taken_is_an_empty_string),
		cmocka_unit_test(a_failed_buffer_gives_null_and_is_fresh_afterwards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
