/* SPDX-License-Identifier: Apache-2.0 */
/* Routes that nothing can reach: by examples, and against every event there can be. */
#include "model/route_reach.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define KIND(name) (1u << EVENT_##name)
#define CRATES(...) .crates = (const char *const[]){__VA_ARGS__}, .n_crates = ARRAY_LEN(((const char *[]){__VA_ARGS__}))
#define REGISTRIES(...) \
	.registries = (const char *const[]){__VA_ARGS__}, .n_registries = ARRAY_LEN(((const char *[]){__VA_ARGS__}))

#define PROJECTS(...) \
	.projects = (const char *const[]){__VA_ARGS__}, .n_projects = ARRAY_LEN(((const char *[]){__VA_ARGS__}))
#define TEAMS(...) .teams = (const char *const[]){__VA_ARGS__}, .n_teams = ARRAY_LEN(((const char *[]){__VA_ARGS__}))

static void a_route_that_no_event_can_match_is_found(void **state)
{
	const struct {
		struct route route;
		enum route_fault fault;
	} rows[] = {
		{{0}, ROUTE_CAN_MATCH},
		{{.at_least = SEVERITY_CRITICAL}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(YANKED), .at_least = SEVERITY_CRITICAL}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(PUBLISHED), .at_least = SEVERITY_CRITICAL}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(UNYANKED), .at_least = SEVERITY_LOW}, ROUTE_SEVERITY_TOO_HIGH},
		{{.kinds = KIND(UNYANKED)}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(CRATE_CREATED), .at_least = SEVERITY_HIGH}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(CRATE_CREATED), .at_least = SEVERITY_CRITICAL}, ROUTE_SEVERITY_TOO_HIGH},
		{{.kinds = KIND(METADATA_CHANGED) | KIND(UNYANKED), .at_least = SEVERITY_HIGH},
		 ROUTE_SEVERITY_TOO_HIGH},
		{{.kinds = KIND(METADATA_CHANGED) | KIND(YANKED), .at_least = SEVERITY_HIGH}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(REGISTRY_BLIND), .at_least = SEVERITY_MEDIUM}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(REGISTRY_BLIND), .at_least = SEVERITY_HIGH}, ROUTE_SEVERITY_TOO_HIGH},
		{{.kinds = KIND(REGISTRY_BLIND), CRATES("serde")}, ROUTE_NEVER_OF_A_CRATE},
		{{.kinds = KIND(REGISTRY_BLIND), CRATES("serde", "*")}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(REGISTRY_BLIND), TEAMS("*")}, ROUTE_NEVER_OF_A_PROJECT},
		{{.kinds = KIND(YANKED), TEAMS("*")}, ROUTE_CAN_MATCH},
		{{.kinds = KIND(REGISTRY_BLIND) | KIND(YANKED), CRATES("serde")}, ROUTE_CAN_MATCH},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(route_look(&rows[i].route), rows[i].fault);
}

static void a_route_that_an_earlier_one_takes_everything_of_is_found(void **state)
{
	const struct {
		struct route route, wider;
		bool is_covered;
	} rows[] = {
		{{0}, {0}, true},
		{{.kinds = KIND(YANKED)}, {0}, true},
		{{0}, {.kinds = KIND(YANKED)}, false},
		{{.kinds = KIND(YANKED)}, {.kinds = KIND(YANKED) | KIND(UNYANKED)}, true},
		{{.kinds = KIND(YANKED) | KIND(UNYANKED)}, {.kinds = KIND(YANKED)}, false},
		/* what a kind's severity can be counts, too */
		{{.at_least = SEVERITY_HIGH}, {.at_least = SEVERITY_MEDIUM}, true},
		{{.at_least = SEVERITY_MEDIUM}, {.at_least = SEVERITY_HIGH}, false},
		{{.kinds = KIND(CHECKSUM_CHANGED)}, {.at_least = SEVERITY_CRITICAL}, true},
		{{.kinds = KIND(YANKED)}, {.at_least = SEVERITY_LOW}, true},
		{{.kinds = KIND(YANKED)}, {.at_least = SEVERITY_HIGH}, false}, /* of a bulk watch */
		{{.kinds = KIND(YANKED) | KIND(UNYANKED), .at_least = SEVERITY_LOW}, {.kinds = KIND(YANKED)}, true},
		{{REGISTRIES("a")}, {REGISTRIES("a", "b")}, true},
		{{REGISTRIES("a", "b")}, {REGISTRIES("a")}, false},
		{{REGISTRIES("a")}, {0}, true},
		{{0}, {REGISTRIES("a")}, false},
		{{CRATES("serde")}, {CRATES("serde")}, true},
		{{CRATES("serde")}, {CRATES("ser*")}, true},
		{{CRATES("serde")}, {CRATES("serd?")}, true},
		{{CRATES("serde_*")}, {CRATES("serde*")}, true},
		{{CRATES("serde?")}, {CRATES("serd??")}, true},
		{{CRATES("serde*")}, {CRATES("serde?")}, false},
		{{CRATES("serde*")}, {CRATES("serde_*")}, false},
		{{CRATES("*")}, {CRATES("?")}, false},
		{{0}, {CRATES("*")}, true},
		{{0}, {CRATES("serde")}, false},
		{{CRATES("serde", "tokio")}, {CRATES("serde")}, false},
		{{CRATES("serde", "tokio")}, {CRATES("tokio", "s*")}, true},
		{{PROJECTS("edge")}, {0}, true},
		{{PROJECTS("edge")}, {PROJECTS("e*")}, true},
		{{PROJECTS("edge"), TEAMS("sec")}, {TEAMS("sec")}, true},
		{{PROJECTS("edge")}, {TEAMS("*")}, true},
		{{PROJECTS("edge")}, {TEAMS("sec")}, false},
		{{0}, {PROJECTS("*")}, false}, /* of no project */
		{{0}, {TEAMS("*")}, false},
		{{.kinds = KIND(YANKED), CRATES("serde")}, {.kinds = KIND(YANKED), .at_least = SEVERITY_LOW}, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (route_is_covered(&rows[i].route, &rows[i].wider) != rows[i].is_covered)
			fail_msg("row %zu", i);
}

/* ---- against every event that there can be, in a world of two registries and a few crates ---- */

static const char *const registries[] = {"r", "s"};
static const char *const crates[] = {"a", "b", "aa", "ab", "ba", "aab", "bab"};

typedef bool (*event_test)(const struct route *one, const struct route *other, const struct routed_event *event);

/* Of no project, of one with and of one without a team, and of two. */
static const struct routed_project projects[] = {{"a", "b"}, {"b", ""}, {"ab", "aa"}};
static const struct {
	size_t from, n;
} hit[] = {{0, 0}, {0, 1}, {1, 1}, {2, 1}, {0, 2}, {1, 2}};

static bool is_true_of_projects(event_test test, const struct route *one, const struct route *other,
				struct routed_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(hit); i++) {
		event.projects = projects + hit[i].from;
		event.n_projects = hit[i].n;
		if (!test(one, other, &event))
			return false;
	}
	return true;
}

static bool is_true_of_crates(event_test test, const struct route *one, const struct route *other,
			      struct routed_event event)
{
	if (event_kind_is_of_registry(event.kind)) {
		event.crate = "";
		return test(one, other, &event);
	}
	for (size_t i = 0; i < ARRAY_LEN(crates); i++) {
		event.crate = crates[i];
		if (!is_true_of_projects(test, one, other, event))
			return false;
	}
	return true;
}

static bool is_true_of_every_event(event_test test, const struct route *one, const struct route *other)
{
	for (unsigned k = 0; k < EVENT_KINDS; k++) {
		enum event_kind kind = (enum event_kind)k;
		for (unsigned s = severity_least(kind); s <= severity_most(kind); s++)
			for (size_t r = 0; r < ARRAY_LEN(registries); r++) {
				struct routed_event event = {
					.kind = kind, .severity = (enum severity)s, .registry = registries[r]};
				if (!is_true_of_crates(test, one, other, event))
					return false;
			}
	}
	return true;
}

static bool does_not_match(const struct route *one, const struct route *other, const struct routed_event *event)
{
	(void)other;
	return !route_matches(one, event);
}

static bool matches_the_other_too(const struct route *one, const struct route *other, const struct routed_event *event)
{
	return !route_matches(one, event) || route_matches(other, event);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Lists that are drawn from these, one or two of them. */
static const char *const patterns[] = {"a", "b", "*", "a*", "?", "*b", "a?", "?*", "ab", "*a*", "b?b", "??"};

static struct route random_route(uint32_t *seed, const char **room)
{
	struct route route = {.crates = room, .registries = room + 2, .projects = room + 3, .teams = room + 4};

	route.kinds = next_random(seed) % 3
			      ? 1u << next_random(seed) % EVENT_KINDS | 1u << next_random(seed) % EVENT_KINDS
			      : 0;
	route.at_least = (enum severity)(next_random(seed) % SEVERITIES);
	route.n_crates = next_random(seed) % 3;
	route.n_registries = next_random(seed) % 2;
	room[0] = patterns[next_random(seed) % ARRAY_LEN(patterns)];
	room[1] = patterns[next_random(seed) % ARRAY_LEN(patterns)];
	route.n_projects = next_random(seed) % 5 == 0;
	route.n_teams = next_random(seed) % 5 == 0;
	room[3] = patterns[next_random(seed) % ARRAY_LEN(patterns)];
	room[4] = patterns[next_random(seed) % ARRAY_LEN(patterns)];
	room[2] = registries[next_random(seed) % ARRAY_LEN(registries)];
	return route;
}

static void what_is_said_of_routes_is_true_of_every_event(void **state)
{
	uint32_t seed = 7;
	unsigned covered = 0;
	unsigned impossible = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const char *room[2][5];
		struct route one = random_route(&seed, room[0]);
		struct route other = random_route(&seed, room[1]);
		if (route_look(&one) != ROUTE_CAN_MATCH) {
			impossible++;
			assert_true(is_true_of_every_event(does_not_match, &one, &one));
		} else if (route_is_covered(&one, &other)) {
			covered++;
			assert_true(is_true_of_every_event(matches_the_other_too, &one, &other));
		}
	}
	assert_true(covered > 500);
	assert_true(impossible > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_that_no_event_can_match_is_found),
		cmocka_unit_test(a_route_that_an_earlier_one_takes_everything_of_is_found),
		cmocka_unit_test(what_is_said_of_routes_is_true_of_every_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
