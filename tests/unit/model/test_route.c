/* SPDX-License-Identifier: Apache-2.0 */
/* Which notifiers an event goes to: kinds, severity, patterns, and where it stops. */
#include "model/route.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct routed_event yank = {
	.kind = EVENT_YANKED, .severity = SEVERITY_HIGH, .registry = "crates-io", .crate = "serde_json"};

static void an_empty_route_matches_everything(void **state)
{
	(void)state;
	const struct route route = {0};

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		const struct routed_event event = {
			.kind = (enum event_kind)kind, .severity = SEVERITY_INFO, .registry = "r", .crate = "c"};
		assert_true(route_matches(&route, &event));
	}
}

static void a_route_takes_the_kinds_it_names(void **state)
{
	(void)state;

	for (unsigned named = 0; named < EVENT_KINDS; named++) {
		for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
			const struct route route = {.kinds = 1u << named};
			const struct routed_event event = {.kind = (enum event_kind)kind,
							   .severity = SEVERITY_INFO,
							   .registry = "r",
							   .crate = "c"};
			assert_int_equal(route_matches(&route, &event), named == kind);
		}
	}
	const struct route two = {.kinds = 1u << EVENT_UNYANKED | 1u << EVENT_YANKED};
	assert_true(route_matches(&two, &yank));
}

static void a_route_takes_its_severity_and_above(void **state)
{
	(void)state;

	for (unsigned least = 0; least < SEVERITIES; least++) {
		for (unsigned severity = 0; severity < SEVERITIES; severity++) {
			const struct route route = {.at_least = (enum severity)least};
			const struct routed_event event = {.kind = EVENT_YANKED,
							   .severity = (enum severity)severity,
							   .registry = "r",
							   .crate = "c"};
			assert_int_equal(route_matches(&route, &event), severity >= least);
		}
	}
}

static void crates_are_patterns(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		bool matches;
	} rows[] = {
		{"serde_json", true},  {"serde", false},      {"serde*", true},
		{"*", true},           {"*json", true},       {"s*_*n", true},
		{"serde?json", true},  {"serde-json", false}, /* another crate */
		{"??????????", true},  {"?????????", false},  {"serde_json?", false},
		{"serde_json*", true}, {"Serde*", false},     {"tokio*", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct route route = {.crates = &rows[i].pattern, .n_crates = 1};
		assert_int_equal(route_matches(&route, &yank), rows[i].matches);
	}
}

static void one_pattern_of_several_is_enough(void **state)
{
	(void)state;
	static const char *const crates[] = {"tokio*", "serde*", "rand"};
	static const char *const others[] = {"tokio*", "rand"};
	const struct route with = {.crates = crates, .n_crates = 3};
	const struct route without = {.crates = others, .n_crates = 2};

	assert_true(route_matches(&with, &yank));
	assert_false(route_matches(&without, &yank));
}

static void registries_are_named(void **state)
{
	(void)state;
	static const char *const here[] = {"internal", "crates-io"};
	static const char *const elsewhere[] = {"internal", "crates"};
	const struct route with = {.registries = here, .n_registries = 2};
	const struct route without = {.registries = elsewhere, .n_registries = 2};

	assert_true(route_matches(&with, &yank));
	assert_false(route_matches(&without, &yank));
}

static void every_key_of_a_route_must_match(void **state)
{
	(void)state;
	static const char *const here[] = {"crates-io"};
	static const char *const there[] = {"internal"};
	static const char *const serde[] = {"serde*"};
	static const char *const tokio[] = {"tokio*"};
#define ROUTE(event, severity, names, patterns)                                                           \
	{                                                                                                 \
		.kinds = 1u << (event), .at_least = (severity), .registries = (names), .n_registries = 1, \
		.crates = (patterns), .n_crates = 1, .notifiers = 1                                       \
	}
	static const struct route rows[] = {
		ROUTE(EVENT_UNYANKED, SEVERITY_HIGH, here, serde),
		ROUTE(EVENT_YANKED, SEVERITY_CRITICAL, here, serde),
		ROUTE(EVENT_YANKED, SEVERITY_HIGH, there, serde),
		ROUTE(EVENT_YANKED, SEVERITY_HIGH, here, tokio),
	};
	static const struct route good = ROUTE(EVENT_YANKED, SEVERITY_HIGH, here, serde);

	assert_true(route_matches(&good, &yank));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(route_matches(&rows[i], &yank));
}

static uint64_t led_to(const struct route *routes, size_t n)
{
	struct routing routing;

	routes_lead(routes, n, &yank, &routing);
	return routing.notifiers;
}

static void an_event_goes_on_until_a_matched_route_stops_it(void **state)
{
	(void)state;
	static const char *const tokio[] = {"tokio*"};
	static const struct {
		struct route routes[3];
		size_t n;
		uint64_t expected;
	} rows[] = {
		{{{0}}, 0, 0},
		{{{.notifiers = 1}}, 1, 1},
		{{{.notifiers = 1}, {.notifiers = 2}, {.notifiers = 4}}, 3, 7},
		{{{.notifiers = 3}, {.notifiers = 6}}, 2, 7},
		{{{.notifiers = 1}, {.notifiers = 2, .stop = true}, {.notifiers = 4}}, 3, 3},
		{{{.notifiers = 1, .stop = true}, {.notifiers = 2}, {.notifiers = 4}}, 3, 1},
		/* a route that does not match stops nothing */
		{{{.notifiers = 1, .crates = tokio, .n_crates = 1, .stop = true}, {.notifiers = 2}}, 2, 2},
		/* a route to nobody silences */
		{{{.stop = true}, {.notifiers = 2}}, 2, 0},
		{{{.notifiers = UINT64_C(1) << 63}, {.notifiers = 1}}, 2, UINT64_C(1) << 63 | 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(led_to(rows[i].routes, rows[i].n) == rows[i].expected);
}

static void projects_and_teams_match_on_one_and_the_same_project(void **state)
{
	(void)state;
	static const char *const payments[] = {"payments", "none*"};
	static const char *const patterns[] = {"e*"};
	static const char *const sec[] = {"sec"};
	static const char *const web[] = {"w?b"};
	static const struct routed_project hit[] = {{"payments", "sec"}, {"edge", "web"}};
	static const struct {
		struct route route;
		size_t n_hit;
		bool matches;
	} rows[] = {
		{{0}, 0, true},
		{{0}, 2, true},
		{{.projects = payments, .n_projects = 2}, 2, true},
		{{.projects = payments, .n_projects = 2}, 0, false}, /* no project is hit */
		{{.projects = patterns, .n_projects = 1}, 2, true},
		{{.projects = patterns, .n_projects = 1}, 1, false},
		{{.teams = sec, .n_teams = 1}, 1, true},
		{{.teams = web, .n_teams = 1}, 1, false},
		{{.teams = web, .n_teams = 1}, 2, true},
		{{.projects = payments, .n_projects = 2, .teams = sec, .n_teams = 1}, 2, true},
		{{.projects = payments, .n_projects = 2, .teams = web, .n_teams = 1}, 2, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct routed_event event = yank;
		event.projects = hit;
		event.n_projects = rows[i].n_hit;
		assert_int_equal(route_matches(&rows[i].route, &event), rows[i].matches);
	}
}

static void the_first_route_that_names_a_notifier_decides_its_grouping(void **state)
{
	(void)state;
	const struct route routes[] = {
		{.kinds = 1u << EVENT_PUBLISHED, .notifiers = 7},
		{.notifiers = 2},
		{.notifiers = 3, .stop = true},
		{.notifiers = 8},
	};
	struct routing routing;

	routes_lead(routes, ARRAY_LEN(routes), &yank, &routing);
	assert_int_equal(routing.notifiers, 3);
	assert_ptr_equal(routing.routes[0], &routes[2]);
	assert_ptr_equal(routing.routes[1], &routes[1]);
	assert_null(routing.routes[2]);
	assert_null(routing.routes[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_route_matches_everything),
		cmocka_unit_test(a_route_takes_the_kinds_it_names),
		cmocka_unit_test(a_route_takes_its_severity_and_above),
		cmocka_unit_test(crates_are_patterns),
		cmocka_unit_test(one_pattern_of_several_is_enough),
		cmocka_unit_test(registries_are_named),
		cmocka_unit_test(every_key_of_a_route_must_match),
		cmocka_unit_test(an_event_goes_on_until_a_matched_route_stops_it),
		cmocka_unit_test(projects_and_teams_match_on_one_and_the_same_project),
		cmocka_unit_test(the_first_route_that_names_a_notifier_decides_its_grouping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
