/* SPDX-License-Identifier: Apache-2.0 */
/* When a web API may be asked: after the last reply, after a failure, after a refusal. */
#include "poll/reason_api.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_MS (INT64_C(60) * 60 * 1000)
#define MIDDLE (UINT32_MAX / 2) /* a random number that changes nothing, to a millisecond */

static const struct err refused = {.code = ERR_REFUSED, .text = "HTTP 403"};
static const struct err broken = {.code = ERR_IO, .text = "HTTP 500"};

static struct reason_api *new_api(void)
{
	struct reason_api *api = reason_api_new(NULL, "https://api.example");

	assert_non_null(api);
	api->each_ms = 1000;
	return api;
}

static void refusals_pause_as_long_as_they_ask_and_longer_each_time(void **state)
{
	(void)state;
	static const struct {
		unsigned refusals;
		int64_t retry_after_ms, least_ms, most_ms;
	} rows[] = {
		{1, 0, 60000, 75000},
		{2, 0, 90000, 150000},
		{3, 0, 180000, 300000},
		{1, 7000, 7000, 8750},
		{2, 7000, 10500, 17500},
		{1, 1, 1000, 1250},
		{1, 24 * HOUR_MS, HOUR_MS, HOUR_MS},
		{7, 0, HOUR_MS * 3 / 4, HOUR_MS},
		{1000, 30000, HOUR_MS * 3 / 4, HOUR_MS},
		{1000, 24 * HOUR_MS, HOUR_MS, HOUR_MS},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t retry_after_ms = rows[i].retry_after_ms;
		assert_in_range(reason_api_limit_ms(rows[i].refusals, retry_after_ms, 0), rows[i].least_ms,
				rows[i].most_ms);
		assert_in_range(reason_api_limit_ms(rows[i].refusals, retry_after_ms, UINT32_MAX), rows[i].least_ms,
				rows[i].most_ms);
		assert_true(reason_api_limit_ms(rows[i].refusals, retry_after_ms, 0) >= rows[i].least_ms);
	}
}

static void a_new_one_waits_as_if_it_had_been_asked_just_now(void **state)
{
	(void)state;
	int64_t before_ms = clock_mono_ms();
	struct reason_api *api = new_api();

	assert_true(reason_api_free_ms(api) > before_ms + 1000);
	reason_api_free(api);
}

static void only_failures_in_a_row_pause_it(void **state)
{
	(void)state;
	struct reason_api *api = new_api();

	for (int i = 0; i < 10; i++) {
		reason_api_failed(api, &broken, MIDDLE);
		reason_api_failed(api, &broken, MIDDLE);
		reason_api_answered(api);
	}
	assert_int_equal(api->paused_until_ms, 0);
	for (int i = 0; i < REASON_API_FAILURES_MAX; i++)
		reason_api_failed(api, &broken, MIDDLE);
	assert_true(api->paused_until_ms >= clock_mono_ms() + REASON_API_PAUSE_FIRST_MS - 100);
	for (int i = 0; i < 10; i++)
		reason_api_failed(api, &broken, UINT32_MAX);
	assert_true(api->paused_until_ms <= clock_mono_ms() + REASON_API_PAUSE_MAX_MS * 5 / 4);
	assert_true(reason_api_free_ms(api) >= api->paused_until_ms);
	assert_int_equal(api->counters.failures, 20 + REASON_API_FAILURES_MAX + 10);
	reason_api_free(api);
}

static void its_status_says_how_it_is(void **state)
{
	(void)state;
	struct reason_api *api = new_api();
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	reason_api_status(api, &w);
	assert_string_equal(strbuf_str(&out),
			    "\"api\":\"https://api.example\",\"state\":\"ok\",\"requests\":0,\"failures\":0");
	strbuf_reset(&out);
	reason_api_limited(api, 0, &refused, MIDDLE);
	reason_api_status(api, &w);
	assert_non_null(strstr(strbuf_str(&out), "\"state\":\"paused\""));
	assert_non_null(strstr(strbuf_str(&out), "\"paused_until\":\""));
	assert_non_null(strstr(strbuf_str(&out), "\"last_error\":{\"text\":\"HTTP 403\",\"at\":\""));
	reason_api_free(api);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_pause_as_long_as_they_ask_and_longer_each_time),
		cmocka_unit_test(a_new_one_waits_as_if_it_had_been_asked_just_now),
		cmocka_unit_test(only_failures_in_a_row_pause_it),
		cmocka_unit_test(its_status_says_how_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
