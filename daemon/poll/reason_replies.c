/* SPDX-License-Identifier: Apache-2.0 */
/* reason_replies.c: see reason_replies.h. */
#include "poll/reason_replies.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/reason.h"
#include "model/web_api.h"
#include "poll/parts.h"

/* ---- the end of a crate ---- */

void reason_begin_again(struct reason_api *api)
{
	reason_want_release(&api->want);
	free(TAKE(api->answer));
	api->repeated = false;
	api->stage = REASON_IDLE;
	api->looked = 0;
	api->next_due_ms = 0;
}

/* Nothing is recorded: the crate stays the next one. */
void reason_drop(struct reason_api *api)
{
	const struct poller_sink *sink = &api->poller->sink;

	reason_begin_again(api);
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
		.asked_at_ms = api->wanted_ms,
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
		reason_drop(api);
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
bool reason_is_wanted(const struct reason_api *api)
{
	return !api->poller->paused && api->registry->reasons.asked == api;
}

void reason_on_reply(void *arg, struct http_reply *reply)
{
	struct reason_api *api = arg;
	struct poller *poller = api->poller;

	api->last_ms = clock_mono_ms() + 1;
	if (reason_is_wanted(api))
		take_reply(api, reply);
	else
		reason_drop(api);
	poller_pump_reasons(poller);
}

void reason_not_sent(struct reason_api *api, const struct http_reply *why)
{
	on_failed(api, why);
}
