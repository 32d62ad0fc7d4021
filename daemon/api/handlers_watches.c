/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_watches.c: crates, the watches on them, and polls. */
#include "api/arguments.h"
#include "api/body.h"
#include "api/handlers.h"
#include "base/log.h"
#include "store/query.h"

#include <string.h>

int answer_not_watched(struct request *request, const char *crate, const struct err *why)
{
	char *near[QUERY_NEAR_MAX] = {NULL};
	size_t n_near = 0;
	struct err err;

	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	if (query_near(db, crate, near, &n_near, &err))
		log_debug("socket: no suggestions for a name: %s", err.text);
	readers_return(request->readers, db);
	request_problem(request, 404, why->text, (const char *const *)near, n_near);
	for (size_t i = 0; i < n_near; i++)
		free(near[i]);
	return ERR_ABSENT;
}

int answer_unknown_crate(struct request *request, const char *crate)
{
	struct err err;

	(void)err_set(&err, ERR_ABSENT, "crate: \"%.64s\" is not watched, and never was", crate);
	return answer_not_watched(request, crate, &err);
}

int handle_crates(struct request *request, struct err *err)
{
	const char *prefix = request->argument(request, "prefix");
	unsigned limit;

	int rc = argument_limit(request, &limit, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_crate_names(db, request->argument(request, "registry"), prefix ? prefix : "", limit,
			       &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

int handle_crate(struct request *request, struct err *err)
{
	int64_t at_ms = 0;

	int rc = argument_time(request, "at", &at_ms, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = at_ms ? query_crate_at(db, request->params[0], request->params[1], at_ms, &request->answer, err)
		   : query_crate(db, request->params[0], request->params[1], &request->answer, err);
	readers_return(request->readers, db);
	return rc == ERR_ABSENT ? answer_not_watched(request, request->params[1], err) : rc;
}

int handle_watches(struct request *request, struct err *err)
{
	struct watch_filter filter = {
		.registry = request->argument(request, "registry"),
		.crate = request->argument(request, "crate"),
	};

	int rc = argument_limit(request, &filter.limit, err);
	if (!rc)
		rc = argument_after(request, &filter.after, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_watches(db, &filter, &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

/* ---- changing ---- */

static void put_added(struct request *request, const char *registry, const struct named_crates *named,
		      const bool *added)
{
	struct json_writer w = {.out = &request->answer};

	json_open(&w, NULL, '{');
	json_open(&w, "watches", '[');
	for (size_t i = 0; i < named->n_crates; i++) {
		json_open(&w, NULL, '{');
		json_put_string(&w, "registry", registry);
		json_put_string(&w, "crate", named->crates[i]);
		json_put_bool(&w, "added", added[i]);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
}

int handle_watch_add(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED(named_crates_release) struct named_crates named = {0};

	int rc = body_crates(request, &named, err);
	if (!rc && named.n_crates == 0)
		rc = err_set(err, ERR_BAD, "crates: name at least one");
	if (rc)
		return rc;
	OWNED_MEM bool *added = calloc(named.n_crates + 1, sizeof *added);
	OWNED_MEM char *registry = named.registry ? strdup(named.registry) : NULL;
	if (!added || (named.registry && !registry))
		return err_nomem(err);
	rc = backend->watch(backend->ctx, &registry, named.crates, named.n_crates, false, added, err);
	if (!rc)
		put_added(request, registry, &named, added);
	return rc;
}

int handle_watch_remove(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;

	OWNED_MEM char *registry = strdup(request->params[0]);
	if (!registry)
		return err_nomem(err);
	int rc = backend->watch(backend->ctx, &registry, &request->params[1], 1, true, NULL, err);
	if (!rc)
		request->status = 204;
	return rc == ERR_ABSENT ? answer_not_watched(request, request->params[1], err) : rc;
}

/* "wait": true, or for so many seconds; "round": the one that was not over yet. */
static int take_poll(const cJSON *body, struct api_poll *poll, struct err *err)
{
	const cJSON *wait = json_member(body, "wait");
	int64_t seconds = json_int(body, "wait", 0);
	int64_t round = json_int(body, "round", 0);

	if (cJSON_IsNumber(wait) && (seconds < 1 || seconds > API_POLL_WAIT_MS / 1000))
		return err_set(err, ERR_BAD, "wait: true, false or 1 to %d seconds", API_POLL_WAIT_MS / 1000);
	if (json_member(body, "round") && (round < 1 || !wait || cJSON_IsFalse(wait)))
		return err_set(err, ERR_BAD, "round: the number that an answer gave, together with \"wait\"");
	poll->wait_ms = cJSON_IsTrue(wait) ? API_POLL_WAIT_MS : seconds * 1000;
	poll->round = (uint64_t)round;
	return 0;
}

int handle_poll(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED(named_crates_release) struct named_crates named = {0};
	struct api_poll poll = {0};
	bool ended = false;

	int rc = body_crates(request, &named, err);
	if (!rc)
		rc = take_poll(named.json, &poll, err);
	if (rc)
		return rc;
	poll.registry = named.registry;
	poll.crates = named.crates;
	poll.n_crates = named.n_crates;
	size_t missing = named.n_crates;
	rc = backend->poll(backend->ctx, &poll, &request->answer, &ended, &missing, err);
	request->status = ended ? 200 : 202;
	return rc == ERR_ABSENT && missing < named.n_crates ? answer_not_watched(request, named.crates[missing], err)
							    : rc;
}
