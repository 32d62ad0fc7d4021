/* SPDX-License-Identifier: Apache-2.0 */
/* route.c: see route.h. */
#include "model/route.h"

#include <fnmatch.h>

static bool any_matches(const char *const *patterns, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return n == 0;
}

bool route_matches(const struct route *route, const struct routed_event *event)
{
	return (route->kinds == 0 || route->kinds & 1u << event->kind) && event->severity >= route->at_least &&
	       any_matches(route->registries, route->n_registries, event->registry) &&
	       any_matches(route->crates, route->n_crates, event->crate);
}

uint64_t routes_notifiers(const struct route *routes, size_t n_routes, const struct routed_event *event)
{
	uint64_t notifiers = 0;

	for (size_t i = 0; i < n_routes; i++) {
		if (!route_matches(&routes[i], event))
			continue;
		notifiers |= routes[i].notifiers;
		if (routes[i].stop)
			break;
	}
	return notifiers;
}
