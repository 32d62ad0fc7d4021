/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handlers.h: what each of the socket's paths does (docs/SOCKET.md). Called by
 * routes.c through the rows of paths.c. A handler appends its answer, or returns an
 * error, which becomes a problem document.
 */
#pragma once

#include "api/request.h"

/* handlers_status.c */
int handle_healthz(struct request *request, struct err *err);
int handle_status(struct request *request, struct err *err);
int handle_reload(struct request *request, struct err *err);
int handle_metrics(struct request *request, struct err *err);
int handle_openapi(struct request *request, struct err *err);

/* handlers_history.c */
int handle_events(struct request *request, struct err *err);
int handle_event(struct request *request, struct err *err);

/* handlers_stream.c */
struct event_filter;
int answer_export(struct request *request, const struct event_filter *filter, struct err *err);
int handle_stream(struct request *request, struct err *err);

/* handlers_watches.c */
int handle_crate(struct request *request, struct err *err);
int handle_crates(struct request *request, struct err *err);
int handle_watches(struct request *request, struct err *err);
int handle_watch_add(struct request *request, struct err *err);
int handle_watch_remove(struct request *request, struct err *err);
int handle_poll(struct request *request, struct err *err);
/* A filter's crate of which nothing is stored: 404, the same way. */
int answer_unknown_crate(struct request *request, const char *crate);
/* A name that is not watched: 404, with names that are and look like it. Returns ERR_ABSENT. */
int answer_not_watched(struct request *request, const char *crate, const struct err *why);

/* handlers_outbox.c */
int handle_notifications(struct request *request, struct err *err);
int handle_notification(struct request *request, struct err *err);
int handle_retry(struct request *request, struct err *err);

/* handlers_silences.c */
int handle_silences(struct request *request, struct err *err);
int handle_silence_add(struct request *request, struct err *err);
int handle_silence_remove(struct request *request, struct err *err);

/* handlers_notifiers.c */
int handle_notifiers(struct request *request, struct err *err);
int handle_notifier_test(struct request *request, struct err *err);
int handle_notifier_enable(struct request *request, struct err *err);

/* handlers_routes.c */
int handle_route_explain(struct request *request, struct err *err);

/* handlers_projects.c */
int handle_projects(struct request *request, struct err *err);
int handle_project_put(struct request *request, struct err *err);
int handle_project_remove(struct request *request, struct err *err);

/* handlers_findings.c */
int handle_findings(struct request *request, struct err *err);
int handle_project_findings(struct request *request, struct err *err);
int handle_impact(struct request *request, struct err *err);

/* handlers_backup.c */
int handle_backup(struct request *request, struct err *err);

/* handlers_check.c */
int handle_check(struct request *request, struct err *err);

/* handlers_verify.c */
int handle_verify(struct request *request, struct err *err);
