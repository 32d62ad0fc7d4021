/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of watches that come and go: what is put in comes out, sorted on demand. */
#include "model/watch_changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void what_is_put_in_comes_out(void **state)
{
	(void)state;
	OWNED(watch_changes_release) struct watch_changes changes = {0};

	assert_true(watch_changes_add(&changes, "demo", CRATE_PRESENT, true, false, "\"e\""));
	assert_true(watch_changes_add(&changes, "new", CRATE_UNKNOWN, false, false, NULL));
	assert_true(watch_changes_remove(&changes, "old"));
	assert_true(watch_changes_afresh(&changes, "seen"));
	assert_int_equal(changes.count, 4);
	assert_string_equal(watch_changes_crate(&changes, 0), "demo");
	assert_string_equal(watch_changes_etag(&changes, 0), "\"e\"");
	assert_int_equal(changes.items[0].state, CRATE_PRESENT);
	assert_true(changes.items[0].pending);
	assert_string_equal(watch_changes_crate(&changes, 1), "new");
	assert_null(watch_changes_etag(&changes, 1));
	assert_false(changes.items[1].removed);
	assert_string_equal(watch_changes_crate(&changes, 2), "old");
	assert_true(changes.items[2].removed && !changes.items[2].afresh);
	assert_string_equal(watch_changes_crate(&changes, 3), "seen");
	assert_null(watch_changes_etag(&changes, 3));
	assert_true(changes.items[3].afresh && !changes.items[3].removed);
}

static void many_are_sorted_by_crate(void **state)
{
	(void)state;
	OWNED(watch_changes_release) struct watch_changes changes = {0};
	char name[16];

	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "c%03u", i * 7 % 1000);
		assert_true(i % 2 ? watch_changes_add(&changes, name, CRATE_PRESENT, false, false, name)
				  : watch_changes_remove(&changes, name));
	}
	watch_changes_sort(&changes);
	for (size_t i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof name, "c%03zu", i);
		assert_string_equal(watch_changes_crate(&changes, i), name);
		if (!changes.items[i].removed)
			assert_string_equal(watch_changes_etag(&changes, i), name);
	}
}

static void a_released_list_is_empty_and_may_be_released_again(void **state)
{
	(void)state;
	struct watch_changes changes = {.registry = strdup("r")};

	watch_changes_sort(&changes);
	assert_true(watch_changes_add(&changes, "demo", CRATE_PRESENT, false, false, "e"));
	watch_changes_release(&changes);
	assert_null(changes.registry);
	assert_int_equal(changes.count, 0);
	watch_changes_release(&changes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out),
		cmocka_unit_test(many_are_sorted_by_crate),
		cmocka_unit_test(a_released_list_is_empty_and_may_be_released_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
