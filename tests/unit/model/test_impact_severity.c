/* SPDX-License-Identifier: Apache-2.0 */
/* How severe it is, and what to move to: the product's tables. */
#include "model/impact.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define INFO SEVERITY_INFO
#define LOW SEVERITY_LOW
#define MEDIUM SEVERITY_MEDIUM
#define HIGH SEVERITY_HIGH
#define CRITICAL SEVERITY_CRITICAL

static const struct impact movable = {.hits = true, .locked = true, .would_pick = "1.0.1"};
static const struct impact stuck = {.hits = true, .locked = true};
static const struct impact allowed = {.hits = true, .would_pick = "1.0.0"};

static void a_finding_has_the_severity_of_the_table(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		enum severity movable, stuck, allowed;
	} rows[] = {
		{EVENT_YANKED, HIGH, CRITICAL, MEDIUM},
		{EVENT_VERSION_DELETED, CRITICAL, CRITICAL, MEDIUM},
		{EVENT_CRATE_DELETED, CRITICAL, CRITICAL, MEDIUM},
		{EVENT_CHECKSUM_CHANGED, CRITICAL, CRITICAL, CRITICAL},
		{EVENT_PUBLISHED, CRITICAL, CRITICAL, INFO}, /* again, with another checksum */
		{EVENT_METADATA_CHANGED, MEDIUM, MEDIUM, LOW},
		{EVENT_UNYANKED, INFO, INFO, INFO},
		{EVENT_FINDING_OPENED, HIGH, CRITICAL, HIGH},
		{EVENT_FINDING_RESOLVED, INFO, INFO, INFO},
		{EVENT_REPLACEMENT_AVAILABLE, INFO, INFO, INFO},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(impact_severity(rows[i].kind, &movable), rows[i].movable);
		assert_int_equal(impact_severity(rows[i].kind, &stuck), rows[i].stuck);
		assert_int_equal(impact_severity(rows[i].kind, &allowed), rows[i].allowed);
	}
}

static void a_finding_is_within_the_range_of_its_kind(void **state)
{
	(void)state;
	const struct impact *const impacts[] = {&movable, &stuck, &allowed};

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_LEN(impacts); i++) {
			enum severity severity = impact_severity((enum event_kind)kind, impacts[i]);
			assert_true(severity >= severity_least((enum event_kind)kind));
			assert_true(severity <= severity_most((enum event_kind)kind));
		}
	}
}

static void an_event_without_findings_goes_by_who_lists_the_crate(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		enum severity named, bulk, belongs, belongs_and_named;
	} rows[] = {
		{EVENT_YANKED, HIGH, LOW, LOW, LOW},
		{EVENT_VERSION_DELETED, HIGH, LOW, LOW, LOW},
		{EVENT_CRATE_DELETED, HIGH, LOW, LOW, LOW},
		{EVENT_CRATE_CREATED, HIGH, LOW, LOW, HIGH},
		{EVENT_CHECKSUM_CHANGED, CRITICAL, CRITICAL, CRITICAL, CRITICAL},
		{EVENT_METADATA_CHANGED, LOW, LOW, LOW, LOW},
		{EVENT_PUBLISHED, INFO, INFO, INFO, INFO},
		{EVENT_REGISTRY_BLIND, MEDIUM, MEDIUM, MEDIUM, MEDIUM},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum severity expected[] = {rows[i].bulk, rows[i].named, rows[i].belongs,
						  rows[i].belongs_and_named};
		for (unsigned bits = 0; bits < ARRAY_LEN(expected); bits++) {
			struct impact_listing listing = {.belongs = bits & 2, .named = bits & 1};
			assert_int_equal(impact_event_severity(rows[i].kind, listing, NULL, 0), expected[bits]);
		}
	}
}

static void an_event_is_as_severe_as_its_worst_finding(void **state)
{
	(void)state;
	const struct impact_listing belongs = {.belongs = true};
	const enum severity findings[] = {MEDIUM, CRITICAL, HIGH};

	assert_int_equal(impact_event_severity(EVENT_YANKED, belongs, findings, 3), CRITICAL);
	assert_int_equal(impact_event_severity(EVENT_YANKED, belongs, findings, 1), MEDIUM);
	assert_int_equal(impact_event_severity(EVENT_PUBLISHED, belongs, (const enum severity[]){INFO}, 1), INFO);
}

static void a_replacement_is_the_best_that_is_left(void **state)
{
	(void)state;
	static const struct {
		const char *bad;
		struct impact_version versions[5];
		const char *replacement;
		bool compatible;
		size_t usable;
	} rows[] = {
		{"1.0.0", {{"1.0.0", true}, {"1.1.0", true}, {"1.2.0", false}, {"2.0.0", true}}, "1.1.0", true, 2},
		{"1.5.0", {{"1.4.0", true}, {"2.0.0", true}}, "1.4.0", true, 2}, /* older ones are alike, too */
		{"1.0.0", {{"0.9.0", true}, {"2.0.0", true}, {"3.0.0-rc.1", true}}, "2.0.0", false, 3},
		{"1.0.0", {{"1.0.0", false}, {"1.1.0", false}}, NULL, false, 0},
		{"1.0.0", {{0}}, NULL, false, 0},
		{"0.1.0", {{"0.2.0", true}, {"0.1.1", true}}, "0.1.1", true, 2},
		{"0.0.1", {{"0.0.2", true}}, "0.0.2", false, 1},
		/* Cargo takes a pre-release only where one of the same numbers is asked for. */
		{"1.0.0", {{"1.1.0-rc.1", true}, {"1.0.0-rc.1", true}}, "1.1.0-rc.1", false, 2},
		{"1.0.0", {{"1.1.0-rc.1", true}, {"0.9.0", true}}, "0.9.0", false, 2},
		{"1.0.0-rc.1", {{"1.0.0-rc.2", true}, {"1.1.0-rc.1", true}}, "1.0.0-rc.2", true, 2},
		{"1.0.0-rc.1", {{"1.0.0-rc.2", true}, {"1.0.0", true}}, "1.0.0", true, 2},
		/* What is no version is none to move to; and from one that is none nothing is compatible. */
		{"1.0.0", {{"1.1", true}, {"latest", true}}, NULL, false, 0},
		{"nightly", {{"1.1.0", true}, {"1.0.0", true}, {"2.0.0-a", true}}, "1.1.0", false, 3},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = 0;
		while (n < ARRAY_LEN(rows[i].versions) && rows[i].versions[n].version)
			n++;
		struct impact_replacement it = impact_replacement(rows[i].bad, rows[i].versions, n);
		assert_int_equal(it.usable, rows[i].usable);
		if (rows[i].replacement)
			assert_string_equal(it.version, rows[i].replacement);
		else
			assert_null(it.version);
		assert_int_equal(it.compatible, rows[i].compatible);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_has_the_severity_of_the_table),
		cmocka_unit_test(a_finding_is_within_the_range_of_its_kind),
		cmocka_unit_test(an_event_without_findings_goes_by_who_lists_the_crate),
		cmocka_unit_test(an_event_is_as_severe_as_its_worst_finding),
		cmocka_unit_test(a_replacement_is_the_best_that_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
