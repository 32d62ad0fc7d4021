/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: the socket's paths, a row each; what it does stands in handlers_*.c. */
#include "api/handlers.h"

#define EVENT_ARGUMENTS "registry, crate, version, project, event, since, until, after, limit, reverse"
#define STREAM_ARGUMENTS "registry, crate, version, project, event, after"
#define EXPLAIN_ARGUMENTS "crate, version, registry, project, team, event, severity"

#define SILENCE_MEMBERS "crate, version, registry, project, events, author, comment, ends"

const char route_lockfile[] = "a lockfile";

const struct route_row api_routes[] = {
	{"GET", "/healthz", false, handle_healthz, NULL, NULL},
	{"GET", "/v1/status", false, handle_status, NULL, NULL},
	{"GET", "/v1/events", false, handle_events, EVENT_ARGUMENTS, NULL},
	{"GET", "/v1/events/{id}", false, handle_event, NULL, NULL},
	{"GET", "/v1/stream", false, handle_stream, STREAM_ARGUMENTS, NULL},
	{"GET", "/v1/crates/{registry}/{name}", false, handle_crate, NULL, NULL},
	{"GET", "/v1/watches", false, handle_watches, "registry, crate, after, limit", NULL},
	{"POST", "/v1/watches", true, handle_watch_add, NULL, "registry, crates"},
	{"DELETE", "/v1/watches/{registry}/{name}", true, handle_watch_remove, NULL, NULL},
	{"POST", "/v1/poll", true, handle_poll, NULL, "registry, crates, wait, round"},
	{"GET", "/v1/notifications", false, handle_notifications, "state, notifier, crate, after, limit", NULL},
	{"GET", "/v1/notifications/{id}", false, handle_notification, NULL, NULL},
	{"POST", "/v1/notifications/{id}/retry", true, handle_retry, NULL, NULL},
	{"GET", "/v1/silences", false, handle_silences, "state", NULL},
	{"POST", "/v1/silences", true, handle_silence_add, NULL, SILENCE_MEMBERS},
	{"DELETE", "/v1/silences/{id}", true, handle_silence_remove, NULL, NULL},
	{"GET", "/v1/notifiers", false, handle_notifiers, NULL, NULL},
	{"POST", "/v1/notifiers/{name}/test", true, handle_notifier_test, NULL, NULL},
	{"POST", "/v1/notifiers/{name}/enable", true, handle_notifier_enable, NULL, NULL},
	{"GET", "/v1/routes/explain", false, handle_route_explain, EXPLAIN_ARGUMENTS, NULL},
	{"GET", "/v1/projects", false, handle_projects, NULL, NULL},
	{"PUT", "/v1/projects/{name}", true, handle_project_put, "team", route_lockfile},
	{"DELETE", "/v1/projects/{name}", true, handle_project_remove, NULL, NULL},
	{"GET", "/v1/projects/{name}/findings", false, handle_project_findings, "min_severity, after, limit", NULL},
	{"GET", "/v1/findings", false, handle_findings, "project, min_severity, after, limit", NULL},
	{"POST", "/v1/check", false, handle_check, "wait", route_lockfile},
	{"GET", "/v1/backup", true, handle_backup, NULL, NULL},
	{"GET", "/v1/impact/{registry}/{crate}/{version}", false, handle_impact, NULL, NULL},
};
const size_t api_routes_count = ARRAY_LEN(api_routes);
