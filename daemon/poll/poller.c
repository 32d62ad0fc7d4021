/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poller.c: one timer, armed for the earliest thing to do of all registries. How a
 * request is sent stands in request.c, what comes back of it in replies.c.
 */
#include "poll/poller.h"

#include "base/clock.h"
#include "base/log.h"
#include "poll/parts.h"
#include "poll/sweep.h"

#define ROOM_AGAIN_MS 50 /* after the tracker had no place */

static bool may_send(const struct poller *poller, const struct registry *registry, int64_t now_ms)
{
	const struct watch *first = schedule_first(&registry->schedule, now_ms);

	return ((first && first->due.key <= now_ms) || registry->sweeps) &&
	       registry->in_flight < registry_share(registry) && budget_free_ms(&registry->requests) <= now_ms &&
	       poller->body_bytes < POLLER_BODY_BYTES_MAX;
}

/* Crates that are asked for by name come first, then sweeps, then what is due. NULL: what the
 * sweep wants is under way, and is polled again when that is over. */
static struct watch *next_watch(struct registry *registry, int64_t now_ms)
{
	struct watch *first = schedule_first(&registry->schedule, now_ms);

	if (registry->sweeps && !(first && first->due.key == WATCH_AT_ONCE)) {
		struct watch *watch = sweep_take(registry);
		return watch->stage == WATCH_SCHEDULED ? watch : NULL;
	}
	return first;
}

static void begin_poll(struct poller *poller, struct watch *watch)
{
	schedule_remove(&watch->registry->schedule, watch);
	watch->stage = WATCH_REQUESTED;
	watch->repeated = false;
	watch_meet_index(watch);
	watch_poll_begins(watch);
	poller->out++;
	poller_send(watch);
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
		poller_request_config(registry);
	while (registry->configured && registry->config_seen && may_send(poller, registry, now_ms)) {
		if (poller->out >= POLLER_OUT_MAX || !poller->sink.reserve(poller->sink.ctx))
			return false;
		struct watch *watch = next_watch(registry, now_ms);
		if (watch)
			begin_poll(poller, watch);
		else
			poller->sink.give_back(poller->sink.ctx);
	}
	return true;
}

/* Sends what is due, as far as there is room, and arms the timer for the rest. */
static void pump(struct poller *poller)
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
	pump(CONTAINER_OF(timer, struct poller, timer));
}

/* ---- life ---- */

void poller_pause(struct poller *poller)
{
	poller->paused = true;
	loop_timer_clear(&poller->timer);
	loop_timer_clear(&poller->reason_timer);
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
	*poller = (struct poller){.loop = loop,
				  .http = http,
				  .sink = *sink,
				  .pump = pump,
				  .ask_reasons = poller_ask_reasons,
				  .on_reply = poller_on_reply,
				  .on_config = poller_on_config};
	int rc = loop_timer_init(loop, &poller->timer, timer_on_fire, err);
	if (!rc)
		rc = loop_timer_init(loop, &poller->change_timer, poller_change_on_fire, err);
	if (!rc)
		rc = loop_timer_init(loop, &poller->reason_timer, poller_reasons_on_fire, err);
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
	loop_timer_release(&poller->reason_timer);
	poller_free_reasons(poller);
	for (size_t i = 0; i < poller->n_registries; i++)
		registry_free(poller->registries[i]);
	free(poller->registries);
	free(poller);
}
