/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_history.c: events by pages, and one of them. All in one go, and as they come: handlers_stream.c. */
#include "api/arguments.h"
#include "api/event_filter.h"
#include "api/handlers.h"

#include <string.h>

#define NDJSON "application/x-ndjson"

static bool wants_all(const struct request *request)
{
	const char *accept = request->header(request, "Accept");
	return accept && strstr(accept, NDJSON);
}

static int answer_page(struct request *request, struct event_filter *filter, struct err *err)
{
	int rc = argument_limit(request, &filter->limit, err);
	if (!rc)
		rc = argument_flag(request, "reverse", &filter->reverse, err);
	if (!rc)
		rc = event_filter_check(request, filter, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_events(db, filter, &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

int handle_events(struct request *request, struct err *err)
{
	struct event_filter filter;

	int rc = event_filter_read(request, &filter, err);
	if (rc)
		return rc;
	return wants_all(request) ? answer_export(request, &filter, err) : answer_page(request, &filter, err);
}

int handle_event(struct request *request, struct err *err)
{
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_event(db, request->params[0], &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}
