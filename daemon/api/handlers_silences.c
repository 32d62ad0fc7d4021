/* SPDX-License-Identifier: Apache-2.0 */
/* handlers_silences.c: what shall not be told for a while. */
#include "api/arguments.h"
#include "api/body.h"
#include "api/handlers.h"
#include "api/peer.h"
#include "api/silence_json.h"
#include "base/clock.h"
#include "base/numbers.h"
#include "store/query.h"
#include "store/silences.h"

#include <string.h>

/* Appends one silence to the list, or the one that is looked for. */
struct listing {
	struct json_writer w;
	unsigned listed;
	const char *only; /* its id; NULL = all */
	int64_t now_ms;
	enum silence_state state; /* SILENCE_STATES = any */
};

static void list_silence(void *ctx, const struct silence_row *row)
{
	struct listing *listing = ctx;

	if (listing->only && strcmp(listing->only, row->id) != 0)
		return;
	if (listing->state != SILENCE_STATES && listing->state != silence_state(row, listing->now_ms))
		return;
	if (listing->listed++ < QUERY_LIMIT_MAX)
		silence_write(&listing->w, row, listing->now_ms);
}

static int list_silences(struct request *request, struct listing *listing, struct err *err)
{
	listing->w.out = &request->answer;
	listing->now_ms = clock_wall_ms();
	struct db *db = readers_borrow(request->readers, API_QUERY_MS);
	int rc = silences_list(db, listing->state == SILENCE_ACTIVE, listing->now_ms, list_silence, listing, err);
	readers_return(request->readers, db);
	return rc;
}

int handle_silences(struct request *request, struct err *err)
{
	struct listing listing = {.w = {.out = &request->answer}, .state = SILENCE_STATES};
	const char *state = request->argument(request, "state");

	if (state && !silence_state_parse(state, &listing.state))
		return err_set(err, ERR_BAD, "state: there is no state \"%.40s\", allowed: active, expired, removed",
			       state);
	json_open(&listing.w, NULL, '{');
	json_open(&listing.w, "silences", '[');
	int rc = list_silences(request, &listing, err);
	json_close(&listing.w, ']');
	json_close(&listing.w, '}');
	return rc;
}

/* An end: RFC 3339, or so long from now. */
static int take_end(const cJSON *body, int64_t *ret_ms, struct err *err)
{
	const char *text = json_string(body, "ends");
	int64_t span_ms;

	if (!text)
		return err_set(err, ERR_BAD, "ends: is missing: an RFC 3339 time, or a duration from now as 2h or 7d");
	if (duration_parse_ms(text, &span_ms) && span_ms <= SILENCE_MAX_MS)
		*ret_ms = clock_wall_ms() + span_ms;
	else if (!time_parse_rfc3339(text, ret_ms))
		return err_set(err, ERR_BAD,
			       "ends: \"%.40s\" is no time: RFC 3339, or a duration of at most a year as 2h or 7d",
			       text);
	return 0;
}

static int take_kinds(const cJSON *list, uint32_t *ret, struct err *err)
{
	const cJSON *item;

	/* Whoever removed its last item did not mean all of them. */
	if (list && cJSON_GetArraySize(list) == 0)
		return err_set(err, ERR_BAD, "events: name at least one, or leave it away for all");
	cJSON_ArrayForEach (item, list) {
		enum event_kind kind;
		int rc = kind_parse(cJSON_IsString(item) ? item->valuestring : "", &kind, err);
		if (rc)
			return rc;
		*ret |= 1u << kind;
	}
	return 0;
}

/* A registry that is misspelt would silence nothing, and look right. */
static int check_registry(const struct config *config, const char *name, struct err *err)
{
	OWNED_STRBUF struct strbuf advice = {0};
	struct names names = registries_names(config);
	size_t ignored;

	if (!name || names_find(&names, name, &ignored))
		return 0;
	names_advise(&names, name, &advice);
	return err_set(err, ERR_BAD, "registry: there is no registry \"%.40s\"%s", name, strbuf_str(&advice));
}

static int take_silence(const struct request *request, const cJSON *body, const char *by, struct silence *ret,
			struct err *err)
{
	const char *given = json_string(body, "author");

	ret->match = (struct silence_match){
		.registry = json_string(body, "registry"),
		.crate = json_string(body, "crate"),
		.version = json_string(body, "version"),
		.project = json_string(body, "project"),
	};
	ret->author = given ? given : by;
	ret->comment = json_string(body, "comment");
	int rc = check_registry(request->config, ret->match.registry, err);
	if (!rc)
		rc = take_kinds(json_member(body, "events"), &ret->match.kinds, err);
	if (!rc)
		rc = take_end(body, &ret->ends_ms, err);
	if (rc)
		return rc;
	const char *complaint = silence_complaint(ret, clock_wall_ms());
	return complaint ? err_set(err, ERR_BAD, "%s", complaint) : 0;
}

int handle_silence_add(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	OWNED_JSON cJSON *body = NULL;
	struct silence silence = {0};
	char by[PEER_NAME_MAX];
	char id[SILENCE_ID_MAX];

	int rc = body_parse(request, &body, err);
	if (!rc)
		rc = take_silence(request, body, peer_name(request->uid, by), &silence, err);
	if (!rc)
		rc = backend->silence_add(backend->ctx, &silence, by, id, err);
	if (rc)
		return rc;
	struct listing listing = {.only = id, .state = SILENCE_STATES};
	request->status = 201;
	return list_silences(request, &listing, err);
}

int handle_silence_remove(struct request *request, struct err *err)
{
	const struct api_backend *backend = request->backend;
	char by[PEER_NAME_MAX];

	int rc = backend->silence_remove(backend->ctx, request->params[0], peer_name(request->uid, by), err);
	request->status = rc ? request->status : 204;
	return rc;
}
