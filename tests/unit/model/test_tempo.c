/* SPDX-License-Identifier: Apache-2.0 */
/* When a notifier may send again: after a message, after failures in a row, after a person's word. */
#include "model/tempo.h"

#include "model/retry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_MS INT64_C(1000000)
#define MIDDLE 0x80000000u /* a jitter of next to nothing */

static const struct delivery_result failed = {.outcome = FRAME_RETRY};

static int64_t pause_after(struct tempo *tempo, const struct delivery_result *result)
{
	tempo_told(tempo, result, NOW_MS, MIDDLE);
	int64_t free_ms = tempo_free_ms(tempo);
	return free_ms > NOW_MS ? free_ms - NOW_MS : 0;
}

static void pauses_grow_while_failures_follow_each_other(void **state)
{
	static const int64_t seconds[] = {5, 10, 20, 40, 60, 60, 60};
	struct tempo tempo = tempo_make(600, 5000);
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
		assert_in_range(pause_after(&tempo, &failed), seconds[i] * 1000 - 10, seconds[i] * 1000 + 10);
}

static void any_answer_ends_them(void **state)
{
	static const enum frame_outcome answers[] = {FRAME_OK, FRAME_REJECT, FRAME_DISABLE};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct delivery_result answer = {.outcome = answers[i]};
		struct tempo tempo = tempo_make(600, 5000);
		for (int n = 0; n < 4; n++)
			(void)pause_after(&tempo, &failed);
		assert_true(tempo_is_down(&tempo));
		assert_int_equal(pause_after(&tempo, &answer), 0);
		assert_false(tempo_is_down(&tempo));
		assert_in_range(pause_after(&tempo, &failed), 4990, 5010);
	}
}

static void a_receiver_may_ask_for_more_up_to_an_hour(void **state)
{
	static const struct {
		int64_t wish_ms, pause_ms;
	} rows[] = {{1, 5000}, {4000, 5000}, {90000, 90000}, {INT64_MAX, RETRY_AFTER_MAX_MS}};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct delivery_result asked = {.outcome = FRAME_RETRY, .retry_after_ms = rows[i].wish_ms};
		struct tempo tempo = tempo_make(600, 5000);
		assert_in_range(pause_after(&tempo, &asked), rows[i].pause_ms - 10, rows[i].pause_ms + 10);
	}
}

static void a_person_is_not_kept_waiting(void **state)
{
	struct tempo tempo = tempo_make(600, 5000);
	(void)state;

	(void)pause_after(&tempo, &failed);
	tempo_resume(&tempo);
	assert_true(tempo_free_ms(&tempo) <= NOW_MS);
}

static void messages_a_minute_count_beside_pauses(void **state)
{
	struct tempo tempo = tempo_make(1, 1000);
	const struct delivery_result answer = {.outcome = FRAME_OK};
	(void)state;

	tempo_sent(&tempo, NOW_MS * 1000);
	assert_int_equal(pause_after(&tempo, &answer), 50000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_while_failures_follow_each_other),
		cmocka_unit_test(any_answer_ends_them),
		cmocka_unit_test(a_receiver_may_ask_for_more_up_to_an_hour),
		cmocka_unit_test(a_person_is_not_kept_waiting),
		cmocka_unit_test(messages_a_minute_count_beside_pauses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
