/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_reach.h: can a route ever match, and does an earlier one take everything
 * before it? Pure; for the configuration, which refuses a route that nothing can
 * reach. Sound, not complete: what is said here of a route is true of every event
 * that there can be; a route about which nothing is said may still match nothing.
 */
#pragma once

#include "model/route.h"

/* Why no event can ever match. */
enum route_fault {
	ROUTE_CAN_MATCH,
	ROUTE_SEVERITY_TOO_HIGH,  /* of none of its kinds there are events so severe */
	ROUTE_NEVER_OF_A_CRATE,   /* its kinds are of registries, its crates are not `*` */
	ROUTE_NEVER_OF_A_PROJECT, /* its kinds are of registries, which are in no project */
};

enum route_fault route_look(const struct route *route);

/* Does every event that matches `route` match `wider`, too? */
bool route_is_covered(const struct route *route, const struct route *wider);
