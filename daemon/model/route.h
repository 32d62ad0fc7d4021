/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h: which notifiers an event goes to. Pure; the configuration fills the
 * table, the tracker asks it. An absent key of a route matches everything; an
 * event goes on to the next route unless the one it matched says `stop`.
 */
#pragma once

#include "model/words.h"

#define ROUTE_NOTIFIERS_MAX 64 /* notifiers in one configuration; a bit each */

struct route {
	uint32_t kinds;                /* bit 1 << enum event_kind; 0 = every kind */
	enum severity at_least;        /* SEVERITY_INFO = every severity */
	const char *const *registries; /* n_registries names; none = every registry */
	size_t n_registries;
	const char *const *crates; /* n_crates patterns with * and ?; none = every crate */
	size_t n_crates;
	uint64_t notifiers; /* bit 1 << index of the notifier in the configuration */
	bool stop;
};

struct routed_event {
	enum event_kind kind;
	enum severity severity;
	const char *registry;
	const char *crate;
};

bool route_matches(const struct route *route, const struct routed_event *event);

/* The notifiers that the event goes to, as a bit set. */
uint64_t routes_notifiers(const struct route *routes, size_t n_routes, const struct routed_event *event);
