/* SPDX-License-Identifier: Apache-2.0 */
/* Which reply is newer than what is recorded, and what of it must wait. */
#include "model/belief.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void only_last_modified_tells_older_from_newer(void **state)
{
	(void)state;
	static const struct {
		int64_t recorded, seen;
		enum belief expected;
	} rows[] = {
		{0, 0, BELIEF_GUARDED},       {0, 100, BELIEF_GUARDED}, {100, 0, BELIEF_GUARDED},
		{100, 100, BELIEF_GUARDED},   {100, 101, BELIEF_WHOLE}, {100, 99, BELIEF_STALE},
		{1, INT64_MAX, BELIEF_WHOLE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(belief_in(rows[i].recorded, rows[i].seen), rows[i].expected);
}

static void a_date_in_the_future_is_the_servers_clock(void **state)
{
	(void)state;

	static const struct {
		int64_t last_modified, date, now, expected;
	} rows[] = {
		{100, 200, 200, 100}, {300, 200, 200, 200},     {0, 200, 200, 0},
		{300, 0, 400, 300},   {500, 0, 400, 400},       {500, 450, 400, 450}, /* it is a little ahead */
		{450, 500, 400, 450}, {90000, 90000, 400, 400},                       /* its clock is wrong */
		{300, 200, 1, 200},                                                   /* ours is behind, but not much */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(belief_clamp(rows[i].last_modified, rows[i].date, rows[i].now), rows[i].expected);
}

static void what_a_stale_copy_could_show_waits_its_time(void **state)
{
	(void)state;
	static const struct belief_confirm confirm = {.unyanked_ms = 1000, .deleted_ms = 5000};
	static const struct {
		enum event_kind kind;
		int64_t waits_ms; /* 0: not at all */
	} rows[] = {
		{EVENT_PUBLISHED, 0},         {EVENT_YANKED, 0},
		{EVENT_UNYANKED, 1000},       {EVENT_VERSION_DELETED, 5000},
		{EVENT_CRATE_DELETED, 5000},  {EVENT_CRATE_CREATED, 0},
		{EVENT_CHECKSUM_CHANGED, 0},  {EVENT_METADATA_CHANGED, 1000},
		{EVENT_REGISTRY_BLIND, 0},    {EVENT_REGISTRY_BACK, 0},
		{EVENT_REGISTRY_INCIDENT, 0}, {EVENT_FINDING_OPENED, 0},
		{EVENT_FINDING_RESOLVED, 0},  {EVENT_REPLACEMENT_AVAILABLE, 0},
		{EVENT_REASON_CHANGED, 0},
	};

	assert_int_equal(ARRAY_LEN(rows), EVENT_KINDS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(belief_waits(rows[i].kind, 0, &confirm), rows[i].waits_ms > 0);
		assert_int_equal(belief_waits(rows[i].kind, rows[i].waits_ms - 1, &confirm), rows[i].waits_ms > 0);
		assert_false(belief_waits(rows[i].kind, rows[i].waits_ms, &confirm));
	}
}

static void a_time_of_nothing_waits_for_nothing(void **state)
{
	(void)state;
	static const struct belief_confirm at_once;

	for (int kind = 0; kind < EVENT_KINDS; kind++)
		assert_false(belief_waits((enum event_kind)kind, 0, &at_once));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_last_modified_tells_older_from_newer),
		cmocka_unit_test(a_date_in_the_future_is_the_servers_clock),
		cmocka_unit_test(what_a_stale_copy_could_show_waits_its_time),
		cmocka_unit_test(a_time_of_nothing_waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
