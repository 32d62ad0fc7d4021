/* SPDX-License-Identifier: Apache-2.0 */
/* route_reach.c: see route_reach.h. */
#include "model/route_reach.h"

#include <fnmatch.h>
#include <string.h>

/* A list of patterns of a route; without any it takes everything. */
struct patterns {
	const char *const *items;
	size_t n;
};

static bool takes(struct patterns patterns, const char *name)
{
	for (size_t i = 0; i < patterns.n; i++)
		if (fnmatch(patterns.items[i], name, 0) == 0)
			return true;
	return patterns.n == 0;
}

/*
 * Is everything that `pattern` matches matched by `wider`? As a text `pattern` is
 * matched by `wider` only where a wildcard of it meets a wildcard of `wider`; that
 * is enough, but for a `*` that meets a `?`.
 */
static bool pattern_is_covered(const char *pattern, const char *wider)
{
	return fnmatch(wider, pattern, 0) == 0 && !(strchr(pattern, '*') && strchr(wider, '?'));
}

static bool is_covered_by_any(const char *pattern, struct patterns wider)
{
	for (size_t i = 0; i < wider.n; i++)
		if (pattern_is_covered(pattern, wider.items[i]))
			return true;
	return wider.n == 0;
}

static bool patterns_are_covered(struct patterns patterns, struct patterns wider)
{
	if (patterns.n == 0)
		return is_covered_by_any("*", wider);
	for (size_t i = 0; i < patterns.n; i++)
		if (!is_covered_by_any(patterns.items[i], wider))
			return false;
	return true;
}

static struct patterns registries_of(const struct route *route)
{
	return (struct patterns){route->registries, route->n_registries};
}

static struct patterns crates_of(const struct route *route)
{
	return (struct patterns){route->crates, route->n_crates};
}

static struct patterns projects_of(const struct route *route)
{
	return (struct patterns){route->projects, route->n_projects};
}

static struct patterns teams_of(const struct route *route)
{
	return (struct patterns){route->teams, route->n_teams};
}

static bool wants_a_project(const struct route *route)
{
	return route->n_projects > 0 || route->n_teams > 0;
}

static bool takes_kind(const struct route *route, enum event_kind kind)
{
	return route->kinds == 0 || route->kinds & 1u << kind;
}

static bool may_be_so_severe(const struct route *route, enum event_kind kind)
{
	return severity_most(kind) >= route->at_least;
}

/* Of its crate and its projects: an event of a registry has an empty crate, and no project. */
static enum route_fault look_at_kind(const struct route *route, enum event_kind kind)
{
	if (!may_be_so_severe(route, kind))
		return ROUTE_SEVERITY_TOO_HIGH;
	if (!event_kind_is_of_registry(kind))
		return ROUTE_CAN_MATCH;
	if (!takes(crates_of(route), ""))
		return ROUTE_NEVER_OF_A_CRATE;
	return wants_a_project(route) ? ROUTE_NEVER_OF_A_PROJECT : ROUTE_CAN_MATCH;
}

enum route_fault route_look(const struct route *route)
{
	enum route_fault fault = ROUTE_CAN_MATCH;

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++) {
		if (!takes_kind(route, (enum event_kind)kind))
			continue;
		enum route_fault found = look_at_kind(route, (enum event_kind)kind);
		if (found == ROUTE_CAN_MATCH)
			return found;
		fault = found > fault ? found : fault;
	}
	return fault;
}

/* Of every event of that kind which `route` can match: does `wider` take its kind and severity? */
static bool kind_is_covered(const struct route *route, const struct route *wider, enum event_kind kind)
{
	enum severity least = severity_least(kind) > route->at_least ? severity_least(kind) : route->at_least;

	if (!takes_kind(route, kind) || look_at_kind(route, kind) != ROUTE_CAN_MATCH)
		return true;
	return takes_kind(wider, kind) && least >= wider->at_least;
}

/* The project that makes an event match `route` makes it match `wider`; without one `wider` must want none. */
static bool projects_are_covered(const struct route *route, const struct route *wider)
{
	if (!wants_a_project(route))
		return !wants_a_project(wider);
	return patterns_are_covered(projects_of(route), projects_of(wider)) &&
	       patterns_are_covered(teams_of(route), teams_of(wider));
}

bool route_is_covered(const struct route *route, const struct route *wider)
{
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if (!kind_is_covered(route, wider, (enum event_kind)kind))
			return false;
	return patterns_are_covered(registries_of(route), registries_of(wider)) &&
	       patterns_are_covered(crates_of(route), crates_of(wider)) && projects_are_covered(route, wider);
}
