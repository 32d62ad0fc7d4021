/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: the socket's paths, a row each; what it does stands in handlers_*.c. */
#include "api/handlers.h"

#define EVENT_ARGUMENTS "registry, crate, version, event, since, until, after, limit, reverse"

const struct route_row api_routes[] = {
	{"GET", "/healthz", false, handle_healthz, NULL, NULL},
	{"GET", "/v1/status", false, handle_status, NULL, NULL},
	{"GET", "/v1/events", false, handle_events, EVENT_ARGUMENTS, NULL},
	{"GET", "/v1/crates/{registry}/{name}", false, handle_crate, NULL, NULL},
	{"GET", "/v1/watches", false, handle_watches, "registry, crate, after, limit", NULL},
	{"POST", "/v1/watches", true, handle_watch_add, NULL, "registry, crates"},
	{"DELETE", "/v1/watches/{registry}/{name}", true, handle_watch_remove, NULL, NULL},
	{"POST", "/v1/poll", true, handle_poll, NULL, "registry, crates, wait, round"},
};
const size_t api_routes_count = ARRAY_LEN(api_routes);
