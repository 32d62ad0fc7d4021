/* SPDX-License-Identifier: Apache-2.0 */
/* The clamps of the HTTP plugins; what the wire does is in the integration tests. */
#include "lib/deadline.h"
#include "lib/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_pause_is_between_a_second_and_an_hour(void **state)
{
	(void)state;
	assert_int_equal(http_pause_ms(0), 0);
	assert_int_equal(http_pause_ms(-30), 1000);
	assert_int_equal(http_pause_ms(1), 1000);
	assert_int_equal(http_pause_ms(90), 90000);
	assert_int_equal(http_pause_ms(3600), 3600000);
	assert_int_equal(http_pause_ms(INT64_MAX), 3600000);
}

static void the_reserve_is_a_tenth_and_a_second_at_most(void **state)
{
	(void)state;
	assert_int_equal(deadline_reserve_ms(0), 0);
	assert_int_equal(deadline_reserve_ms(500), 50);
	assert_int_equal(deadline_reserve_ms(30000), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_is_between_a_second_and_an_hour),
		cmocka_unit_test(the_reserve_is_a_tenth_and_a_second_at_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
