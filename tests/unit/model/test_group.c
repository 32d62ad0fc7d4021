/* SPDX-License-Identifier: Apache-2.0 */
/* Which events stand together and when they are due: the wait, full hours, a time of the local day, summer time. */
#include "model/route.h"

#include "base/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define MINUTE (INT64_C(60) * 1000)

static int64_t at(const char *text)
{
	int64_t ms = 0;

	assert_true(time_parse_rfc3339(text, &ms));
	return ms;
}

static void set_zone(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
	tzset();
}

static void groups_are_due_when_their_schedule_says(void **state)
{
	(void)state;
	static const struct grouping at_once = {0};
	static const struct grouping wait = {.by = GROUP_BY_CRATE, .wait_ms = 30000};
	static const struct grouping hourly = {.digest = DIGEST_HOURLY};
	static const struct grouping daily = {.digest = DIGEST_DAILY, .digest_minute = DIGEST_MINUTE_DEFAULT};
	static const struct grouping late = {.digest = DIGEST_DAILY, .digest_minute = 2 * 60 + 30};
	static const struct grouping both = {.digest = DIGEST_HOURLY, .wait_ms = 10 * MINUTE};
	static const struct {
		const char *zone;
		const struct grouping *grouping;
		const char *first, *due;
	} rows[] = {
		{"UTC", &at_once, "2026-11-21T09:30:00.123Z", "2026-11-21T09:30:00.123Z"},
		{"UTC", &wait, "2026-11-21T09:30:00.123Z", "2026-11-21T09:30:30.123Z"},
		{"UTC", &hourly, "2026-11-21T09:30:00.123Z", "2026-11-21T10:00:00Z"},
		{"UTC", &hourly, "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"},
		{"UTC", &hourly, "2026-11-21T09:59:59.999Z", "2026-11-21T10:00:00Z"},
		{"UTC", &hourly, "2026-11-21T10:00:00.001Z", "2026-11-21T11:00:00Z"},
		{"UTC", &both, "2026-11-21T09:45:00Z", "2026-11-21T10:00:00Z"},
		{"UTC", &both, "2026-11-21T09:55:00Z", "2026-11-21T11:00:00Z"},
		/* half an hour beside UTC: its own full hour */
		{"IST-5:30", &hourly, "2026-11-21T09:10:00Z", "2026-11-21T09:30:00Z"},
		{"UTC", &daily, "2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"},
		{"UTC", &daily, "2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z"},
		{"UTC", &daily, "2026-11-21T08:00:00.001Z", "2026-11-22T08:00:00Z"},
		{"UTC", &daily, "2026-12-31T23:00:00Z", "2027-01-01T08:00:00Z"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", &daily, "2026-07-01T12:00:00Z", "2026-07-02T06:00:00Z"},
		/* summer time begins and ends in the night between: 23 and 25 hours */
		{"CET-1CEST,M3.5.0,M10.5.0/3", &daily, "2026-03-28T07:00:00.001Z", "2026-03-29T06:00:00Z"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", &daily, "2026-10-24T06:00:00.001Z", "2026-10-25T07:00:00Z"},
		/* a time that the clocks jump over */
		{"CET-1CEST,M3.5.0,M10.5.0/3", &late, "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		set_zone(rows[i].zone);
		int64_t first = at(rows[i].first);
		int64_t due = grouping_due_ms(rows[i].grouping, first);
		char text[TIME_TEXT_MAX];
		if (due != at(rows[i].due))
			fail_msg("row %zu: %s, not %s", i, time_format_rfc3339(due, text), rows[i].due);
		assert_true(due - first <= grouping_max_ms(rows[i].grouping));
	}
	set_zone("UTC");
}

static void a_digest_is_never_further_away_than_its_maximum(void **state)
{
	(void)state;
	int64_t first = at("2026-10-20T00:00:00Z");

	set_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	for (unsigned minute = 0; minute < 24 * 60; minute += 17) {
		const struct grouping daily = {.digest = DIGEST_DAILY, .digest_minute = minute};
		for (int i = 0; i < 400; i++) {
			int64_t from = first + (int64_t)i * 37 * MINUTE;
			int64_t due = grouping_due_ms(&daily, from);
			assert_true(due >= from && due - from <= grouping_max_ms(&daily));
		}
	}
	set_zone("UTC");
}

static const struct routed_project projects[] = {{"payments", "sec"}, {"edge", "web"}};

static void check_key(const struct grouping *grouping, const struct routed_event *event, const char *expected)
{
	OWNED_STRBUF struct strbuf key = {0};

	assert_int_equal(grouping_write_key(grouping, event, &key), expected != NULL);
	assert_string_equal(strbuf_str(&key), expected ? expected : "");
}

static void a_key_is_what_events_have_in_common_and_the_schedule(void **state)
{
	(void)state;
	const struct routed_event event = {.registry = "r", .crate = "demo", .projects = projects, .n_projects = 2};
	const struct routed_event of_none = {.registry = "r", .crate = "demo"};
	const struct grouping rows[] = {
		{.by = GROUP_BY_CRATE},
		{.by = GROUP_BY_NONE, .wait_ms = 30000},
		{.by = GROUP_BY_CRATE, .wait_ms = 30000},
		{.by = GROUP_BY_REGISTRY, .digest = DIGEST_HOURLY},
		{.by = GROUP_BY_PROJECT, .digest = DIGEST_DAILY, .digest_minute = 480},
	};
	static const char *const expected[] = {NULL, NULL, "30000 0 0 crate r demo", "0 1 0 registry r",
					       "0 2 480 project payments"};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_key(&rows[i], &event, expected[i]);
	check_key(&rows[4], &of_none, "0 2 480 project ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_due_when_their_schedule_says),
		cmocka_unit_test(a_digest_is_never_further_away_than_its_maximum),
		cmocka_unit_test(a_key_is_what_events_have_in_common_and_the_schedule),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
