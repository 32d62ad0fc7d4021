/* SPDX-License-Identifier: Apache-2.0 */
/* When crates that are gone mean that the registry has lost them. */
#include "model/incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void it_begins_with_a_quarter_of_what_was_looked_at(void **state)
{
	(void)state;
	static const struct {
		struct incident_signs signs; /* present, missing, told, looks, config_gone */
		bool begins;
	} rows[] = {
		{{0, 0, 0, 0, 0}, false},
		{{2, 2, 0, 2, 0}, false}, /* two crates are no registry */
		{{3, 2, 0, 3, 0}, false},
		{{3, 3, 0, 3, 0}, true},
		{{19, 18, 0, 19, 0}, false},
		{{19, 19, 0, 19, 0}, true},
		{{20, 19, 0, 20, 0}, false},
		{{20, 20, 0, 20, 0}, true},
		{{80, 20, 0, 80, 0}, true},
		{{81, 20, 0, 81, 0}, false},
		{{81, 20, 0, 20, 0}, false}, /* names that stand together, early in a sweep */
		{{1176, 50, 0, 50, 0}, false},
		{{100000, 249, 0, 249, 0}, false},
		{{100000, 250, 0, 250, 0}, true},
		{{100000, 250, 0, 1001, 0}, false},
		{{100000, 20000, 0, 500000, 0}, false}, /* looked at more than once: of all */
		{{100000, 25000, 0, 500000, 0}, true},
		{{100, 0, 0, 0, 1}, false},
		{{100, 0, 0, 0, 2}, true},
		{{0, 0, 0, 0, 2}, true},
		{{40, 1, 19, 20, 0}, true}, /* what is told as deleted counts, too */
		{{1, 1, 3, 4, 0}, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(incident_begins(&rows[i].signs), rows[i].begins);
}

static void it_goes_on_until_half_is_back(void **state)
{
	(void)state;
	static const struct {
		struct incident_signs signs;
		bool goes_on;
	} rows[] = {
		{{100, 25, 0, 100, 0}, true}, {{100, 13, 0, 100, 0}, true}, {{100, 12, 0, 100, 0}, false},
		{{40, 10, 0, 40, 0}, true},   {{40, 9, 0, 40, 0}, false},   {{5, 3, 0, 5, 0}, true},
		{{5, 2, 0, 5, 0}, false},     {{100, 0, 0, 100, 1}, true},  {{100, 0, 0, 100, 0}, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(incident_goes_on(&rows[i].signs), rows[i].goes_on);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_a_quarter_of_what_was_looked_at),
		cmocka_unit_test(it_goes_on_until_half_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
