/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_history.c: events. */
#include "api/arguments.h"
#include "api/handlers.h"
#include "store/query.h"
#include "store/query_findings.h"

int handle_events(struct request *request, struct err *err)
{
	struct event_filter filter = {
		.registry = request->argument(request, "registry"),
		.crate = request->argument(request, "crate"),
		.version = request->argument(request, "version"),
		.project = request->argument(request, "project"),
	};

	int rc = argument_limit(request, &filter.limit, err);
	if (!rc)
		rc = argument_after(request, &filter.after, err);
	if (!rc)
		rc = argument_time(request, "since", &filter.since_ms, err);
	if (!rc)
		rc = argument_time(request, "until", &filter.until_ms, err);
	if (!rc)
		rc = argument_kinds(request, &filter.kinds, err);
	if (!rc)
		rc = argument_flag(request, "reverse", &filter.reverse, err);
	if (rc)
		return rc;
	bool is_known = true;
	bool is_project = true;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	if (filter.crate)
		rc = query_knows_crate(db, filter.crate, &is_known, err);
	if (!rc && filter.project)
		rc = query_knows_project(db, filter.project, &is_project, err);
	if (!rc && is_known && is_project)
		rc = query_events(db, &filter, &request->answer, err);
	readers_return(request->readers, db);
	if (!rc && !is_project)
		return err_set(err, ERR_ABSENT, "there is no project \"%.64s\", and never was", filter.project);
	return rc || is_known ? rc : answer_unknown_crate(request, filter.crate);
}
