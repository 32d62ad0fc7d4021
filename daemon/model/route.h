/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h: which notifiers an event goes to, and in which groups. Pure; the configuration
 * fills the table, the tracker asks it. An absent key of a route matches everything; an
 * event goes on to the next route unless the one it matched says `stop`. It goes to each
 * notifier once: the first route that matches and names the notifier decides the grouping.
 */
#pragma once

#include "model/group.h"

#define ROUTE_NOTIFIERS_MAX 64 /* notifiers in one configuration; a bit each */

struct route {
	uint32_t kinds;                /* bit 1 << enum event_kind; 0 = every kind */
	enum severity at_least;        /* SEVERITY_INFO = every severity */
	const char *const *registries; /* n_registries names; none = every registry */
	size_t n_registries;
	const char *const *crates; /* n_crates patterns with * and ?; none = every crate */
	size_t n_crates;
	const char *const *projects; /* the same, of projects that the event hits; none = of any or no project */
	size_t n_projects;
	const char *const *teams; /* the same, of their teams */
	size_t n_teams;
	uint64_t notifiers; /* bit 1 << index of the notifier in the configuration */
	bool stop;
	struct grouping grouping;
};

/* A project that an event is a finding of. */
struct routed_project {
	const char *project;
	const char *team; /* "" = none */
};

struct routed_event {
	enum event_kind kind;
	enum severity severity;
	const char *registry;
	const char *crate;
	const struct routed_project *projects; /* worst finding first */
	size_t n_projects;
};

/* Where an event goes. */
struct routing {
	uint64_t notifiers;                              /* a bit each */
	const struct route *routes[ROUTE_NOTIFIERS_MAX]; /* that decided; borrowed, of those in `notifiers` alone */
};

/* `projects` and `teams` must both match on one and the same project. */
bool route_matches(const struct route *route, const struct routed_event *event);

/* Its first key that the event misses. */
enum route_key { ROUTE_MATCHES, ROUTE_EVENTS, ROUTE_MIN_SEVERITY, ROUTE_REGISTRIES, ROUTE_CRATES, ROUTE_PROJECTS };
enum route_key route_missed(const struct route *route, const struct routed_event *event);

void routes_lead(const struct route *routes, size_t n_routes, const struct routed_event *event, struct routing *ret);
