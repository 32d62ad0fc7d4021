/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.c: one timer, armed for the earliest thing to do of all registries, and
 * the way of a poll: request, reply, observation, commit, next time. Read it from
 * poller_pump() to reply_on_done() to poller_committed().
 */
#include "poll/poller.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/belief.h"
#include "model/index_path.h"
#include "model/pace.h"
#include "poll/parts.h"
#include "poll/sweep.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define URL_MAX 2048
#define ROOM_AGAIN_MS 50 /* after the tracker had no place */

/* ---- the registry as a whole ---- */

static void report_health(struct registry *registry)
{
	struct poller *poller = registry->poller;
	struct health *health = &registry->health;
	int64_t now_ms = clock_mono_ms();

	if (registry->n_watches > 0)
		health_look(health, now_ms);
	if (!health_wants_report(health, now_ms))
		return;
	health->report.at_ms = clock_wall_ms();
	health_reporting(health);
	if (!poller->sink.report(poller->sink.ctx, registry, registry->name, registry->index_url, &health->report))
		health_reported(health, false, now_ms);
}

void poller_reported(struct poller *poller, struct registry *registry, bool stored)
{
	health_reported(&registry->health, stored, clock_mono_ms());
	poller_pump(poller);
}

bool poller_is_reporting(const struct poller *poller)
{
	for (size_t i = 0; i < poller->n_registries; i++)
		if (poller->registries[i]->health.reporting)
			return true;
	return false;
}

/* ---- the end of a poll ---- */

static void schedule_at(struct watch *watch, int64_t due_ms)
{
	/* Room for every watch was reserved when it was added. */
	heap_put(&watch->registry->schedule, &watch->due, watch->wanted ? WATCH_AT_ONCE : due_ms);
}

static void watch_returns(struct watch *watch, int64_t pause_ms)
{
	watch->stage = WATCH_SCHEDULED;
	if (watch->removed)
		registry_forget(watch->registry, watch);
	else
		schedule_at(watch, clock_mono_ms() + pause_ms);
}

/* What came back is another index's than the registry has by now. */
static void poll_again(struct watch *watch)
{
	watch_returns(watch, 0);
}

uint32_t poller_random(struct poller *poller)
{
	if (poller->n_random == 0) {
		randombytes_buf(poller->random, sizeof poller->random);
		poller->n_random = ARRAY_LEN(poller->random);
	}
	return poller->random[--poller->n_random];
}

static void poll_went_well(struct watch *watch, bool changed)
{
	struct registry *registry = watch->registry;

	registry_succeeded(registry);
	health_polled(&registry->health, watch->state == CRATE_PRESENT && !watch->removed);
	report_health(registry);
	watch->failures = 0;
	watch_poll_ends(watch, changed ? POLL_CHANGED : POLL_UNCHANGED, NULL);
	watch_returns(watch, pace_poll_ms(registry->interval_ms, poller_random(registry->poller)));
}

/* The crate backs off; what this means for the registry its caller has said. */
static void poll_failed(struct watch *watch, const struct err *why)
{
	int64_t interval_ms = watch->registry->interval_ms;
	int64_t first_ms = interval_ms < WATCH_BACKOFF_FIRST_MS ? interval_ms : WATCH_BACKOFF_FIRST_MS;
	int64_t max_ms = interval_ms > WATCH_BACKOFF_MAX_MS ? interval_ms : WATCH_BACKOFF_MAX_MS;

	if (watch->failures < UINT16_MAX)
		watch->failures++;
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
		poll_failed(watch, &err);
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
	report_health(registry); /* the tracker hears of an incident before it hears of its absences */
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

static void drop_absences(struct registry *registry, const struct err *why)
{
	while (registry->absent) {
		struct watch *watch = registry->absent;
		registry->absent = watch->next;
		poller_ends_unseen(registry->poller);
		poll_failed(watch, why);
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
		registry_know(watch,
			      (struct knowledge){.state = watch->state,
						 .missing = watch->missing,
						 .pending = watch->pending && rc != ERR_REFUSED, /* nothing waits */
						 .unparsed = watch->unparsed});
		free(TAKE(watch->etag)); /* whatever is true, the next reply is whole */
		poll_failed(watch, why);
	} else {
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

/* ---- replies ---- */

static void send_request(struct poller *poller, struct watch *watch);

static void reply_on_done(void *arg, struct http_reply *reply)
{
	struct watch *watch = arg;
	struct registry *registry = watch->registry;
	struct poller *poller = registry->poller;
	struct err why;

	registry->in_flight--;
	registry->counters.polls++;
	if (watch_is_stale(watch)) {
		poller_ends_unseen(poller);
		poll_again(watch);
		poller_pump(poller);
		return;
	}
	if (reply->transient && !watch->repeated) {
		watch->repeated = true;
		send_request(poller, watch);
		poller_pump(poller); /* if it could not be sent, it is due later */
		return;
	}
	switch (registry_answer(reply)) {
	case REGISTRY_NEW:
		registry_set_missing(watch, false);
		observe_file(poller, watch, reply);
		break;
	case REGISTRY_UNCHANGED:
		if (watch->state != CRATE_PRESENT || !watch->etag) {
			(void)err_set(&why, ERR_BAD, "HTTP 304, but no copy was named");
			registry_failed(registry, &why, randombytes_random());
			poller_ends_unseen(poller);
			poll_failed(watch, &why);
			break;
		}
		registry->counters.not_modified++;
		registry_set_missing(watch, false);
		if (watch->pending) {
			observe_pending(poller, watch);
			break;
		}
		poller_ends_unseen(poller);
		poll_went_well(watch, false);
		break;
	case REGISTRY_GONE:
		if (watch->state == CRATE_ABSENT) {
			poller_ends_unseen(poller);
			poll_went_well(watch, false);
			break;
		}
		watch->stage = WATCH_ABSENT;
		watch->gone_status = (uint16_t)reply->status;
		watch->next = registry->absent;
		registry->absent = watch;
		registry->config_due_ms = 0;
		break;
	case REGISTRY_LIMITED:
		(void)registry_explain(reply, &why);
		registry_limited(registry, reply->retry_after_ms, &why);
		poller_ends_unseen(poller);
		poll_failed(watch, &why);
		break;
	case REGISTRY_FAILED:
		(void)registry_explain(reply, &why);
		registry_failed(registry, &why, randombytes_random());
		poller_ends_unseen(poller);
		poll_failed(watch, &why);
		break;
	}
	poller_pump(poller);
}

static void config_on_done(void *arg, struct http_reply *reply)
{
	struct registry *registry = arg;
	char safe[ERR_TEXT_MAX];
	struct err why = {0};

	registry->in_flight--;
	registry->config_in_flight = false;
	int rc = registry_answer(reply) == REGISTRY_NEW
			 ? registry_config_check(reply->body, reply->body_len, registry->token, &why)
			 : registry_explain(reply, &why);
	if (rc) {
		(void)err_prefix(&why, "%sconfig.json", registry->index_url);
		log_warning("registry %s: %s; its crates are not polled until it is there", registry->name,
			    text_safe(why.text, safe, sizeof safe));
		registry->config_seen = false;
		registry->config_due_ms =
			clock_mono_ms() + pace_backoff_ms(registry->failures + 1, registry->interval_ms,
							  REGISTRY_PAUSE_MAX_MS, randombytes_random());
		if (registry_answer(reply) == REGISTRY_GONE)
			health_config_gone(&registry->health, &why);
		if (registry_answer(reply) == REGISTRY_LIMITED)
			registry_limited(registry, reply->retry_after_ms, &why);
		else
			registry_failed(registry, &why, randombytes_random());
		drop_absences(registry, &why);
		registry_fail_waiting(registry, &why);
	} else {
		registry->config_seen = true;
		registry->config_due_ms = clock_mono_ms() + REGISTRY_CONFIG_AGE_MS;
		registry_succeeded(registry);
		health_config_good(&registry->health);
		observe_absences(registry);
	}
	poller_pump(registry->poller);
}

/* ---- requests ---- */

static int get(struct registry *registry, const char *path, const struct validators *validators, size_t body_max,
	       bool fresh, http_done_fn *done, void *arg, struct err *err)
{
	OWNED(registry_headers_release) struct registry_headers headers;
	char url[URL_MAX];
	struct http_request request = {
		.url = url,
		.headers = {registry->user_agent},
		.trust = registry->trust,
		.body_max = body_max,
		.fresh = fresh,
	};

	(void)snprintf(url, sizeof url, "%s%s", registry->index_url, path);
	int rc = registry_headers_make(validators, registry->token, &headers, err);
	if (rc)
		return rc;
	memcpy(request.headers + 1, headers.list, sizeof request.headers - sizeof request.headers[0]);
	registry_spend(registry);
	rc = http_get(registry->poller->http, &request, done, arg, err);
	registry->in_flight += rc == 0;
	return rc;
}

static void send_request(struct poller *poller, struct watch *watch)
{
	/* A file that is absent now may come back with the very bytes it had. */
	const struct validators validators = {.etag = watch->state == CRATE_PRESENT ? watch->etag : NULL};
	char path[INDEX_PATH_MAX];
	struct err err;

	if (get(watch->registry, index_path(watch->crate, path), &validators, INDEX_FILE_MAX, watch->repeated,
		reply_on_done, watch, &err)) {
		poller_ends_unseen(poller);
		poll_failed(watch, &err);
	}
}

static void send_config_request(struct registry *registry)
{
	static const struct validators none;
	struct err err;

	if (get(registry, "config.json", &none, REGISTRY_CONFIG_MAX, false, config_on_done, registry, &err)) {
		log_warning("registry %s: config.json: %s", registry->name, err.text);
		registry->config_due_ms = clock_mono_ms() + REGISTRY_PAUSE_FIRST_MS;
		return;
	}
	registry->config_in_flight = true;
}

static bool may_send(const struct poller *poller, const struct registry *registry, int64_t now_ms)
{
	const struct heap_node *first = heap_first(&registry->schedule);

	return ((first && first->key <= now_ms) || registry->sweeps) &&
	       registry->in_flight < registry_share(registry) && registry_budget_ms(registry) <= now_ms &&
	       poller->body_bytes < POLLER_BODY_BYTES_MAX;
}

/* Crates that are asked for by name come first, then sweeps, then what is due. NULL: what the
 * sweep wants is under way, and is polled again when that is over. */
static struct watch *next_watch(struct registry *registry)
{
	struct heap_node *first = heap_first(&registry->schedule);

	if (registry->sweeps && !(first && first->key == WATCH_AT_ONCE)) {
		struct watch *watch = sweep_take(registry);
		return watch->stage == WATCH_SCHEDULED ? watch : NULL;
	}
	return CONTAINER_OF(first, struct watch, due);
}

static void begin_poll(struct poller *poller, struct watch *watch)
{
	heap_remove(&watch->registry->schedule, &watch->due);
	watch->stage = WATCH_REQUESTED;
	watch->repeated = false;
	watch_meet_index(watch);
	watch_poll_begins(watch);
	poller->out++;
	send_request(poller, watch);
}

/* False: the tracker has no room. */
static bool pump_registry(struct poller *poller, struct registry *registry, int64_t now_ms)
{
	report_health(registry);
	if (registry->paused_until_ms > now_ms)
		return true;
	if ((registry_has_work(registry) || registry->absent) && !registry->config_in_flight &&
	    registry->config_due_ms <= now_ms)
		send_config_request(registry);
	while (registry->configured && registry->config_seen && may_send(poller, registry, now_ms)) {
		if (poller->out >= POLLER_OUT_MAX || !poller->sink.reserve(poller->sink.ctx))
			return false;
		struct watch *watch = next_watch(registry);
		if (watch)
			begin_poll(poller, watch);
		else
			poller->sink.give_back(poller->sink.ctx);
	}
	return true;
}

void poller_pump(struct poller *poller)
{
	int64_t now_ms = clock_mono_ms();
	int64_t next_ms = INT64_MAX;
	bool room = true;

	if (poller->paused)
		return;
	for (size_t i = 0; i < poller->n_registries && room; i++)
		room = pump_registry(poller, poller->registries[i], now_ms);
	for (size_t i = 0; i < poller->n_registries && room; i++) {
		int64_t due_ms = registry_next_ms(poller->registries[i]);
		next_ms = due_ms < next_ms ? due_ms : next_ms;
	}
	if (!room)
		loop_timer_set(&poller->timer, ROOM_AGAIN_MS);
	else if (next_ms == INT64_MAX || poller->body_bytes >= POLLER_BODY_BYTES_MAX)
		loop_timer_clear(&poller->timer);
	else
		loop_timer_set(&poller->timer, next_ms - now_ms);
}

static void timer_on_fire(struct loop_timer *timer)
{
	poller_pump(CONTAINER_OF(timer, struct poller, timer));
}

/* ---- life ---- */

void poller_pause(struct poller *poller)
{
	poller->paused = true;
	loop_timer_clear(&poller->timer);
}

void poller_status(const struct poller *poller, struct json_writer *w)
{
	json_open(w, "registries", '[');
	for (size_t i = 0; i < poller->n_registries; i++)
		if (poller->registries[i]->configured)
			registry_status(poller->registries[i], w);
	json_close(w, ']');
}

size_t poller_watch_count(const struct poller *poller)
{
	size_t count = 0;

	for (size_t i = 0; i < poller->n_registries; i++)
		count += poller->registries[i]->n_watches;
	return count;
}

bool poller_all_ok(const struct poller *poller)
{
	for (size_t i = 0; i < poller->n_registries; i++)
		if (poller->registries[i]->configured && registry_is_failing(poller->registries[i]))
			return false;
	return true;
}

int poller_new(struct loop *loop, struct http *http, const struct poller_sink *sink, struct poller **ret,
	       struct err *err)
{
	struct poller *poller = calloc(1, sizeof *poller);

	if (!poller)
		return err_nomem(err);
	*poller = (struct poller){.loop = loop, .http = http, .sink = *sink};
	int rc = loop_timer_init(loop, &poller->timer, timer_on_fire, err);
	if (!rc)
		rc = loop_timer_init(loop, &poller->change_timer, poller_change_on_fire, err);
	if (rc) {
		poller_free(poller);
		return rc;
	}
	*ret = poller;
	return 0;
}

void poller_free(struct poller *poller)
{
	if (!poller)
		return;
	poller->paused = true;
	poller_end_changes(poller);
	loop_timer_release(&poller->timer);
	loop_timer_release(&poller->change_timer);
	for (size_t i = 0; i < poller->n_registries; i++)
		registry_free(poller->registries[i]);
	free(poller->registries);
	free(poller);
}
