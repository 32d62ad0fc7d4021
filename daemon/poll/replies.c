/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replies.c: what comes back of a poll, and how it ends: reply, observation, commit,
 * next time. Read it from poller_on_reply() to observe() to poller_committed().
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/belief.h"
#include "model/pace.h"
#include "poll/parts.h"

#include <sodium.h>
#include <string.h>

/* ---- the end of a poll ---- */

static void schedule_at(struct watch *watch, int64_t due_ms)
{
	/* Room for every watch was reserved when it was added. */
	schedule_put(&watch->registry->schedule, watch, watch->wanted ? WATCH_AT_ONCE : due_ms);
}

/* The poll under way may have begun before what it is to be looked at for. One that failed keeps its pause. */
static void begin_afresh(struct watch *watch, int64_t *pause_ms)
{
	watch->afresh = false;
	watch->awaited = true;
	free(TAKE(watch->etag));
	if (watch->failures == 0)
		*pause_ms = 0;
}

static void watch_returns(struct watch *watch, int64_t pause_ms)
{
	watch->stage = WATCH_SCHEDULED;
	if (watch->afresh)
		begin_afresh(watch, &pause_ms);
	if (watch->removed)
		registry_forget(watch->registry, watch);
	else
		schedule_at(watch, clock_mono_ms() + pause_ms);
}

/* What came back is another index's than the registry has by now. */
static void poll_again(struct watch *watch)
{
	watch_poll_again(watch);
	watch_returns(watch, 0);
}

static void poll_went_well(struct watch *watch, bool changed)
{
	struct registry *registry = watch->registry;

	registry_succeeded(registry);
	registry_note_poll(watch, true);
	health_polled(&registry->health, watch->state == CRATE_PRESENT && !watch->removed);
	poller_report_health(registry);
	watch_poll_ends(watch, changed ? POLL_CHANGED : POLL_UNCHANGED, NULL);
	watch_returns(watch, pace_poll_ms(registry->interval_ms, randoms_draw(&registry->poller->randoms)));
}

/* The crate backs off; what this means for the registry its caller has said. */
void poller_poll_failed(struct watch *watch, const struct err *why)
{
	int64_t interval_ms = watch->registry->interval_ms;
	int64_t first_ms = interval_ms < WATCH_BACKOFF_FIRST_MS ? interval_ms : WATCH_BACKOFF_FIRST_MS;
	int64_t max_ms = interval_ms > WATCH_BACKOFF_MAX_MS ? interval_ms : WATCH_BACKOFF_MAX_MS;

	registry_note_poll(watch, false);
	int64_t pause_ms = pace_backoff_ms(watch->failures, first_ms, max_ms, randombytes_random());
	char safe[ERR_TEXT_MAX];
	if (!watch->removed)
		log_write(watch->failures == 1 ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,
			  "poll: %s in %s: %s; failure %u in a row, again in %lld ms", watch->crate,
			  watch->registry->name, text_safe(why->text, safe, sizeof safe), watch->failures,
			  (long long)pause_ms);
	watch_poll_ends(watch, POLL_FAILED, why);
	watch_returns(watch, pause_ms);
}

void poller_ends_unseen(struct poller *poller)
{
	poller->out--;
	poller->sink.give_back(poller->sink.ctx);
}

void poller_send(struct watch *watch)
{
	struct err err;

	if (poller_request(watch, &err)) {
		poller_ends_unseen(watch->registry->poller);
		poller_poll_failed(watch, &err);
	}
}

/* ---- observations ---- */

static int observation_fill(struct observation *observation, const struct watch *watch)
{
	observation->registry = strdup(watch->registry->name);
	observation->index_url = strdup(watch->registry->index_url);
	observation->crate = strdup(watch->crate);
	observation->observed_at_ms = clock_wall_ms();
	return observation->registry && observation->index_url && observation->crate ? 0 : ERR_NOMEM;
}

static void observe(struct poller *poller, struct watch *watch, struct observation *observation)
{
	struct err err;

	if (observation_fill(observation, watch)) {
		observation_release(observation);
		poller_ends_unseen(poller);
		(void)err_nomem(&err);
		poller_poll_failed(watch, &err);
		return;
	}
	watch->stage = WATCH_AT_TRACKER;
	watch->body_len = (uint32_t)observation->body_len;
	poller->body_bytes += watch->body_len;
	poller->sink.observe(poller->sink.ctx, watch, observation);
}

static void observe_file(struct poller *poller, struct watch *watch, struct http_reply *reply)
{
	struct observation observation = {
		.state = CRATE_PRESENT,
		.status = reply->status,
		.body_len = reply->body_len,
		.body = TAKE(reply->body),
		.unframed = reply->unframed,
		.validators = {.etag = TAKE(reply->etag),
			       .last_modified =
				       belief_clamp(reply->last_modified, reply->date, clock_wall_ms() / 1000)},
	};
	observe(poller, watch, &observation);
}

static void observe_pending(struct poller *poller, struct watch *watch)
{
	struct observation observation = {.pending_stands = true};
	observe(poller, watch, &observation);
}

/* A fresh config.json came: the registry is there, so its 404s are believed. */
static void observe_absences(struct registry *registry)
{
	for (struct watch *watch = registry->absent; watch; watch = watch->next)
		if (watch->state == CRATE_PRESENT && !watch_is_stale(watch))
			registry_set_missing(watch, true);
	poller_report_health(registry); /* the tracker hears of an incident before it hears of its absences */
	while (registry->absent) {
		struct watch *watch = registry->absent;
		struct observation observation = {.state = CRATE_ABSENT, .status = watch->gone_status};
		registry->absent = watch->next;
		if (watch_is_stale(watch)) {
			poller_ends_unseen(registry->poller);
			poll_again(watch);
		} else {
			observe(registry->poller, watch, &observation);
		}
	}
}

void poller_drop_absences(struct registry *registry, const struct err *why)
{
	while (registry->absent) {
		struct watch *watch = registry->absent;
		registry->absent = watch->next;
		poller_ends_unseen(registry->poller);
		poller_poll_failed(watch, why);
	}
}

void poller_committed(struct poller *poller, struct watch *watch, int rc, const struct err *why,
		      struct observation_result *result)
{
	poller->out--;
	poller->body_bytes -= watch->body_len;
	watch->body_len = 0;
	if (watch_is_stale(watch)) {
		poll_again(watch);
	} else if (rc) {
		/* The registry's fault, or our disk's? */
		if (rc == ERR_BAD || rc == ERR_LIMIT)
			registry_failed(watch->registry, why, randombytes_random());
		if (rc == ERR_IO || rc == ERR_NOMEM)
			registry_not_stored(watch, why);
		registry_know(watch,
			      (struct knowledge){.state = watch->state,
						 .missing = watch->missing,
						 .pending = watch->pending && rc != ERR_REFUSED, /* nothing waits */
						 .unparsed = watch->unparsed});
		free(TAKE(watch->etag)); /* whatever is true, the next reply is whole */
		poller_poll_failed(watch, why);
	} else {
		watch->awaited = false;
		free(watch->etag);
		watch->etag = TAKE(result->validators.etag);
		registry_know(watch, (struct knowledge){
					     .state = result->state,
					     .missing = watch->missing && result->state == CRATE_PRESENT,
					     .pending = result->pending,
					     .unparsed = result->unparsed,
				     });
		watch->registry->counters.stale += result->stale;
		poll_went_well(watch, result->events > 0);
	}
	poller_pump(poller);
}

/* ---- replies about a crate, a function for each kind of answer ---- */

/* Nothing that the tracker must hear of: the poll is over. */
static void ends_well_unseen(struct watch *watch)
{
	poller_ends_unseen(watch->registry->poller);
	poll_went_well(watch, false);
}

static void ends_badly_unseen(struct watch *watch, const struct err *why)
{
	poller_ends_unseen(watch->registry->poller);
	poller_poll_failed(watch, why);
}

static void on_file(struct watch *watch, struct http_reply *reply)
{
	registry_set_missing(watch, false);
	observe_file(watch->registry->poller, watch, reply);
}

static void on_unchanged(struct watch *watch, struct http_reply *reply)
{
	struct registry *registry = watch->registry;
	struct err why;
	(void)reply;

	if (watch->state != CRATE_PRESENT || !watch->etag) {
		(void)err_set(&why, ERR_BAD, "HTTP 304, but no copy was named");
		registry_failed(registry, &why, randombytes_random());
		ends_badly_unseen(watch, &why);
		return;
	}
	registry->counters.not_modified++;
	registry_set_missing(watch, false);
	if (watch->pending)
		observe_pending(registry->poller, watch);
	else
		ends_well_unseen(watch);
}

/* One that was there is believed gone only after a fresh config.json. */
static void on_gone(struct watch *watch, struct http_reply *reply)
{
	struct registry *registry = watch->registry;

	if (watch->state == CRATE_ABSENT && !watch->awaited) {
		ends_well_unseen(watch);
		return;
	}
	watch->stage = WATCH_ABSENT;
	watch->gone_status = (uint16_t)reply->status;
	watch->next = registry->absent;
	registry->absent = watch;
	registry->config_due_ms = 0;
}

static void on_limited(struct watch *watch, struct http_reply *reply)
{
	struct err why;

	(void)registry_explain(reply, &why);
	registry_limited(watch->registry, reply->retry_after_ms, &why);
	ends_badly_unseen(watch, &why);
}

/* Neither crate nor registry are at fault. */
static void on_no_room(struct watch *watch, const struct err *why)
{
	struct registry *registry = watch->registry;
	int64_t pause_ms =
		registry->interval_ms < REGISTRY_ROOM_AGAIN_MS ? registry->interval_ms : REGISTRY_ROOM_AGAIN_MS;

	log_warning("poll: a crate in %s: %s; again soon", registry->name, why->text);
	poller_ends_unseen(registry->poller);
	watch_poll_ends(watch, POLL_FAILED, why);
	watch_returns(watch, pace_poll_ms(pause_ms, randoms_draw(&registry->poller->randoms)));
}

static void on_failed(struct watch *watch, struct http_reply *reply)
{
	struct err why;

	(void)registry_explain(reply, &why);
	registry_failed(watch->registry, &why, randombytes_random());
	ends_badly_unseen(watch, &why);
}

static void take_reply(struct watch *watch, struct http_reply *reply)
{
	static void (*const answers[])(struct watch * watch, struct http_reply * reply) = {
		[REGISTRY_NEW] = on_file,        [REGISTRY_UNCHANGED] = on_unchanged, [REGISTRY_GONE] = on_gone,
		[REGISTRY_LIMITED] = on_limited, [REGISTRY_FAILED] = on_failed,
	};

	if (watch_is_stale(watch)) {
		poller_ends_unseen(watch->registry->poller);
		poll_again(watch);
	} else if (reply->transient && !watch->repeated) {
		watch->repeated = true;
		poller_send(watch);
	} else if (reply->err.code == ERR_BUSY) {
		on_no_room(watch, &reply->err);
	} else {
		answers[registry_answer(reply)](watch, reply);
	}
}

void poller_on_reply(void *arg, struct http_reply *reply)
{
	struct watch *watch = arg;
	struct registry *registry = watch->registry;
	struct poller *poller = registry->poller;

	registry->in_flight--;
	registry->counters.received_bytes += (int64_t)reply->body_len;
	registry->counters.polls++;
	take_reply(watch, reply);
	poller_pump(poller);
}

/* ---- config.json ---- */

static void config_is_bad(struct registry *registry, const struct http_reply *reply, struct err *why)
{
	enum registry_answer answer = registry_answer(reply);
	char safe[ERR_TEXT_MAX];

	(void)err_prefix(why, "%sconfig.json", registry->index_url);
	registry->config_seen = false;
	int64_t pause_ms = pace_backoff_ms(registry->failures + 1, registry->interval_ms, REGISTRY_PAUSE_MAX_MS,
					   randombytes_random());
	registry->config_due_ms = clock_mono_ms() + pause_ms;
	log_warning("registry %s: %s; its crates are not polled until it is there; asked for again in %.1f s",
		    registry->name, text_safe(why->text, safe, sizeof safe), (double)pause_ms / 1000);
	if (answer == REGISTRY_GONE)
		health_config_gone(&registry->health, why);
	else
		health_config_failed(&registry->health);
	if (answer == REGISTRY_LIMITED)
		registry_limited(registry, reply->retry_after_ms, why);
	else
		registry_failed(registry, why, randombytes_random());
	health_refused(&registry->health);
	poller_drop_absences(registry, why);
	registry_fail_waiting(registry, why);
}

static void config_is_good(struct registry *registry, const char *api)
{
	registry_set_api(registry, api);
	poller_fit_reasons(registry->poller);
	registry->config_seen = true;
	registry->config_due_ms = clock_mono_ms() + REGISTRY_CONFIG_AGE_MS;
	registry_succeeded(registry);
	health_config_good(&registry->health);
	observe_absences(registry);
}

void poller_on_config(void *arg, struct http_reply *reply)
{
	struct registry *registry = arg;
	OWNED_STRBUF struct strbuf api = {0};
	struct err why = {0};

	registry->in_flight--;
	registry->counters.received_bytes += (int64_t)reply->body_len;
	registry->config_in_flight = false;
	if (registry->config_index != registry->index) { /* another index's */
		registry->config_due_ms = 0;
		poller_pump(registry->poller);
		return;
	}
	if (reply->transient && !registry->config_repeated) {
		registry->config_repeated = true;
		registry->config_due_ms = 0; /* on a fresh connection */
		poller_pump(registry->poller);
		return;
	}
	registry->config_repeated = false;
	int rc = registry_answer(reply) == REGISTRY_NEW
			 ? registry_config_check(reply->body, reply->body_len, registry->token, &api, &why)
			 : registry_explain(reply, &why);
	if (reply->err.code == ERR_BUSY)
		registry->config_due_ms = clock_mono_ms() + REGISTRY_ROOM_AGAIN_MS;
	else if (rc)
		config_is_bad(registry, reply, &why);
	else
		config_is_good(registry, strbuf_str(&api));
	poller_pump(registry->poller);
}
