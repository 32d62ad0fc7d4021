/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn it is: those that only a check has listed wait for all others. */
#include "poll/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW 1000

static void who_is_due_goes_before_who_is_spare(void **state)
{
	static const struct {
		int64_t due, spare; /* 0 = there is none */
		char first;
	} rows[] = {
		{900, 0, 'd'},     {0, 900, 's'},     {900, 100, 'd'},   {1000, 1, 'd'},
		{1001, 1000, 's'}, {1500, 1400, 's'}, {1500, 1600, 'd'}, {1500, 1500, 'd'},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct watch due = {0};
		struct watch spare = {.spare = true};
		struct schedule schedule = {0};
		assert_true(schedule_reserve(&schedule, 2));
		if (rows[i].due)
			schedule_put(&schedule, &due, rows[i].due);
		if (rows[i].spare)
			schedule_put(&schedule, &spare, rows[i].spare);
		assert_ptr_equal(schedule_first(&schedule, NOW), rows[i].first == 'd' ? &due : &spare);
		assert_ptr_equal(schedule_first_due(&schedule), rows[i].due ? &due : NULL);
		schedule_release(&schedule);
	}
}

static void one_that_becomes_spare_or_is_no_more_keeps_its_time(void **state)
{
	struct watch watch = {0};
	struct schedule schedule = {0};
	(void)state;

	assert_true(schedule_reserve(&schedule, 1));
	schedule_set_spare(&schedule, &watch, true); /* under way: it is in no list */
	assert_null(schedule_first(&schedule, NOW));
	schedule_put(&schedule, &watch, 7);
	assert_null(schedule_first_due(&schedule));
	schedule_set_spare(&schedule, &watch, false);
	assert_ptr_equal(schedule_first_due(&schedule), &watch);
	assert_int_equal(watch.due.key, 7);
	schedule_remove(&schedule, &watch);
	schedule_remove(&schedule, &watch);
	assert_null(schedule_first(&schedule, NOW));
	schedule_release(&schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_due_goes_before_who_is_spare),
		cmocka_unit_test(one_that_becomes_spare_or_is_no_more_keeps_its_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
