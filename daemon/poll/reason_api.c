/* SPDX-License-Identifier: Apache-2.0 */
/* reason_api.c: see reason_api.h. */
#include "poll/reason_api.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/pace.h"
#include "model/reason.h"

#include <string.h>

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

struct reason_api *reason_api_new(struct poller *poller, const char *base)
{
	struct reason_api *api = calloc(1, sizeof *api);

	if (!api)
		return NULL;
	api->poller = poller;
	api->most = REASON_VERSIONS_MAX;
	api->last_ms = clock_mono_ms() + 1; /* a process before this one may have asked just now */
	api->base = strdup(base);
	if (!api->base) {
		free(api);
		return NULL;
	}
	return api;
}

void reason_api_free(struct reason_api *api)
{
	reason_want_release(&api->want);
	free(api->answer);
	free(api->base);
	free(api);
}

int64_t reason_api_free_ms(const struct reason_api *api)
{
	int64_t free_ms = api->last_ms + api->each_ms;
	return free_ms > api->paused_until_ms ? free_ms : api->paused_until_ms;
}

int64_t reason_api_limit_ms(unsigned refusals, int64_t retry_after_ms, uint32_t random)
{
	int64_t wish_ms = retry_after_ms ? retry_after_ms : REASON_API_LIMIT_DEFAULT_MS;
	int64_t least_ms = pace_clamp_ms(wish_ms, REASON_API_LIMIT_MIN_MS, REASON_API_LIMIT_MAX_MS);
	int64_t pause_ms = pace_backoff_ms(refusals, least_ms, REASON_API_LIMIT_MAX_MS, random);

	return pace_clamp_ms(pause_ms, least_ms, REASON_API_LIMIT_MAX_MS);
}

/* ---- how requests end ---- */

void reason_api_answered(struct reason_api *api)
{
	if (api->said_trouble)
		log_info("reasons: %s answers again", api->base);
	api->said_trouble = false;
	api->failures = api->refusals = 0;
}

static void note(struct reason_api *api, const struct err *why)
{
	api->counters.failures++;
	api->counters.last_error = *why;
	api->counters.last_error_ms = clock_wall_ms();
}

static void pause_for(struct reason_api *api, const char *cause, int64_t ms, const struct err *why)
{
	char safe[ERR_TEXT_MAX];

	api->paused_until_ms = clock_mono_ms() + ms;
	api->said_trouble = true;
	log_warning("reasons: %s %s, is not asked for %lld s: %s; its index is polled as before", api->base, cause,
		    ms < 1000 ? 1LL : (long long)(ms / 1000), text_safe(why->text, safe, sizeof safe));
}

void reason_api_failed(struct reason_api *api, const struct err *why, uint32_t random)
{
	note(api, why);
	if (++api->failures < REASON_API_FAILURES_MAX)
		return;
	unsigned pauses = api->failures - REASON_API_FAILURES_MAX + 1;
	pause_for(api, "fails again and again",
		  pace_backoff_ms(pauses, REASON_API_PAUSE_FIRST_MS, REASON_API_PAUSE_MAX_MS, random), why);
}

void reason_api_limited(struct reason_api *api, int64_t retry_after_ms, const struct err *why, uint32_t random)
{
	note(api, why);
	pause_for(api, "asks us to wait", reason_api_limit_ms(++api->refusals, retry_after_ms, random), why);
}

/* ---- how it is ---- */

static const char *state_name(const struct reason_api *api, int64_t pause_ms)
{
	if (pause_ms > 0)
		return "paused";
	return api->failures || api->refusals ? "failing" : "ok";
}

void reason_api_status(const struct reason_api *api, struct json_writer *w)
{
	int64_t pause_ms = api->paused_until_ms - clock_mono_ms();

	json_put_string(w, "api", api->base);
	json_put_string(w, "state", state_name(api, pause_ms));
	json_put_int(w, "requests", api->counters.requests);
	json_put_int(w, "failures", api->counters.failures);
	if (pause_ms > 0)
		json_put_time(w, "paused_until", clock_wall_ms() + pause_ms);
	if (api->counters.last_error_ms) {
		json_open(w, "last_error", '{');
		json_put_string(w, "text", api->counters.last_error.text);
		json_put_time(w, "at", api->counters.last_error_ms);
		json_close(w, '}');
	}
}
