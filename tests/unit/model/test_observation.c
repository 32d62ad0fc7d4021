/* SPDX-License-Identifier: Apache-2.0 */
/* What changes threads owns all it holds: releasing it leaves nothing behind, and twice is no harm. */
#include "model/notification.h"
#include "model/observation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_released_observation_holds_nothing(void **state)
{
	(void)state;
	struct observation observation = {
		.registry = strdup("r"),
		.index_url = strdup("u"),
		.crate = strdup("c"),
		.body = strdup("b"),
		.validators = {.etag = strdup("e"), .last_modified = 1},
	};

	observation_release(&observation);
	assert_null(observation.body);
	assert_null(observation.validators.etag);
	assert_int_equal(observation.validators.last_modified, 0);
	observation_release(&observation);
}

static void a_released_notification_holds_nothing(void **state)
{
	(void)state;
	struct notification notification = {.row = 7, .subject = strdup("s"), .document = strdup("{}")};

	notification_release(&notification);
	assert_int_equal(notification.row, 0);
	assert_null(notification.document);
	notification_release(&notification);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_released_observation_holds_nothing),
		cmocka_unit_test(a_released_notification_holds_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
