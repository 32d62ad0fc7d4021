/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.c: one timer, armed for the earliest thing to do of all registries, and
 * the requests. What comes back of them stands in replies.c.
 */
#include "poll/poller.h"

#include "base/clock.h"
#include "base/log.h"
#include "model/index_path.h"
#include "poll/parts.h"
#include "poll/sweep.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define URL_MAX 2048
#define ROOM_AGAIN_MS 50 /* after the tracker had no place */

/* ---- the registry as a whole ---- */

void poller_report_health(struct registry *registry)
{
	struct poller *poller = registry->poller;
	struct health *health = &registry->health;
	int64_t now_ms = clock_mono_ms();

	health_look(health, registry->n_watches, now_ms);
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

uint32_t poller_random(struct poller *poller)
{
	if (poller->n_random == 0) {
		randombytes_buf(poller->random, sizeof poller->random);
		poller->n_random = ARRAY_LEN(poller->random);
	}
	return poller->random[--poller->n_random];
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
		.trust_id = registry->trust_id,
		.share = &registry->share,
		.body_max = body_max,
		.fresh = fresh,
	};

	(void)snprintf(url, sizeof url, "%s%s", registry->index_url, path);
	int rc = registry_headers_make(validators, registry->token, &headers, err);
	if (rc)
		return rc;
	memcpy(request.headers + 1, headers.list, sizeof request.headers - sizeof request.headers[0]);
	budget_spend(&registry->requests, clock_mono_us());
	rc = http_get(registry->poller->http, &request, done, arg, err);
	registry->in_flight += rc == 0;
	return rc;
}

void poller_request(struct watch *watch)
{
	/* A file that is absent now may come back with the very bytes it had. */
	const struct validators validators = {.etag = watch->state == CRATE_PRESENT ? watch->etag : NULL};
	char path[INDEX_PATH_MAX];
	struct err err;

	if (get(watch->registry, index_path(watch->crate, path), &validators, INDEX_FILE_MAX, watch->repeated,
		poller_on_reply, watch, &err)) {
		poller_ends_unseen(watch->registry->poller);
		poller_poll_failed(watch, &err);
	}
}

static void send_config_request(struct registry *registry)
{
	static const struct validators none;
	struct err err;

	if (get(registry, "config.json", &none, REGISTRY_CONFIG_MAX, registry->config_repeated, poller_on_config,
		registry, &err)) {
		log_warning("registry %s: config.json: %s", registry->name, err.text);
		registry->config_due_ms = clock_mono_ms() + REGISTRY_PAUSE_FIRST_MS;
		return;
	}
	registry->config_in_flight = true;
	registry->config_index = registry->index;
}

static bool may_send(const struct poller *poller, const struct registry *registry, int64_t now_ms)
{
	const struct heap_node *first = heap_first(&registry->schedule);

	return ((first && first->key <= now_ms) || registry->sweeps) &&
	       registry->in_flight < registry_share(registry) && budget_free_ms(&registry->requests) <= now_ms &&
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
	poller_request(watch);
}

/* False: the tracker has no room. */
static bool pump_registry(struct poller *poller, struct registry *registry, int64_t now_ms)
{
	poller_report_health(registry);
	if (registry->paused_until_ms > now_ms) {
		if (!registry->config_in_flight)
			poller_drop_absences(registry, &registry->counters.last_error);
		return true;
	}
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
