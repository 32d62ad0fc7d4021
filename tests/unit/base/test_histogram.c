/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles of what was counted, told to within an eighth. */
#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_empty_one_tells_zero(void **state)
{
	(void)state;
	static const struct histogram empty;

	assert_int_equal(histogram_quantile(&empty, 999), 0);
}

static void one_value_is_every_quantile_to_within_an_eighth(void **state)
{
	(void)state;
	static const int64_t rows[] = {0,   1,   7,    8,    9,    15,     16,       17,
				       100, 999, 1000, 1023, 1024, 123456, 10000000, INT64_C(1) << 33};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct histogram histogram = {0};
		histogram_add(&histogram, rows[i]);
		for (unsigned permille = 1; permille <= 1000; permille += 111) {
			int64_t told = histogram_quantile(&histogram, permille);
			assert_true(told >= rows[i]);
			assert_true(told <= rows[i] + rows[i] / 8);
		}
	}
}

static void one_of_a_thousand_is_not_yet_the_999th(void **state)
{
	(void)state;
	struct histogram histogram = {0};

	for (unsigned i = 0; i < 999; i++)
		histogram_add(&histogram, 5);
	histogram_add(&histogram, 100000);
	assert_int_equal(histogram_quantile(&histogram, 999), 5);
	assert_true(histogram_quantile(&histogram, 1000) >= 100000);
	histogram_add(&histogram, 100000);
	assert_true(histogram_quantile(&histogram, 999) >= 100000);
}

static void a_quantile_is_the_same_for_many(void **state)
{
	(void)state;
	struct histogram histogram = {0};

	for (unsigned i = 0; i < 1000000; i++)
		histogram_add(&histogram, i);
	int64_t told = histogram_quantile(&histogram, 999);
	assert_true(told >= 998999 && told <= 998999 + 998999 / 8);
}

static void what_is_out_of_range_is_counted_at_the_end(void **state)
{
	(void)state;
	struct histogram histogram = {0};

	histogram_add(&histogram, -5);
	assert_int_equal(histogram_quantile(&histogram, 1000), 0);
	histogram_add(&histogram, INT64_MAX);
	assert_int_equal(histogram.total, 2);
	assert_true(histogram_quantile(&histogram, 1000) > INT64_C(1) << 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_tells_zero),
		cmocka_unit_test(one_value_is_every_quantile_to_within_an_eighth),
		cmocka_unit_test(one_of_a_thousand_is_not_yet_the_999th),
		cmocka_unit_test(a_quantile_is_the_same_for_many),
		cmocka_unit_test(what_is_out_of_range_is_counted_at_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
