/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_outbox.c: notifications, and one that is sent once more. */
#include "api/arguments.h"
#include "api/handlers.h"
#include "api/peer.h"
#include "store/query.h"
#include "store/query_outbox.h"

static int argument_state(const struct request *request, int *ret, struct err *err)
{
	const char *text = request->argument(request, "state");
	OWNED_STRBUF struct strbuf states = {0};
	enum notification_state state;

	*ret = -1;
	if (!text)
		return 0;
	if (notification_state_parse(text, &state)) {
		*ret = (int)state;
		return 0;
	}
	for (size_t i = 0; i < NOTIFICATION_STATES; i++)
		strbuf_addf(&states, "%s%s", i ? ", " : "", notification_state_name((enum notification_state)i));
	return err_set(err, ERR_BAD, "state: there is no state \"%.40s\", allowed: %s", text, strbuf_str(&states));
}

/* One that is configured, or was when something was sent by it: a misspelt one would have nothing, and look right. */
static int check_notifier(const struct request *request, struct db *db, const char *name, struct err *err)
{
	const struct config_notifier *ignored;
	struct err unknown;
	bool was_there = false;

	/* The outbox is looked through only for a name that is not configured. */
	if (!name || request_notifier(request, name, &ignored, &unknown) == 0)
		return 0;
	int rc = query_knows_notifier(db, name, &was_there, err);
	if (!rc && !was_there)
		*err = unknown;
	return rc || was_there ? rc : unknown.code;
}

int handle_notifications(struct request *request, struct err *err)
{
	struct notification_filter filter = {
		.notifier = request->argument(request, "notifier"),
		.crate = request->argument(request, "crate"),
	};
	bool knows_crate = true;

	int rc = argument_limit(request, &filter.limit, err);
	if (!rc)
		rc = argument_after(request, &filter.after, err);
	if (!rc)
		rc = argument_state(request, &filter.state, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = check_notifier(request, db, filter.notifier, err);
	if (!rc && filter.crate)
		rc = query_knows_crate(db, filter.crate, &knows_crate, err);
	if (!rc && knows_crate)
		rc = query_notifications(db, &filter, &request->answer, err);
	readers_return(request->readers, db);
	return rc || knows_crate ? rc : answer_unknown_crate(request, filter.crate);
}

int handle_notification(struct request *request, struct err *err)
{
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_notification(db, request->params[0], &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

int handle_retry(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	char by[PEER_NAME_MAX];

	int rc = backend->retry(backend->ctx, request->params[0], peer_name(request->uid, by), err);
	request->status = 202;
	return rc ? rc : handle_notification(request, err);
}
