/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_findings.c: which bad versions the projects lock, and what a yank would hit. */
#include "api/arguments.h"
#include "api/handlers.h"
#include "store/query_findings.h"

/* A project that is misspelt would have no findings, and look well. */
static int list_findings(struct request *request, const struct finding_filter *filter, struct err *err)
{
	OWNED_STRBUF struct strbuf project = {0};
	int rc = 0;

	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	if (filter->project)
		rc = query_projects(db, filter->project, &project, err);
	if (!rc)
		rc = query_findings(db, filter, &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

static int answer_findings(struct request *request, const char *project, struct err *err)
{
	struct finding_filter filter = {.project = project, .at_least = SEVERITY_INFO};

	int rc = argument_severity(request, "min_severity", &filter.at_least, err);
	if (!rc)
		rc = argument_limit(request, &filter.limit, err);
	if (!rc)
		rc = argument_after(request, &filter.after, err);
	return rc ? rc : list_findings(request, &filter, err);
}

int handle_findings(struct request *request, struct err *err)
{
	return answer_findings(request, request->argument(request, "project"), err);
}

int handle_project_findings(struct request *request, struct err *err)
{
	return answer_findings(request, request->params[0], err);
}

int handle_impact(struct request *request, struct err *err)
{
	OWNED(watch_listing_release) struct watch_listing listing = {0};
	const char *const *params = request->params;

	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_listing(db, params[0], params[1], &listing, err);
	if (!rc)
		rc = query_impact(db, params[0], params[1], params[2], &request->answer, err);
	readers_return(request->readers, db);
	return rc == ERR_ABSENT && listing.count == 0 ? answer_not_watched(request, params[1], err) : rc;
}
