/* SPDX-License-Identifier: Apache-2.0 */
/* paths.c: the socket's paths, a row each; what it does stands in handlers_*.c, its schemas in openapi_components.json.
 */
#include "api/handlers.h"

#define EVENT_ARGUMENTS "registry, crate, version, project, event, since, until, after, limit, reverse"
#define STREAM_ARGUMENTS "registry, crate, version, project, event, after"
#define EXPLAIN_ARGUMENTS "crate, version, registry, project, team, event, severity"

#define SILENCE_MEMBERS "crate, version, registry, project, events, author, comment, ends"

const char route_lockfile[] = "a lockfile";

const struct route_row api_routes[] = {
	{"GET", "/healthz", false, handle_healthz, NULL, NULL, "Do loop and tracker turn?", "200 Health, 503 Health",
	 NULL},
	{"GET", "/openapi.json", false, handle_openapi, NULL, NULL, "This description", "200 -", NULL},
	{"GET", "/metrics", false, handle_metrics, NULL, NULL, "The status for Prometheus", "200 - text/plain", NULL},
	{"GET", "/v1/status", false, handle_status, NULL, NULL, "How the daemon is doing", "200 Status", NULL},
	{"GET", "/v1/events", false, handle_events, EVENT_ARGUMENTS, NULL,
	 "What happened, oldest first, in pages; or all of it, a line each",
	 "200 Events, 200 Event application/x-ndjson", NULL},
	{"GET", "/v1/events/{id}", false, handle_event, NULL, NULL, "One event", "200 Event", NULL},
	{"GET", "/v1/stream", false, handle_stream, STREAM_ARGUMENTS, NULL,
	 "Events as they happen (Server-Sent Events)", "200 - text/event-stream", NULL},
	{"GET", "/v1/crates", false, handle_crates, "prefix, registry, limit", NULL,
	 "Names of watched crates, for completions", "200 Crates", NULL},
	{"POST", "/v1/verify", false, handle_verify, NULL, "after, hash, to",
	 "Verifies a piece of the history's chain and its signatures", "200 Verified", NULL},
	{"GET", "/v1/crates/{registry}/{name}", false, handle_crate, "at", NULL,
	 "What is known of a watched crate, or was", "200 Crate", NULL},
	{"GET", "/v1/watches", false, handle_watches, "registry, crate, after, limit", NULL,
	 "What is watched, in pages", "200 Watches", NULL},
	{"POST", "/v1/watches", true, handle_watch_add, NULL, "registry, crates", "Watches crates", "200 WatchesAdded",
	 "crates"},
	{"DELETE", "/v1/watches/{registry}/{name}", true, handle_watch_remove, NULL, NULL, "Watches a crate no more",
	 "204", NULL},
	{"POST", "/v1/poll", true, handle_poll, NULL, "registry, crates, wait, round", "Polls now",
	 "200 Poll, 202 Poll", NULL},
	{"GET", "/v1/notifications", false, handle_notifications, "state, notifier, crate, after, limit", NULL,
	 "The outbox, newest first, in pages", "200 Notifications", NULL},
	{"GET", "/v1/notifications/{id}", false, handle_notification, NULL, NULL,
	 "A notification with its events and attempts", "200 Notification", NULL},
	{"POST", "/v1/notifications/{id}/retry", true, handle_retry, NULL, NULL, "Makes a notification due now",
	 "202 Notification", NULL},
	{"GET", "/v1/silences", false, handle_silences, "state", NULL, "Silences, newest first", "200 Silences", NULL},
	{"POST", "/v1/silences", true, handle_silence_add, NULL, SILENCE_MEMBERS, "Holds events back for a while",
	 "201 Silence", "comment, ends"},
	{"DELETE", "/v1/silences/{id}", true, handle_silence_remove, NULL, NULL, "Ends a silence", "204", NULL},
	{"GET", "/v1/notifiers", false, handle_notifiers, NULL, NULL, "The notifiers and how they are", "200 Notifiers",
	 NULL},
	{"POST", "/v1/notifiers/{name}/test", true, handle_notifier_test, NULL, NULL,
	 "Sends a test message and waits for its result", "200 NotifierTest", NULL},
	{"POST", "/v1/notifiers/{name}/enable", true, handle_notifier_enable, NULL, NULL,
	 "Takes a notifier back into service", "200 NotifierEnabled", NULL},
	{"GET", "/v1/routes/explain", false, handle_route_explain, EXPLAIN_ARGUMENTS, NULL,
	 "Where an event would go, and why", "200 Explanation", NULL},
	{"GET", "/v1/projects", false, handle_projects, NULL, NULL, "The projects and their lockfiles", "200 Projects",
	 NULL},
	{"PUT", "/v1/projects/{name}", true, handle_project_put, "team", route_lockfile,
	 "Keeps a project's lockfile under watch", "200 ProjectPut", NULL},
	{"DELETE", "/v1/projects/{name}", true, handle_project_remove, NULL, NULL, "Forgets a project", "204", NULL},
	{"GET", "/v1/projects/{name}/findings", false, handle_project_findings, "min_severity, after, limit", NULL,
	 "A project's open findings, worst first, in pages", "200 Findings", NULL},
	{"GET", "/v1/findings", false, handle_findings, "project, min_severity, after, limit", NULL,
	 "Open findings, worst first, in pages", "200 Findings", NULL},
	{"POST", "/v1/check", false, handle_check, "wait", route_lockfile, "Findings of a lockfile, which is not kept",
	 "200 Check, 202 Check", NULL},
	{"POST", "/v1/reload", true, handle_reload, NULL, NULL, "Reads the configuration again", "200 Reload", NULL},
	{"GET", "/v1/backup", true, handle_backup, NULL, NULL, "A copy of the database, as a file",
	 "200 - application/vnd.sqlite3", NULL},
	{"GET", "/v1/impact/{registry}/{crate}/{version}", false, handle_impact, NULL, NULL,
	 "Whom a yank of a version hits, or would", "200 Impact", NULL},
};
const size_t api_routes_count = ARRAY_LEN(api_routes);
