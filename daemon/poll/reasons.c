/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons.c: asks web APIs for the reasons of yanks, a crate at a time: which one the tracker says, its versions in one
 * request, its owners in another one, and what came goes to the tracker. A place at the tracker is reserved before the
 * first request and kept until then.
 */
#include "base/clock.h"
#include "base/log.h"
#include "model/pace.h"
#include "model/reason.h"
#include "model/web_api.h"
#include "poll/parts.h"

#include <stdio.h>
#include <string.h>

#define ROOM_AGAIN_MS 50                      /* after the tracker had no place */
#define TROUBLE_AGAIN_MS 5000                 /* after it failed */
#define LOOK_MAX_MS (INT64_C(60) * 60 * 1000) /* the wall clock may step: nothing is believed to be due later */
#define AUTHORIZATION_SIZE (REGISTRY_TOKEN_MAX + 32)

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free(texts);
}

void reason_want_release(struct reason_want *want)
{
	free(want->crate);
	free_texts(want->versions, want->n_versions);
	*want = (struct reason_want){0};
}

void reason_reply_release(struct reason_reply *reply)
{
	free(reply->crate);
	free(reply->url);
	free_texts(reply->versions, reply->n_versions);
	free(reply->answer);
	free(reply->owners);
	*reply = (struct reason_reply){0};
}

/* ---- the end of a crate ---- */

static void begin_again(struct reason_api *api)
{
	reason_want_release(&api->want);
	free(TAKE(api->answer));
	api->repeated = false;
	api->stage = REASON_IDLE;
	api->looked = 0;
	api->next_due_ms = 0;
}

/* Nothing is recorded: the crate stays the next one. */
static void drop(struct reason_api *api)
{
	const struct poller_sink *sink = &api->poller->sink;

	begin_again(api);
	sink->give_back(sink->ctx);
}

/* The first versions alone may have been asked for. */
static void keep_asked(struct reason_api *api)
{
	struct reason_want *want = &api->want;

	while (want->n_versions > api->n_asked)
		free(want->versions[--want->n_versions]);
}

/* `owners` is taken; NULL: not asked for, or it failed. */
static void record(struct reason_api *api, char *owners, size_t owners_len, bool asked_owners)
{
	const struct poller_sink *sink = &api->poller->sink;
	OWNED_STRBUF struct strbuf url = {0};

	keep_asked(api);
	struct reason_want *want = &api->want;
	if (want->n_versions)
		web_api_put_versions(&url, api->base, want->crate);
	else
		web_api_put_owners(&url, api->base, want->crate);
	struct reason_reply reply = {
		.registry = api->registry->name,
		.crate = TAKE(want->crate),
		.url = strbuf_take(&url),
		.n_versions = want->n_versions,
		.versions = TAKE(want->versions),
		.answer = TAKE(api->answer),
		.answer_len = api->answer_len,
		.asked_owners = asked_owners,
		.owners = owners,
		.owners_len = owners_len,
		.observed_at_ms = clock_wall_ms(),
	};
	want->n_versions = 0;
	api->stage = REASON_AT_TRACKER;
	sink->record_reason(sink->ctx, api, &reply);
}

/* ---- replies ---- */

enum reply_kind { REPLY_GOOD, REPLY_ABSENT, REPLY_LIMITED, REPLY_TOO_LARGE, REPLY_NO_ROOM, REPLY_AGAIN, REPLY_FAILED };

static enum reply_kind kind_of(const struct reason_api *api, const struct http_reply *reply)
{
	static const struct {
		int status;
		enum reply_kind kind;
	} kinds[] = {{200, REPLY_GOOD},    {404, REPLY_ABSENT},  {410, REPLY_ABSENT}, {451, REPLY_ABSENT},
		     {403, REPLY_LIMITED}, {429, REPLY_LIMITED}, {503, REPLY_LIMITED}};

	if (reply->transient && !api->repeated)
		return REPLY_AGAIN;
	if (reply->err.code == ERR_BUSY)
		return REPLY_NO_ROOM;
	if (reply->err.code)
		return reply->err.code == ERR_LIMIT && api->stage == REASON_VERSIONS && api->n_asked > 1
			       ? REPLY_TOO_LARGE
			       : REPLY_FAILED;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].status == reply->status)
			return kinds[i].kind;
	return REPLY_FAILED;
}

/* The same request, when the budget has room for it. */
static void ask_again(struct reason_api *api)
{
	api->stage = api->stage == REASON_VERSIONS ? REASON_VERSIONS_DUE : REASON_OWNERS_DUE;
}

/* What came of the request; a NULL body: nothing. */
static void request_ended(struct reason_api *api, char *body, size_t len)
{
	if (api->stage == REASON_OWNERS) {
		record(api, body, len, true);
		return;
	}
	api->answer = body;
	api->answer_len = len;
	if (body && api->want.wants_owners)
		api->stage = REASON_OWNERS_DUE;
	else
		record(api, NULL, 0, false);
}

/* Refused twice in a row it may be this crate that is not liked: it goes back, and another one shows. */
static void on_limited(struct reason_api *api, const struct http_reply *reply)
{
	struct err why;

	(void)err_set(&why, ERR_REFUSED, "HTTP %d", reply->status);
	reason_api_limited(api, reply->retry_after_ms, &why, randoms_draw(&api->poller->randoms));
	if (api->answer || api->refusals > 1)
		request_ended(api, NULL, 0);
	else
		drop(api);
}

static void on_failed(struct reason_api *api, const struct http_reply *reply)
{
	struct err why = reply->err;

	if (!why.code)
		(void)err_set(&why, ERR_IO,
			      reply->status / 100 == 3 ? "HTTP %d: a redirect, which is not followed" : "HTTP %d",
			      reply->status);
	(void)err_prefix(&why, "%s", api->want.crate);
	log_debug("reasons: %s: %s", api->base, why.text);
	reason_api_failed(api, &why, randoms_draw(&api->poller->randoms));
	request_ended(api, NULL, 0);
}

static void take_reply(struct reason_api *api, struct http_reply *reply)
{
	enum reply_kind kind = kind_of(api, reply);

	api->repeated = kind == REPLY_AGAIN;
	api->good = kind == REPLY_GOOD || kind == REPLY_ABSENT;
	if (api->good)
		api->refusals = 0; /* whatever it says to the crate's other request */
	switch (kind) {
	case REPLY_GOOD:
		api->most = REASON_VERSIONS_MAX;
		request_ended(api, TAKE(reply->body), reply->body_len);
		break;
	case REPLY_ABSENT:
		request_ended(api, NULL, 0);
		break;
	case REPLY_LIMITED:
		on_limited(api, reply);
		break;
	case REPLY_TOO_LARGE:
		api->most = api->n_asked / 2;
		ask_again(api);
		break;
	case REPLY_NO_ROOM:
		api->again_ms = clock_mono_ms() + REGISTRY_ROOM_AGAIN_MS;
		ask_again(api);
		break;
	case REPLY_AGAIN:
		ask_again(api);
		break;
	case REPLY_FAILED:
		on_failed(api, reply);
		break;
	}
}

/* The configuration may say otherwise by now. */
static bool is_wanted(const struct reason_api *api)
{
	return !api->poller->paused && api->registry->reasons.asked == api;
}

static void on_reply(void *arg, struct http_reply *reply)
{
	struct reason_api *api = arg;
	struct poller *poller = api->poller;

	api->last_ms = clock_mono_ms() + 1;
	if (is_wanted(api))
		take_reply(api, reply);
	else
		drop(api);
	poller_pump_reasons(poller);
}

/* ---- requests ---- */

static void put_url(struct reason_api *api, struct strbuf *url)
{
	const struct reason_want *want = &api->want;
	size_t most = want->n_versions < api->most ? want->n_versions : api->most;

	if (api->stage == REASON_OWNERS_DUE) {
		web_api_put_owners(url, api->base, want->crate);
		return;
	}
	web_api_put_versions(url, api->base, want->crate);
	api->n_asked = web_api_put_nums(url, (const char *const *)want->versions, most);
}

/* A token is sent to no other host than the index's. */
static bool is_own(const struct reason_api *api)
{
	return web_api_same_origin(api->base, api->registry->index_url);
}

static int get(struct reason_api *api, struct err *err)
{
	const struct registry *registry = api->registry;
	OWNED_STRBUF struct strbuf url = {0};
	char authorization[AUTHORIZATION_SIZE];
	struct http_request request = {
		.headers = {registry->user_agent, "accept: application/json"},
		.trust = is_own(api) ? registry->trust : registry->reasons.trust,
		.trust_id = is_own(api) ? registry->trust_id : registry->reasons.trust_id,
		.share = &api->share,
		.body_max = REASON_ANSWER_MAX,
		.fresh = api->repeated,
	};

	put_url(api, &url);
	if (strbuf_failed(&url))
		return err_nomem(err);
	request.url = strbuf_str(&url);
	if (registry->token && is_own(api)) {
		(void)snprintf(authorization, sizeof authorization, "authorization: %s", registry->token);
		request.headers[2] = authorization;
	}
	return http_get(api->poller->http, &request, on_reply, api, err);
}

static void send_request(struct reason_api *api)
{
	struct http_reply none = {0};

	int rc = get(api, &none.err);
	api->stage = api->stage == REASON_VERSIONS_DUE ? REASON_VERSIONS : REASON_OWNERS;
	api->last_ms = clock_mono_ms() + 1;
	if (rc)
		on_failed(api, &none);
	else
		api->counters.requests++;
}

/* ---- what is next ---- */

static void ask_tracker(struct reason_api *api)
{
	const struct poller_sink *sink = &api->poller->sink;

	if (!sink->reserve(sink->ctx)) {
		api->again_ms = clock_mono_ms() + ROOM_AGAIN_MS;
		return;
	}
	api->registry = reason_api_registry(api, (api->turn + api->looked) % reason_api_registries(api));
	api->stage = REASON_ASKS_TRACKER;
	api->woken = false;
	sink->want_reason(sink->ctx, api, api->registry->name);
}

static int64_t mono_of(int64_t wall_ms)
{
	if (wall_ms == 0)
		return INT64_MAX;
	return clock_mono_ms() + pace_clamp_ms(wall_ms - clock_wall_ms(), 0, LOOK_MAX_MS);
}

/* That registry has nothing due; the next one of the API may. */
static void nothing_due(struct reason_api *api, int64_t next_due_ms)
{
	int64_t at_ms = mono_of(next_due_ms);

	if (api->looked == 0 || at_ms < api->least_due_ms)
		api->least_due_ms = at_ms;
	api->next_due_ms = 0;
	if (++api->looked < reason_api_registries(api))
		return;
	api->looked = 0;
	api->next_due_ms = api->least_due_ms;
}

/* A place for what will come. */
static void take_want(struct reason_api *api, struct reason_want *want)
{
	const struct poller_sink *sink = &api->poller->sink;

	if (!sink->reserve(sink->ctx)) {
		api->again_ms = clock_mono_ms() + ROOM_AGAIN_MS;
		return;
	}
	api->turn++;
	api->looked = 0;
	api->want = *want;
	*want = (struct reason_want){0};
	api->n_asked = 0;
	api->stage = api->want.n_versions ? REASON_VERSIONS_DUE : REASON_OWNERS_DUE;
}

void poller_reason_wanted(struct poller *poller, struct reason_api *api, int rc, struct reason_want *want)
{
	api->stage = REASON_IDLE;
	if (rc) {
		api->again_ms = clock_mono_ms() + TROUBLE_AGAIN_MS;
	} else if (is_wanted(api)) {
		if (want->crate && (want->n_versions || want->wants_owners))
			take_want(api, want);
		else
			nothing_due(api, want->next_due_ms);
		if (api->woken)
			api->next_due_ms = 0;
	}
	reason_want_release(want);
	poller_pump_reasons(poller);
}

void poller_reason_recorded(struct poller *poller, struct reason_api *api, int rc, const struct err *why)
{
	begin_again(api);
	if (rc == ERR_BAD || rc == ERR_LIMIT)
		reason_api_failed(api, why, randoms_draw(&poller->randoms));
	else if (rc)
		api->again_ms = clock_mono_ms() + TROUBLE_AGAIN_MS;
	else if (api->good)
		reason_api_answered(api);
	poller_pump_reasons(poller);
}

/* ---- the timer ---- */

/* When there is something to do; INT64_MAX: not before something happens. */
static int64_t due_ms(const struct reason_api *api)
{
	int64_t free_ms = reason_api_free_ms(api);

	free_ms = api->again_ms > free_ms ? api->again_ms : free_ms;
	switch (api->stage) {
	case REASON_IDLE:
		if (!api->used)
			return INT64_MAX;
		return api->next_due_ms > free_ms ? api->next_due_ms : free_ms;
	case REASON_VERSIONS_DUE:
	case REASON_OWNERS_DUE:
		return free_ms;
	case REASON_ASKS_TRACKER:
	case REASON_VERSIONS:
	case REASON_OWNERS:
	case REASON_AT_TRACKER:
		return INT64_MAX;
	}
	return INT64_MAX;
}

static void act(struct reason_api *api)
{
	if (api->stage == REASON_IDLE)
		ask_tracker(api);
	else if (is_wanted(api))
		send_request(api);
	else
		drop(api);
}

void poller_pump_reasons(struct poller *poller)
{
	int64_t now_ms = clock_mono_ms();
	int64_t next_ms = INT64_MAX;

	if (poller->paused)
		return;
	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		struct reason_api *api = poller->reason_apis[i];
		if (due_ms(api) <= now_ms)
			act(api);
		next_ms = due_ms(api) < next_ms ? due_ms(api) : next_ms;
	}
	if (next_ms == INT64_MAX)
		loop_timer_clear(&poller->reason_timer);
	else
		loop_timer_set(&poller->reason_timer, next_ms - now_ms);
}

void poller_reasons_on_fire(struct loop_timer *timer)
{
	poller_pump_reasons(CONTAINER_OF(timer, struct poller, reason_timer));
}

void poller_reasons_due(struct poller *poller)
{
	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		struct reason_api *api = poller->reason_apis[i];
		api->woken = true;
		api->next_due_ms = 0;
	}
	poller_pump_reasons(poller);
}

bool poller_reasons_settled(const struct poller *poller)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < poller->n_reason_apis; i++) {
		const struct reason_api *api = poller->reason_apis[i];
		bool is_waiting = api->next_due_ms > now_ms || api->paused_until_ms > now_ms;
		if (api->used && (api->stage != REASON_IDLE || !is_waiting))
			return false;
	}
	return true;
}
