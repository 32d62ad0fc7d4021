/* SPDX-License-Identifier: Apache-2.0 */
/* What a registry's polls say of it as a whole, and when that is reported. */
#include "poll/health.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BLIND_AFTER_MS INT64_C(900000)

static const struct err refused = {.code = ERR_IO, .text = "HTTP 503"};

/* Of `present` crates, with every one looked at once. */
static struct health swept(size_t present)
{
	struct health health = {.signs.present = present, .blind_after_ms = BLIND_AFTER_MS};

	for (size_t i = 0; i < present; i++)
		health_polled(&health, true);
	health_reporting(&health);
	health_reported(&health, true, 0);
	return health;
}

static void miss(struct health *health)
{
	health->signs.missing++;
	health_missing(health);
}

/* One more crate. */
static void another_fails(struct health *health)
{
	health->failing++;
	health_failed(health, &refused);
}

static void it_is_blind_after_its_time_without_one_good_poll(void **state)
{
	(void)state;
	struct health health = swept(1);
	int64_t now_ms = clock_mono_ms();

	another_fails(&health);
	int64_t due_ms = health_next_ms(&health, 1, 0);
	assert_in_range(due_ms, now_ms + BLIND_AFTER_MS, now_ms + BLIND_AFTER_MS + 60000);
	health_failed(&health, &refused);
	assert_int_equal(health_next_ms(&health, 1, 0), due_ms); /* counted from the first failure */
	health_look(&health, 1, due_ms - 1);
	assert_int_equal(health.report.blind, KNOWN_NO);
	health_look(&health, 1, due_ms);
	assert_int_equal(health.report.blind, KNOWN_YES);
	assert_string_equal(health.report.blind_why.text, "HTTP 503");
	assert_true(health_wants_report(&health, due_ms));
	health_polled(&health, true);
	assert_int_equal(health.report.blind, KNOWN_NO);
}

static void one_broken_crate_of_many_makes_nobody_blind(void **state)
{
	(void)state;
	struct health health = swept(10);
	int64_t late_ms = clock_mono_ms() + 10 * BLIND_AFTER_MS;

	another_fails(&health);
	another_fails(&health);
	health_look(&health, 10, late_ms);
	assert_int_equal(health.report.blind, KNOWN_NO);
	assert_int_equal(health_next_ms(&health, 10, late_ms), INT64_MAX);
	another_fails(&health);
	health_look(&health, 10, late_ms);
	assert_int_equal(health.report.blind, KNOWN_YES);
	health_polled(&health, true); /* the three stay broken, and are no news */
	health_failed(&health, &refused);
	health_look(&health, 10, late_ms);
	assert_int_equal(health.report.blind, KNOWN_NO);
}

static void a_registry_that_refuses_everything_is_blind_with_one_crate_asked(void **state)
{
	(void)state;
	struct health health = swept(10);

	another_fails(&health);
	health_refused(&health);
	health_look(&health, 10, clock_mono_ms() + BLIND_AFTER_MS + 1);
	assert_int_equal(health.report.blind, KNOWN_YES);
}

static void a_refusal_is_not_dated_back_to_a_broken_crate(void **state)
{
	(void)state;
	struct health health = swept(10);
	int64_t now_ms = clock_mono_ms();

	another_fails(&health);
	health.failing_since.mono_ms -= 10 * BLIND_AFTER_MS;
	health_failed(&health, &refused);
	health_refused(&health);
	health_look(&health, 10, now_ms + 1);
	assert_int_equal(health.report.blind, KNOWN_NO);
	assert_in_range(health_next_ms(&health, 10, now_ms), now_ms + BLIND_AFTER_MS, now_ms + BLIND_AFTER_MS + 60000);
	health_look(&health, 10, health_next_ms(&health, 10, now_ms));
	assert_int_equal(health.report.blind, KNOWN_YES);
	assert_int_equal(health.report.blind_ms, health.refused_since.wall_ms);
}

static void one_good_poll_starts_the_time_anew(void **state)
{
	(void)state;
	struct health health = swept(1);

	health_failed(&health, &refused);
	health_polled(&health, true);
	assert_int_equal(health_next_ms(&health, 1, 0), INT64_MAX);
	health_look(&health, 1, clock_mono_ms() + 10 * BLIND_AFTER_MS);
	assert_int_equal(health.report.blind, KNOWN_NO);
}

static void an_incident_is_reported_once_and_so_is_its_end(void **state)
{
	(void)state;
	struct health health = swept(40);

	for (size_t i = 0; i < 19; i++)
		miss(&health);
	assert_false(health_wants_report(&health, 0));
	miss(&health);
	assert_int_equal(health.report.incident, KNOWN_YES);
	assert_string_equal(health.report.incident_why.text, "20 of 40 crates are gone at once");
	assert_true(health_wants_report(&health, 0));
	health_reporting(&health);
	miss(&health);
	health_polled(&health, true);
	assert_false(health_wants_report(&health, 0));
	health_reported(&health, true, 0);
	assert_false(health_wants_report(&health, 0));
	health.signs.missing = 9;
	health_polled(&health, true);
	assert_int_equal(health.report.incident, KNOWN_NO);
	assert_true(health_wants_report(&health, 0));
}

static void after_a_start_only_a_whole_sweep_ends_an_incident(void **state)
{
	(void)state;
	struct health health = {.signs.present = 3, .not_looked_at = 1};

	for (int i = 0; i < 10; i++) /* however often the others are polled */
		health_polled(&health, true);
	assert_int_equal(health.report.blind, KNOWN_NO);
	assert_int_equal(health.report.incident, KNOWN_NOT);
	health.not_looked_at = 0;
	health_polled(&health, true);
	assert_int_equal(health.report.incident, KNOWN_NO);
}

static void a_config_that_is_gone_twice_is_an_incident_until_it_is_back(void **state)
{
	(void)state;
	static const struct err gone = {.code = ERR_IO, .text = "config.json: HTTP 404"};
	struct health health = swept(1);

	health_config_gone(&health, &gone);
	assert_int_equal(health.report.incident, KNOWN_NO);
	health_config_gone(&health, &gone);
	assert_int_equal(health.report.incident, KNOWN_YES);
	assert_string_equal(health.report.incident_why.text, gone.text);
	health_config_good(&health);
	assert_int_equal(health.report.incident, KNOWN_NO);
}

static void a_report_that_was_not_stored_is_sent_again_later(void **state)
{
	(void)state;
	struct health health = swept(3);

	for (size_t i = 0; i < 3; i++)
		miss(&health);
	health_reporting(&health);
	health_reported(&health, false, 1000);
	assert_false(health_wants_report(&health, 1000));
	assert_int_equal(health_next_ms(&health, 1, 0), 1000 + HEALTH_REPORT_AGAIN_MS);
	assert_true(health_wants_report(&health, 1000 + HEALTH_REPORT_AGAIN_MS));
}

static void what_is_told_as_deleted_counts_until_the_end_of_the_next_sweep(void **state)
{
	(void)state;
	struct health health = swept(40);

	for (size_t i = 0; i < 19; i++) {
		miss(&health);
		health.signs.missing--;
		health.signs.present--;
		health_told(&health);
	}
	assert_int_equal(health.report.incident, KNOWN_NO);
	miss(&health);
	assert_int_equal(health.report.incident, KNOWN_YES);
	health.signs.missing--;
	for (size_t i = 0; i < 2 * health.signs.present; i++)
		health_polled(&health, true);
	assert_int_equal(health.signs.told, 0);
	assert_int_equal(health.report.incident, KNOWN_NO);
}

static void a_registry_without_crates_has_no_trouble(void **state)
{
	(void)state;
	static const struct err gone = {.code = ERR_IO, .text = "config.json: HTTP 404"};
	struct health health = swept(1);

	another_fails(&health);
	health_look(&health, 1, clock_mono_ms() + BLIND_AFTER_MS + 1);
	health_config_gone(&health, &gone);
	health_config_gone(&health, &gone);
	health_look(&health, 0, clock_mono_ms());
	assert_int_equal(health.report.blind, KNOWN_NO);
	assert_int_equal(health.report.incident, KNOWN_NO);
	health_reporting(&health);
	assert_int_equal(health_next_ms(&health, 0, 0), INT64_MAX);
}

static void another_index_is_not_known_at_all(void **state)
{
	(void)state;
	struct health health = swept(3);

	health_failed(&health, &refused);
	health_reset(&health);
	assert_int_equal(health.report.blind, KNOWN_NOT);
	assert_int_equal(health.report.incident, KNOWN_NOT);
	assert_int_equal(health.signs.present, 0); /* its crates are counted as they are met */
	assert_int_equal(health.blind_after_ms, BLIND_AFTER_MS);
	assert_int_equal(health_next_ms(&health, 1, 0), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_blind_after_its_time_without_one_good_poll),
		cmocka_unit_test(one_broken_crate_of_many_makes_nobody_blind),
		cmocka_unit_test(a_registry_that_refuses_everything_is_blind_with_one_crate_asked),
		cmocka_unit_test(a_refusal_is_not_dated_back_to_a_broken_crate),
		cmocka_unit_test(one_good_poll_starts_the_time_anew),
		cmocka_unit_test(an_incident_is_reported_once_and_so_is_its_end),
		cmocka_unit_test(after_a_start_only_a_whole_sweep_ends_an_incident),
		cmocka_unit_test(a_config_that_is_gone_twice_is_an_incident_until_it_is_back),
		cmocka_unit_test(a_report_that_was_not_stored_is_sent_again_later),
		cmocka_unit_test(what_is_told_as_deleted_counts_until_the_end_of_the_next_sweep),
		cmocka_unit_test(a_registry_without_crates_has_no_trouble),
		cmocka_unit_test(another_index_is_not_known_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
