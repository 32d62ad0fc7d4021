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

static bool hits_project(const struct route *route, const struct routed_event *event)
{
	for (size_t i = 0; i < event->n_projects; i++)
		if (any_matches(route->projects, route->n_projects, event->projects[i].project) &&
		    any_matches(route->teams, route->n_teams, event->projects[i].team))
			return true;
	return route->n_projects == 0 && route->n_teams == 0;
}

enum route_key route_missed(const struct route *route, const struct routed_event *event)
{
	if (route->kinds != 0 && !(route->kinds & 1u << event->kind))
		return ROUTE_EVENTS;
	if (event->severity < route->at_least)
		return ROUTE_MIN_SEVERITY;
	if (!any_matches(route->registries, route->n_registries, event->registry))
		return ROUTE_REGISTRIES;
	if (!any_matches(route->crates, route->n_crates, event->crate))
		return ROUTE_CRATES;
	return hits_project(route, event) ? ROUTE_MATCHES : ROUTE_PROJECTS;
}

bool route_matches(const struct route *route, const struct routed_event *event)
{
	return route_missed(route, event) == ROUTE_MATCHES;
}

static void lead(const struct route *route, struct routing *routing)
{
	for (unsigned i = 0; i < ROUTE_NOTIFIERS_MAX; i++)
		if (route->notifiers & ~routing->notifiers & UINT64_C(1) << i)
			routing->routes[i] = route;
	routing->notifiers |= route->notifiers;
}

void routes_lead(const struct route *routes, size_t n_routes, const struct routed_event *event, struct routing *ret)
{
	*ret = (struct routing){0};
	for (size_t i = 0; i < n_routes; i++) {
		if (!route_matches(&routes[i], event))
			continue;
		lead(&routes[i], ret);
		if (routes[i].stop)
			break;
	}
}
