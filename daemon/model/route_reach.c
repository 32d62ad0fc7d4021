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

static bool takes_kind(const struct route *route, enum event_kind kind)
{
	return route->kinds == 0 || route->kinds & 1u << kind;
}

static bool may_be_so_severe(const struct route *route, enum event_kind kind)
{
	return severity_most(kind) >= route->at_least;
}

/* An event of a registry has an empty crate. */
static bool may_have_crate(const struct route *route, enum event_kind kind)
{
	return !event_kind_is_of_registry(kind) || takes(crates_of(route), "");
}

enum route_fault route_look(const struct route *route)
{
	enum route_fault fault = ROUTE_SEVERITY_TOO_HIGH;

	for (unsigned i = 0; i < EVENT_KINDS; i++) {
		enum event_kind kind = (enum event_kind)i;
		if (!takes_kind(route, kind) || !may_be_so_severe(route, kind))
			continue;
		if (may_have_crate(route, kind))
			return ROUTE_CAN_MATCH;
		fault = ROUTE_NEVER_OF_A_CRATE;
	}
	return fault;
}

/* Of every event of that kind which `route` can match: does `wider` take its kind and severity? */
static bool kind_is_covered(const struct route *route, const struct route *wider, enum event_kind kind)
{
	enum severity least = severity_least(kind) > route->at_least ? severity_least(kind) : route->at_least;

	if (!takes_kind(route, kind) || !may_be_so_severe(route, kind) || !may_have_crate(route, kind))
		return true;
	return takes_kind(wider, kind) && least >= wider->at_least;
}

bool route_is_covered(const struct route *route, const struct route *wider)
{
	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if (!kind_is_covered(route, wider, (enum event_kind)kind))
			return false;
	return patterns_are_covered(registries_of(route), registries_of(wider)) &&
	       patterns_are_covered(crates_of(route), crates_of(wider));
}
