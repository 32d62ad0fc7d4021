/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reasons.c: asks web APIs for the reasons of yanks, a crate at a time: which one the tracker says, its versions in one
 * request, its owners in another one; what comes back is reason_replies.c's. A place at the tracker is reserved before
 * the first request and kept until then.
 */
#include "base/clock.h"
#include "model/pace.h"
#include "model/reason.h"
#include "model/web_api.h"
#include "poll/parts.h"
#include "poll/reason_replies.h"

#include <stdio.h>

#define ROOM_AGAIN_MS 50                      /* after the tracker had no place */
#define TROUBLE_AGAIN_MS 5000                 /* after it failed */
#define LOOK_MAX_MS (INT64_C(60) * 60 * 1000) /* the wall clock may step: nothing is believed to be due later */
#define AUTHORIZATION_SIZE (REGISTRY_TOKEN_MAX + 32)

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
	return http_get(api->poller->http, &request, reason_on_reply, api, err);
}

static void send_request(struct reason_api *api)
{
	struct http_reply none = {0};

	int rc = get(api, &none.err);
	api->stage = api->stage == REASON_VERSIONS_DUE ? REASON_VERSIONS : REASON_OWNERS;
	api->last_ms = clock_mono_ms() + 1;
	if (rc)
		reason_not_sent(api, &none);
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
	api->wanted_ms = clock_wall_ms();
	api->n_asked = 0;
	api->stage = api->want.n_versions ? REASON_VERSIONS_DUE : REASON_OWNERS_DUE;
}

void poller_reason_wanted(struct poller *poller, struct reason_api *api, int rc, struct reason_want *want)
{
	api->stage = REASON_IDLE;
	if (rc) {
		api->again_ms = clock_mono_ms() + TROUBLE_AGAIN_MS;
	} else if (reason_is_wanted(api)) {
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
	reason_begin_again(api);
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
	else if (reason_is_wanted(api))
		send_request(api);
	else
		reason_drop(api);
}

void poller_ask_reasons(struct poller *poller)
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
