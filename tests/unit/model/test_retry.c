/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a notification after an attempt. */
#include "model/retry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MIDDLE (UINT32_MAX / 2 + 1)
#define HOUR (INT64_C(3600) * 1000)

static const struct retry_rules rules = {.first_ms = 1000, .max_ms = 60000, .give_up_ms = HOUR};

static void every_outcome_has_its_next_state(void **state)
{
	(void)state;
	static const struct {
		enum frame_outcome outcome;
		struct delivery_past past;
		int64_t again_ms, retry_ms; /* what the plugin asks for */
		enum notification_state state;
		bool again;
		int64_t pause_ms;
	} rows[] = {
		{FRAME_OK, {0}, 0, 0, NOTIFICATION_DELIVERED, false, 0},
		{FRAME_OK, {.age_ms = 2 * HOUR}, 0, 0, NOTIFICATION_DELIVERED, false, 0},
		{FRAME_OK, {0}, 60000, 0, NOTIFICATION_DELIVERED, true, 60000},
		{FRAME_OK, {0}, 1, 0, NOTIFICATION_DELIVERED, true, AGAIN_MIN_MS},
		{FRAME_OK, {0}, 48 * HOUR, 0, NOTIFICATION_DELIVERED, true, AGAIN_MAX_MS},
		{FRAME_OK, {0}, -1, 0, NOTIFICATION_DELIVERED, false, 0},
		{FRAME_RETRY, {0}, 0, 0, NOTIFICATION_DUE, false, 1000},
		{FRAME_RETRY, {.failures = 3}, 0, 0, NOTIFICATION_DUE, false, 8000},
		{FRAME_RETRY, {.failures = 1000}, 0, 0, NOTIFICATION_DUE, false, 60000},
		{FRAME_RETRY, {0}, 0, 30000, NOTIFICATION_DUE, false, 30000},
		{FRAME_RETRY, {0}, 0, 9 * HOUR, NOTIFICATION_DUE, false, RETRY_AFTER_MAX_MS},
		{FRAME_RETRY, {0}, 60000, 0, NOTIFICATION_DUE, false, 1000}, /* again is for who accepted */
		{FRAME_RETRY, {.age_ms = HOUR - 1}, 0, 0, NOTIFICATION_DUE, false, 1000},
		{FRAME_RETRY, {.age_ms = HOUR}, 0, 0, NOTIFICATION_DEAD, false, 0},
		{FRAME_REJECT, {0}, 0, 0, NOTIFICATION_DEAD, false, 0},
		{FRAME_DISABLE, {0}, 0, 0, NOTIFICATION_DUE, false, 1000},
		{FRAME_DISABLE, {.age_ms = HOUR}, 0, 0, NOTIFICATION_DEAD, false, 0},
		/* a repeat: the receiver has it, so it never dies */
		{FRAME_OK, {.again = true, .age_ms = 9 * HOUR}, 0, 0, NOTIFICATION_DELIVERED, false, 0},
		{FRAME_RETRY, {.again = true, .age_ms = 9 * HOUR}, 0, 0, NOTIFICATION_DELIVERED, true, 1000},
		{FRAME_DISABLE, {.again = true, .failures = 1}, 0, 0, NOTIFICATION_DELIVERED, true, 2000},
		{FRAME_REJECT, {.again = true}, 0, 0, NOTIFICATION_DELIVERED, false, 0},
		/* a test is tried once */
		{FRAME_RETRY, {.kind = NOTIFICATION_TEST}, 0, 0, NOTIFICATION_DEAD, false, 0},
		{FRAME_RETRY, {.kind = NOTIFICATION_HEARTBEAT}, 0, 0, NOTIFICATION_DUE, false, 1000},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct delivery_result result = {.outcome = rows[i].outcome,
						       .again_after_ms = rows[i].again_ms,
						       .retry_after_ms = rows[i].retry_ms};
		const struct delivery_next next = delivery_next(&result, &rows[i].past, &rules, MIDDLE);
		if (next.state != rows[i].state || next.again != rows[i].again || next.pause_ms != rows[i].pause_ms)
			fail_msg("row %zu: state %d, again %d, pause %lld", i, next.state, next.again,
				 (long long)next.pause_ms);
		assert_int_equal(next.failures, rows[i].outcome == FRAME_OK ? 0 : rows[i].past.failures + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_next_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
