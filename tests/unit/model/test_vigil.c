/* SPDX-License-Identifier: Apache-2.0 */
/* For how long somebody has looked after the outbox. */
#include "model/vigil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define WALL INT64_C(1795253400000)
#define MONO INT64_C(5000)
#define HOUR (INT64_C(3600) * 1000)

static void a_vigil_is_young_for_an_hour(void **state)
{
	struct vigil vigil = vigil_begin(WALL, MONO);
	(void)state;

	assert_true(vigil_is_young(&vigil, WALL, MONO));
	assert_true(vigil_is_young(&vigil, WALL + HOUR - 1, MONO + HOUR - 1));
	assert_false(vigil_is_young(&vigil, WALL + HOUR, MONO + HOUR));
	assert_false(vigil_is_young(&vigil, WALL + 100 * HOUR, MONO + 100 * HOUR));
}

static void a_sleep_of_the_machine_and_a_stepped_clock_begin_it_anew(void **state)
{
	static const int64_t steps[] = {80 * HOUR, -80 * HOUR, VIGIL_STEP_MS + 1};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct vigil vigil = vigil_begin(WALL, MONO);
		assert_false(vigil_is_young(&vigil, WALL + 2 * HOUR, MONO + 2 * HOUR));
		int64_t wall = WALL + 2 * HOUR + steps[i];
		assert_true(vigil_is_young(&vigil, wall, MONO + 2 * HOUR));
		assert_true(vigil_is_young(&vigil, wall + HOUR / 2, MONO + 2 * HOUR + HOUR / 2));
		assert_false(vigil_is_young(&vigil, wall + HOUR, MONO + 3 * HOUR));
	}
}

static void a_clock_that_is_slewed_is_no_break(void **state)
{
	struct vigil vigil = vigil_begin(WALL, MONO);
	(void)state;

	for (int64_t minute = 1; minute < 200; minute++)
		(void)vigil_is_young(&vigil, WALL + minute * 60500, MONO + minute * 60000);
	assert_false(vigil_is_young(&vigil, WALL + 200 * INT64_C(60500), MONO + 200 * INT64_C(60000)));
}

static void who_keeps_none_is_never_young(void **state)
{
	struct vigil vigil = {0};
	(void)state;

	assert_false(vigil_is_young(&vigil, WALL, MONO));
	assert_false(vigil_is_young(&vigil, WALL + 80 * HOUR, MONO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vigil_is_young_for_an_hour),
		cmocka_unit_test(a_sleep_of_the_machine_and_a_stepped_clock_begin_it_anew),
		cmocka_unit_test(a_clock_that_is_slewed_is_no_break),
		cmocka_unit_test(who_keeps_none_is_never_young),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
