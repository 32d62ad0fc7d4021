/* SPDX-License-Identifier: Apache-2.0 */
/* Why a route does not take an event, and when what it takes is told. */
#include "model/route_explain.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const names[] = {"a", "b*", "c", "d", "e", "f", "g", "h", "i", "j"};
static const struct routed_project edge = {"edge", "sec"};

static void the_first_key_that_misses_is_told(void **state)
{
	const struct {
		struct route route;
		const char *told;
	} rows[] = {
		{{0}, ""},
		{{.kinds = 1u << EVENT_YANKED, .crates = (const char *const[]){"demo"}, .n_crates = 1}, ""},
		{{.kinds = 1u << EVENT_PUBLISHED | 1u << EVENT_UNYANKED, .at_least = SEVERITY_CRITICAL},
		 "events: yanked is none of published, unyanked"},
		{{.at_least = SEVERITY_CRITICAL, .crates = names, .n_crates = 1},
		 "min_severity: high is below critical"},
		{{.registries = names, .n_registries = 1}, "registries: r is none of a"},
		{{.crates = names, .n_crates = 2}, "crates: demo matches none of a, b*"},
		{{.crates = names, .n_crates = 10}, "crates: demo matches none of a, b*, c, d, e, f, g, h and 2 more"},
		{{.projects = names, .n_projects = 2}, "no project that it hits is among projects: a, b*"},
		{{.projects = names, .n_projects = 1, .teams = names, .n_teams = 2},
		 "no project that it hits is among projects: a; teams: a, b*"},
		{{.teams = names, .n_teams = 1}, "no project that it hits is among teams: a"},
	};
	const struct routed_event event = {.kind = EVENT_YANKED,
					   .severity = SEVERITY_HIGH,
					   .registry = "r",
					   .crate = "demo",
					   .projects = &edge,
					   .n_projects = 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		route_write_miss(&rows[i].route, &event, &out);
		assert_string_equal(strbuf_str(&out), rows[i].told);
	}
}

static void an_event_without_a_crate_or_a_project_says_so(void **state)
{
	const struct routed_event blind = {
		.kind = EVENT_REGISTRY_BLIND, .severity = SEVERITY_MEDIUM, .registry = "r", .crate = ""};
	const struct route of_crates = {.crates = names, .n_crates = 1};
	const struct route of_projects = {.projects = names, .n_projects = 1};
	OWNED_STRBUF struct strbuf out = {0};

	(void)state;
	route_write_miss(&of_crates, &blind, &out);
	assert_string_equal(strbuf_str(&out), "crates: an event of a registry has none, and so matches none of a");
	strbuf_reset(&out);
	route_write_miss(&of_projects, &blind, &out);
	assert_string_equal(strbuf_str(&out), "it hits no project, and so none of projects: a");
}

static void when_it_is_told_is_said_in_words(void **state)
{
	static const struct {
		struct grouping grouping;
		const char *words;
	} rows[] = {
		{{0}, "at once"},
		{{.by = GROUP_BY_CRATE, .wait_ms = 30000}, "30s after the first of its crate"},
		{{.by = GROUP_BY_NONE, .wait_ms = 30000}, "after 30s, by itself"},
		{{.by = GROUP_BY_REGISTRY, .digest = DIGEST_HOURLY}, "at the next full hour, by registry"},
		{{.by = GROUP_BY_PROJECT, .digest = DIGEST_DAILY, .digest_minute = 510}, "daily at 08:30, by project"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		grouping_write_words(&rows[i].grouping, &out);
		assert_string_equal(strbuf_str(&out), rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_key_that_misses_is_told),
		cmocka_unit_test(an_event_without_a_crate_or_a_project_says_so),
		cmocka_unit_test(when_it_is_told_is_said_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
