/* SPDX-License-Identifier: Apache-2.0 */
/* handlers.c: the route table and what each row does. */
#include "api/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/numbers.h"
#include "base/text.h"
#include "model/index_path.h"
#include "store/query.h"

#include <stdio.h>
#include <string.h>

#define PAGE_DEFAULT 100
#define CRATES_MAX 1000   /* named in one request */
#define NAME_QUOTE_MAX 68 /* bytes quoted of a name that is none, "..." included */

/* ---- reading a request ---- */

static int take_number(const struct request *request, const char *name, uint64_t max, uint64_t absent, uint64_t *ret,
		       struct err *err)
{
	const char *text = request->argument(request, name);

	*ret = absent;
	if (text && !number_parse_u64(text, max, ret))
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is not a number from 0 to %llu", name, text,
			       (unsigned long long)max);
	return 0;
}

static int take_limit(const struct request *request, unsigned *ret, struct err *err)
{
	uint64_t limit;

	int rc = take_number(request, "limit", QUERY_LIMIT_MAX, PAGE_DEFAULT, &limit, err);
	if (!rc && limit == 0)
		rc = err_set(err, ERR_BAD, "limit: 0 is not allowed, 1 to %d are", QUERY_LIMIT_MAX);
	*ret = (unsigned)limit;
	return rc;
}

static int take_time(const struct request *request, const char *name, int64_t *ret_ms, struct err *err)
{
	const char *text = request->argument(request, name);

	if (text && !time_parse_rfc3339(text, ret_ms))
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is not an RFC 3339 time", name, text);
	return 0;
}

static int take_flag(const struct request *request, const char *name, bool *ret, struct err *err)
{
	const char *text = request->argument(request, name);

	*ret = text && strcmp(text, "true") == 0;
	if (text && !*ret && strcmp(text, "false") != 0)
		return err_set(err, ERR_BAD, "%s: \"%.40s\" is neither true nor false", name, text);
	return 0;
}

static int no_such_kind(const char *name, struct err *err)
{
	OWNED_STRBUF struct strbuf kinds = {0};

	for (size_t i = 0; i < EVENT_KINDS; i++)
		strbuf_addf(&kinds, "%s%s", i ? ", " : "", event_kind_name((enum event_kind)i));
	return err_set(err, ERR_BAD, "event: there is no kind \"%.40s\", allowed: %s", name, strbuf_str(&kinds));
}

static int take_kinds(const struct request *request, uint32_t *ret, struct err *err)
{
	const char *text = request->argument(request, "event");
	OWNED_MEM char *copy = strdup(text ? text : "");
	char *rest = copy;
	char *name;

	if (!copy)
		return err_nomem(err);
	while (*copy && (name = strsep(&rest, ","))) {
		enum event_kind kind;
		if (!event_kind_parse(name, &kind))
			return no_such_kind(name, err);
		*ret |= 1u << kind;
	}
	return 0;
}

/* The names of a request's body: {"registry"?, "crates"?: […], …}. */
struct named_crates {
	cJSON *json; /* owned; the others point into it */
	const char *registry;
	const char **crates; /* owned */
	size_t n_crates;
};

static void named_crates_release(struct named_crates *named)
{
	cJSON_Delete(named->json);
	free(named->crates);
}

struct member {
	const char *key;
	cJSON_bool (*is)(const cJSON *value);
	const char *what;
};

static cJSON_bool is_bool_or_number(const cJSON *value)
{
	return cJSON_IsBool(value) || cJSON_IsNumber(value);
}

/* Unknown ones are refused: {"crate": "x"} would mean every crate. */
static int check_members(const cJSON *body, const char *words, struct err *err)
{
	static const struct member members[] = {
		{"registry", cJSON_IsString, "a registry's name"},
		{"crates", cJSON_IsArray, "a list of crate names"},
		{"wait", is_bool_or_number, "true, false or seconds"},
		{"round", cJSON_IsNumber, "a round's number"},
	};
	const cJSON *value;

	if (!cJSON_IsObject(body))
		return err_set(err, ERR_BAD, "not an object, allowed in one: %s", words);
	cJSON_ArrayForEach (value, body) {
		if (!word_is_listed(words, value->string))
			return err_set(err, ERR_BAD, "\"%.40s\": unknown, allowed: %s", value->string, words);
		for (size_t i = 0; i < ARRAY_LEN(members); i++)
			if (strcmp(members[i].key, value->string) == 0 && !members[i].is(value))
				return err_set(err, ERR_BAD, "\"%s\": must be %s", members[i].key, members[i].what);
	}
	return 0;
}

static int no_crate_name(const char *name, struct err *err)
{
	char safe[NAME_QUOTE_MAX];

	return err_set(err, ERR_BAD, "crates: \"%s\" " CRATE_NAME_FAULT, text_safe(name, safe, sizeof safe));
}

static int take_crates(const struct request *request, struct named_crates *ret, struct err *err)
{
	const cJSON *item;

	if (request->body.len == 0)
		return 0;
	int rc = json_parse(request->body.data, request->body.len, &ret->json, err);
	if (!rc)
		rc = check_members(ret->json, request->row->body, err);
	if (rc)
		return err_prefix(err, "the request's body");
	const cJSON *list = json_member(ret->json, "crates");
	int count = cJSON_GetArraySize(list);
	ret->registry = json_string(ret->json, "registry");
	if (list && count == 0)
		return err_set(err, ERR_BAD, "crates: name at least one");
	if (count > CRATES_MAX)
		return err_set(err, ERR_LIMIT, "%d crates: at most %d in one request", count, CRATES_MAX);
	ret->crates = calloc((size_t)count + 1, sizeof *ret->crates);
	if (!ret->crates)
		return err_nomem(err);
	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item))
			return err_set(err, ERR_BAD, "crates: item %zu is not a text", ret->n_crates + 1);
		if (!crate_name_valid(item->valuestring))
			return no_crate_name(item->valuestring, err);
		ret->crates[ret->n_crates++] = item->valuestring;
	}
	return 0;
}

/* ---- reading ---- */

static int handle_healthz(struct request *request, struct err *err)
{
	bool healthy = request->backend->is_healthy(request->backend->ctx);
	(void)err;

	strbuf_addf(&request->answer, "{\"healthy\":%s}", healthy ? "true" : "false");
	request->status = healthy ? 200 : 503;
	return 0;
}

static void put_counts(struct json_writer *w, const struct database_counts *counts)
{
	json_open(w, "database", '{');
	json_put_int(w, "events", counts->events);
	json_put_int(w, "crates", counts->crates);
	json_put_int(w, "bytes", counts->bytes);
	json_put_int(w, "wal_bytes", counts->wal_bytes);
	json_close(w, '}');
	json_open(w, "outbox", '{');
	for (size_t i = 0; i < NOTIFICATION_STATES; i++)
		json_put_int(w, notification_state_name((enum notification_state)i), counts->notifications[i]);
	json_close(w, '}');
}

static int handle_status(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	struct json_writer w = {.out = &request->answer};
	OWNED_STRBUF struct strbuf memory = {0};
	struct database_counts counts;

	int rc = backend->status(backend->ctx, &memory, err);
	if (rc)
		return rc;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_counts(db, &counts, err);
	readers_return(request->readers, db);
	if (rc)
		return rc;
	json_open(&w, NULL, '{');
	json_put_string(&w, "version", YANKWATCH_VERSION);
	json_put_time(&w, "started_at", request->started_ms);
	strbuf_addf(&request->answer, ",%s", strbuf_str(&memory));
	put_counts(&w, &counts);
	json_open(&w, "log", '{');
	json_put_int(&w, "dropped", (int64_t)log_dropped());
	json_close(&w, '}');
	json_close(&w, '}');
	return 0;
}

static int handle_events(struct request *request, struct err *err)
{
	struct event_filter filter = {
		.registry = request->argument(request, "registry"),
		.crate = request->argument(request, "crate"),
		.version = request->argument(request, "version"),
	};
	uint64_t after = 0;

	int rc = take_limit(request, &filter.limit, err);
	if (!rc)
		rc = take_number(request, "after", INT64_MAX, 0, &after, err);
	if (!rc)
		rc = take_time(request, "since", &filter.since_ms, err);
	if (!rc)
		rc = take_time(request, "until", &filter.until_ms, err);
	if (!rc)
		rc = take_kinds(request, &filter.kinds, err);
	if (!rc)
		rc = take_flag(request, "reverse", &filter.reverse, err);
	if (rc)
		return rc;
	filter.after = (int64_t)after;
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	rc = query_events(db, &filter, &request->answer, err);
	readers_return(request->readers, db);
	return rc;
}

/* A name that is not watched: 404, with names that are and look like it. */
static int answer_not_watched(struct request *request, const char *crate, const struct err *why)
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

static int handle_crate(struct request *request, struct err *err)
{
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = query_crate(db, request->params[0], request->params[1], &request->answer, err);
	readers_return(request->readers, db);
	return rc == ERR_ABSENT ? answer_not_watched(request, request->params[1], err) : rc;
}

static int handle_watches(struct request *request, struct err *err)
{
	struct watch_filter filter = {
		.registry = request->argument(request, "registry"),
		.crate = request->argument(request, "crate"),
	};
	uint64_t after = 0;

	int rc = take_limit(request, &filter.limit, err);
	if (!rc)
		rc = take_number(request, "after", INT64_MAX, 0, &after, err);
	if (rc)
		return rc;
	filter.after = (int64_t)after;
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

static int handle_watch_add(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED(named_crates_release) struct named_crates named = {0};

	int rc = take_crates(request, &named, err);
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

static int handle_watch_remove(struct request *request, struct err *err)
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

static int handle_poll(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED(named_crates_release) struct named_crates named = {0};
	struct api_poll poll = {0};
	bool ended = false;

	int rc = take_crates(request, &named, err);
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
