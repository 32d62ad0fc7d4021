/* SPDX-License-Identifier: Apache-2.0 */
/* The line that a person reads first: of one event, of a crate's, of many. */
#include "model/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct subject_event *events, size_t n, const char *expected)
{
	OWNED_STRBUF struct strbuf out = {0};

	subject_write(&out, events, n);
	assert_string_equal(strbuf_str(&out), expected);
}

#define YANK(name, vers)                                                                                             \
	{                                                                                                            \
		.kind = EVENT_YANKED, .severity = SEVERITY_HIGH, .registry = "r", .crate = (name), .version = (vers) \
	}
#define OF(what, level, name, vers)                                                                      \
	{                                                                                                \
		.kind = (what), .severity = (level), .registry = "r", .crate = (name), .version = (vers) \
	}

static void one_event_says_what_happened(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		enum severity severity;
		const char *version, *expected;
	} rows[] = {
		{EVENT_PUBLISHED, SEVERITY_INFO, "1.2.3", "[info] demo-crate 1.2.3 published"},
		{EVENT_YANKED, SEVERITY_HIGH, "1.2.3", "[high] demo-crate 1.2.3 yanked"},
		{EVENT_UNYANKED, SEVERITY_INFO, "1.2.3", "[info] demo-crate 1.2.3 un-yanked"},
		{EVENT_VERSION_DELETED, SEVERITY_HIGH, "1.2.3", "[high] demo-crate 1.2.3 deleted from the registry"},
		{EVENT_CRATE_DELETED, SEVERITY_HIGH, "", "[high] demo-crate is gone from the registry"},
		{EVENT_CRATE_CREATED, SEVERITY_HIGH, "", "[high] demo-crate is in the registry now"},
		{EVENT_CHECKSUM_CHANGED, SEVERITY_CRITICAL, "1.2.3",
		 "[critical] demo-crate 1.2.3 has another checksum than before"},
		{EVENT_METADATA_CHANGED, SEVERITY_LOW, "1.2.3",
		 "[low] demo-crate 1.2.3 has other metadata than before"},
		{EVENT_REGISTRY_BLIND, SEVERITY_MEDIUM, "", "[medium] registry internal cannot be polled"},
		{EVENT_REGISTRY_BACK, SEVERITY_INFO, "", "[info] registry internal is well again"},
		{EVENT_REGISTRY_INCIDENT, SEVERITY_MEDIUM, "",
		 "[medium] registry internal has lost crates or its config.json: deletions are held back"},
		{EVENT_FINDING_OPENED, SEVERITY_HIGH, "1.2.3", "[high] demo-crate 1.2.3 found bad in a project"},
		{EVENT_FINDING_RESOLVED, SEVERITY_INFO, "1.2.3", "[info] demo-crate 1.2.3 resolved in a project"},
		{EVENT_REPLACEMENT_AVAILABLE, SEVERITY_INFO, "1.2.3",
		 "[info] demo-crate 1.2.3 can be replaced in a project"},
		{EVENT_REASON_CHANGED, SEVERITY_INFO, "1.2.3", "[info] demo-crate 1.2.3 has news of why it was yanked"},
	};

	assert_int_equal(ARRAY_LEN(rows), EVENT_KINDS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct subject_event event = {
			.registry = "internal",
			.crate = !event_kind_is_of_registry(rows[i].kind) ? "demo-crate" : "",
			.version = rows[i].version,
			.kind = rows[i].kind,
			.severity = rows[i].severity,
		};
		check(&event, 1, rows[i].expected);
	}
}

static void one_event_names_the_project_that_is_locked_to_it(void **state)
{
	(void)state;
	struct subject_event event = YANK("demo-crate", "1.2.3");

	event.locked = "payments";
	event.n_locked = 1;
	check(&event, 1, "[high] demo-crate 1.2.3 yanked: payments locks it");
	event.n_locked = 4;
	check(&event, 1, "[high] demo-crate 1.2.3 yanked: payments and 3 more lock it");
}

#define FINDING(what, name, vers, of)                                                                           \
	{                                                                                                       \
		.kind = (what), .severity = SEVERITY_HIGH, .registry = "r", .crate = (name), .version = (vers), \
		.project = (of), .sentence = "a sentence"                                                       \
	}

static void an_event_of_one_project_is_its_sentence(void **state)
{
	(void)state;
	const struct subject_event event = FINDING(EVENT_FINDING_OPENED, "demo", "1", "payments");

	check(&event, 1, "[high] a sentence");
}

static void events_of_projects_are_counted_by_what_they_have_in_common(void **state)
{
	(void)state;
	struct subject_event events[] = {
		FINDING(EVENT_FINDING_OPENED, "demo", "1", "payments"),
		FINDING(EVENT_FINDING_OPENED, "serde", "1", "payments"),
		FINDING(EVENT_FINDING_RESOLVED, "serde", "2", "payments"),
		FINDING(EVENT_REPLACEMENT_AVAILABLE, "serde", "2", "payments"),
	};

	check(events, 2, "[high] payments: 2 findings opened");
	check(events, 3, "[high] payments: 2 findings opened, 1 resolved");
	check(events, 4, "[high] payments: 2 findings opened, 1 resolved, 1 replacement available");
	check(events + 2, 2, "[high] payments: 1 finding resolved, 1 replacement available");
	events[0].project = "web";
	check(events, 4, "[high] 2 projects: 2 findings opened, 1 resolved, 1 replacement available");
	events[2].project = "web";
	check(events + 2, 2, "[high] serde 2 in 2 projects: 1 finding resolved, 1 replacement available");
	check(events + 1, 2, "[high] serde in 2 projects: 1 finding opened, 1 resolved");
}

static void findings_stand_beside_other_events(void **state)
{
	(void)state;
	const struct subject_event events[] = {
		YANK("demo", "1"),
		FINDING(EVENT_FINDING_OPENED, "demo", "1", "payments"),
		FINDING(EVENT_FINDING_OPENED, "serde", "1", "payments"),
	};

	check(events, 2, "[high] demo 1: yanked, then found bad in a project");
	check(events, 3, "[high] 3 events of 2 crates in r: 2 found bad in projects, 1 yanked");
}

static void a_burst_of_one_crate_is_counted(void **state)
{
	(void)state;
	struct subject_event burst[100];
	char versions[100][16];

	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(versions[i], sizeof versions[i], "0.%u.%u", i / 10 + 1, i % 10);
		burst[i] = (struct subject_event)YANK("demo-crate", versions[i]);
	}
	check(burst, 100, "[high] demo-crate: 100 versions yanked (0.1.0 to 0.10.9)");
}

static void several_kinds_of_one_crate_are_counted_apart(void **state)
{
	(void)state;
	const struct subject_event events[] = {
		OF(EVENT_PUBLISHED, SEVERITY_INFO, "demo", "1.0.1"),
		YANK("demo", "1.0.0"),
		YANK("demo", "0.9.0"),
		OF(EVENT_METADATA_CHANGED, SEVERITY_LOW, "demo", "1.0.0"),
	};

	check(events, 4, "[high] demo: 2 yanked, 1 published, 1 with other metadata");
}

static void the_last_state_of_one_version_is_said(void **state)
{
	(void)state;
	const struct subject_event events[] = {
		YANK("demo", "1.2.3"), OF(EVENT_UNYANKED, SEVERITY_INFO, "demo", "1.2.3"),
		YANK("demo", "1.2.3"), OF(EVENT_UNYANKED, SEVERITY_INFO, "demo", "1.2.3"),
		YANK("demo", "1.2.3"),
	};

	check(events, 2, "[high] demo 1.2.3: yanked, then un-yanked");
	check(events, 4, "[high] demo 1.2.3: yanked, then un-yanked, then yanked, then un-yanked");
	check(events, 5, "[high] demo 1.2.3: 5 changes, at last yanked");
}

static void many_crates_are_counted_with_their_registry(void **state)
{
	(void)state;
	struct subject_event events[] = {
		YANK("a", "1"), YANK("b", "1"),
		YANK("a", "2"), OF(EVENT_PUBLISHED, SEVERITY_INFO, "c", "1"),
		YANK("d", "1"), OF(EVENT_CHECKSUM_CHANGED, SEVERITY_CRITICAL, "e", "1"),
	};

	check(events, 6, "[critical] 6 events of 5 crates in r: 4 yanked, 1 published, 1 with another checksum");
	events[5].registry = "other";
	check(events, 6,
	      "[critical] 6 events of 5 crates in 2 registries: 4 yanked, 1 published, 1 with another checksum");
}

static void a_registrys_own_events_stand_beside_crates(void **state)
{
	(void)state;
	const struct subject_event alone[] = {
		OF(EVENT_REGISTRY_BLIND, SEVERITY_MEDIUM, "", ""),
		OF(EVENT_REGISTRY_BACK, SEVERITY_INFO, "", ""),
	};
	const struct subject_event beside[] = {
		OF(EVENT_REGISTRY_INCIDENT, SEVERITY_MEDIUM, "", ""),
		YANK("demo", "1"),
	};

	check(alone, 2, "[medium] registry r: cannot be polled, then is well again");
	check(beside, 2, "[high] 2 events of 1 crate in r: 1 yanked, 1 with crates lost");
}

static void a_long_one_is_cut_between_characters(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf out = {0};
	char version[300];

	for (unsigned i = 0; i + 2 < sizeof version; i += 2)
		memcpy(version + i, "\xc3\xa4", 2);
	version[298] = '\0';
	const struct subject_event event = YANK("demo", version);
	subject_write(&out, &event, 1);
	assert_true(out.len <= SUBJECT_MAX && out.len >= SUBJECT_MAX - 1);
	assert_string_equal(out.data + out.len - 3, "...");
	assert_memory_equal(out.data + out.len - 5, "\xc3\xa4", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_event_says_what_happened),
		cmocka_unit_test(one_event_names_the_project_that_is_locked_to_it),
		cmocka_unit_test(an_event_of_one_project_is_its_sentence),
		cmocka_unit_test(events_of_projects_are_counted_by_what_they_have_in_common),
		cmocka_unit_test(findings_stand_beside_other_events),
		cmocka_unit_test(a_burst_of_one_crate_is_counted),
		cmocka_unit_test(several_kinds_of_one_crate_are_counted_apart),
		cmocka_unit_test(the_last_state_of_one_version_is_said),
		cmocka_unit_test(many_crates_are_counted_with_their_registry),
		cmocka_unit_test(a_registrys_own_events_stand_beside_crates),
		cmocka_unit_test(a_long_one_is_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
