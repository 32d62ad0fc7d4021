/* SPDX-License-Identifier: Apache-2.0 */
/* The product's words: spelled one way in both directions, their numbers stored for ever. */
#include "model/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* In the order of their numbers, which stand in databases. */
static const char *const kinds[EVENT_KINDS] = {
	"published",         "yanked",           "unyanked",         "version_deleted",       "crate_deleted",
	"crate_created",     "checksum_changed", "metadata_changed", "registry_blind",        "registry_back",
	"registry_incident", "finding_opened",   "finding_resolved", "replacement_available", "reason_changed",
};
static const char *const severities[SEVERITIES] = {"info", "low", "medium", "high", "critical"};

static void every_kind_makes_the_round_trip(void **state)
{
	(void)state;
	enum event_kind kind;

	for (unsigned i = 0; i < EVENT_KINDS; i++) {
		assert_string_equal(event_kind_name((enum event_kind)i), kinds[i]);
		assert_true(event_kind_parse(kinds[i], &kind));
		assert_int_equal(kind, i);
	}
}

static void every_severity_has_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SEVERITIES; i++)
		assert_string_equal(severity_name((enum severity)i), severities[i]);
}

static void other_words_are_not_ours(void **state)
{
	(void)state;
	static const char *const rows[] = {"", "Yanked", "yanked ", "yank", "HIGH", "warn", "high,low", "un-yanked"};
	enum event_kind kind;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(event_kind_parse(rows[i], &kind));
}

static void severities_are_those_of_a_listed_crate_without_a_project(void **state)
{
	(void)state;
	static const struct {
		enum severity named, bulk;
	} expected[EVENT_KINDS] = {
		[EVENT_PUBLISHED] = {SEVERITY_INFO, SEVERITY_INFO},
		[EVENT_YANKED] = {SEVERITY_HIGH, SEVERITY_LOW},
		[EVENT_UNYANKED] = {SEVERITY_INFO, SEVERITY_INFO},
		[EVENT_VERSION_DELETED] = {SEVERITY_HIGH, SEVERITY_LOW},
		[EVENT_CRATE_DELETED] = {SEVERITY_HIGH, SEVERITY_LOW},
		[EVENT_CRATE_CREATED] = {SEVERITY_HIGH, SEVERITY_LOW},
		[EVENT_CHECKSUM_CHANGED] = {SEVERITY_CRITICAL, SEVERITY_CRITICAL},
		[EVENT_METADATA_CHANGED] = {SEVERITY_LOW, SEVERITY_LOW},
		[EVENT_REGISTRY_BLIND] = {SEVERITY_MEDIUM, SEVERITY_MEDIUM},
		[EVENT_REGISTRY_BACK] = {SEVERITY_INFO, SEVERITY_INFO},
		[EVENT_REGISTRY_INCIDENT] = {SEVERITY_MEDIUM, SEVERITY_MEDIUM},
		[EVENT_FINDING_OPENED] = {SEVERITY_HIGH, SEVERITY_HIGH},
		[EVENT_FINDING_RESOLVED] = {SEVERITY_INFO, SEVERITY_INFO},
		[EVENT_REPLACEMENT_AVAILABLE] = {SEVERITY_INFO, SEVERITY_INFO},
		[EVENT_REASON_CHANGED] = {SEVERITY_INFO, SEVERITY_INFO},
	};

	for (unsigned i = 0; i < EVENT_KINDS; i++) {
		assert_int_equal(severity_of((enum event_kind)i, false), expected[i].named);
		assert_int_equal(severity_of((enum event_kind)i, true), expected[i].bulk);
	}
}

static void what_takes_back_and_what_is_taken_back_agree(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind, by;
	} rows[] = {
		{EVENT_YANKED, EVENT_UNYANKED},
		{EVENT_VERSION_DELETED, EVENT_PUBLISHED},
		{EVENT_CRATE_DELETED, EVENT_CRATE_CREATED},
		{EVENT_REGISTRY_BLIND, EVENT_REGISTRY_BACK},
		{EVENT_REGISTRY_INCIDENT, EVENT_REGISTRY_BACK},
		{EVENT_FINDING_OPENED, EVENT_FINDING_RESOLVED},
	};
	size_t taken = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum event_kind by;
		assert_true(event_kind_taken_back_by(rows[i].kind, &by));
		assert_int_equal(by, rows[i].by);
		assert_true(event_kind_takes_back(by) & 1u << rows[i].kind);
	}
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		enum event_kind by;
		taken += event_kind_taken_back_by((enum event_kind)kind, &by);
	}
	assert_int_equal(taken, ARRAY_LEN(rows));
}

static void news_follow_what_they_take_back_or_tell_more_of(void **state)
{
	(void)state;
	assert_int_equal(event_kind_follows(EVENT_UNYANKED), 1u << EVENT_YANKED);
	assert_int_equal(event_kind_follows(EVENT_REASON_CHANGED), 1u << EVENT_YANKED);
	assert_int_equal(event_kind_takes_back(EVENT_REASON_CHANGED), 0);
	assert_int_equal(event_kind_follows(EVENT_YANKED), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_makes_the_round_trip),
		cmocka_unit_test(every_severity_has_its_name),
		cmocka_unit_test(other_words_are_not_ours),
		cmocka_unit_test(what_takes_back_and_what_is_taken_back_agree),
		cmocka_unit_test(news_follow_what_they_take_back_or_tell_more_of),
		cmocka_unit_test(severities_are_those_of_a_listed_crate_without_a_project),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
