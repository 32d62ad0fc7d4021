/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses, exactly: random 0 gives the least, UINT32_MAX the most. */
#include "model/pace.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void backoff_doubles_up_to_its_maximum(void **state)
{
	(void)state;
	static const struct {
		unsigned failures;
		int64_t first_ms, max_ms, least, most;
	} rows[] = {
		{1, 1000, 60000, 750, 1250},
		{2, 1000, 60000, 1500, 2500},
		{3, 1000, 60000, 3000, 5000},
		{6, 1000, 60000, 24000, 40000},
		{7, 1000, 60000, 45000, 75000}, /* 64 s, kept to 60 */
		{8, 1000, 60000, 45000, 75000},
		{1000, 1000, 60000, 45000, 75000},
		{UINT32_MAX, 1000, 60000, 45000, 75000},
		{1, 60000, 60000, 45000, 75000},
		{5, 60000, 1000, 750, 1250}, /* the maximum wins */
		{1, 5000, 1800000, 3750, 6250},
		{10, 5000, 1800000, 1350000, 2250000},
		{1, 4, 100, 3, 5},
		{1, 3, 100, 3, 3}, /* a quarter of it is nothing */
		{3, 0, 100, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(pace_backoff_ms(rows[i].failures, rows[i].first_ms, rows[i].max_ms, 0), rows[i].least);
		assert_int_equal(pace_backoff_ms(rows[i].failures, rows[i].first_ms, rows[i].max_ms, UINT32_MAX),
				 rows[i].most);
	}
}

static void polls_spread_by_a_tenth(void **state)
{
	(void)state;
	static const struct {
		int64_t interval_ms, least, most;
	} rows[] = {
		{60000, 54000, 66000}, {100, 90, 110}, {604800000, 544320000, 665280000}, {9, 9, 9}, {0, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(pace_poll_ms(rows[i].interval_ms, 0), rows[i].least);
		assert_int_equal(pace_poll_ms(rows[i].interval_ms, UINT32_MAX), rows[i].most);
	}
}

static void the_middle_of_the_random_numbers_is_the_interval(void **state)
{
	(void)state;
	assert_int_equal(pace_poll_ms(60000, UINT32_MAX / 2 + 1), 60000);
	assert_int_equal(pace_backoff_ms(1, 1000, 60000, UINT32_MAX / 2 + 1), 1000);
}

static void more_random_never_means_a_shorter_pause(void **state)
{
	(void)state;
	int64_t last = 0;

	for (uint64_t random = 0; random <= UINT32_MAX; random += 65537) {
		int64_t ms = pace_poll_ms(60000, (uint32_t)random);
		assert_true(ms >= last && ms >= 54000 && ms <= 66000);
		last = ms;
	}
}

static void a_wish_is_kept_to_what_is_sensible(void **state)
{
	(void)state;
	static const struct {
		int64_t wish, min, max, expected;
	} rows[] = {
		{5, 1, 10, 5},   {1, 1, 10, 1},          {0, 1, 10, 1},         {-5, 1, 10, 1}, {10, 1, 10, 10},
		{11, 1, 10, 10}, {INT64_MAX, 1, 10, 10}, {INT64_MIN, 1, 10, 1}, {7, 3, 3, 3},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(pace_clamp_ms(rows[i].wish, rows[i].min, rows[i].max), rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backoff_doubles_up_to_its_maximum),
		cmocka_unit_test(polls_spread_by_a_tenth),
		cmocka_unit_test(the_middle_of_the_random_numbers_is_the_interval),
		cmocka_unit_test(more_random_never_means_a_shorter_pause),
		cmocka_unit_test(a_wish_is_kept_to_what_is_sensible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
