/* SPDX-License-Identifier: Apache-2.0 */
/* event_filter.c: see event_filter.h. */
#include "api/event_filter.h"

#include "api/arguments.h"
#include "api/handlers.h"
#include "store/query_findings.h"

int event_filter_read(const struct request *request, struct event_filter *ret, struct err *err)
{
	*ret = (struct event_filter){
		.registry = request->argument(request, "registry"),
		.crate = request->argument(request, "crate"),
		.version = request->argument(request, "version"),
		.project = request->argument(request, "project"),
	};
	int rc = argument_after(request, &ret->after, err);
	if (!rc)
		rc = argument_time(request, "since", &ret->since_ms, err);
	if (!rc)
		rc = argument_time(request, "until", &ret->until_ms, err);
	return rc ? rc : argument_kinds(request, &ret->kinds, err);
}

int event_filter_check(struct request *request, const struct event_filter *filter, struct err *err)
{
	bool is_known = true;
	bool is_project = true;
	int rc = 0;

	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	if (filter->crate)
		rc = query_knows_crate(db, filter->crate, &is_known, err);
	if (!rc && filter->project)
		rc = query_knows_project(db, filter->project, &is_project, err);
	readers_return(request->readers, db);
	if (!rc && !is_project)
		return err_set(err, ERR_ABSENT, "there is no project \"%.64s\", and never was", filter->project);
	return rc || is_known ? rc : answer_unknown_crate(request, filter->crate);
}
