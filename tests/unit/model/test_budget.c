/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a budget lets things happen: one by one, in a burst, after a rest. */
#include "model/budget.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SECOND_US 1000000

static void what_was_not_spent_goes_in_one_burst(void **state)
{
	struct budget budget = {.each_us = SECOND_US / 10, .burst_us = SECOND_US, .spent_us = 0};
	int64_t now_us = 100 * SECOND_US;
	(void)state;

	for (int i = 0; i <= 10; i++) {
		assert_true(budget_free_ms(&budget) <= now_us / 1000);
		budget_spend(&budget, now_us);
	}
	assert_int_equal(budget_free_ms(&budget), now_us / 1000 + 100);
}

static void then_one_after_the_other(void **state)
{
	struct budget budget = {.each_us = SECOND_US / 10, .burst_us = 0, .spent_us = 0};
	int64_t now_ms = 5000;
	(void)state;

	for (int i = 0; i < 100; i++) {
		budget_spend(&budget, now_ms * 1000);
		assert_int_equal(budget_free_ms(&budget), now_ms + 100);
		now_ms = budget_free_ms(&budget);
	}
}

static void without_a_limit_it_is_always_free(void **state)
{
	struct budget budget = {0};
	(void)state;

	for (int i = 0; i < 1000; i++) {
		budget_spend(&budget, 7 * SECOND_US);
		assert_true(budget_free_ms(&budget) <= 7000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_not_spent_goes_in_one_burst),
		cmocka_unit_test(then_one_after_the_other),
		cmocka_unit_test(without_a_limit_it_is_always_free),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
