/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c: see registry.h. */
#include "poll/parts.h"

#include "base/clock.h"
#include "model/pace.h"

#include <openssl/x509_vfy.h>
#include <sodium.h>
#include <string.h>

struct registry *registry_new(struct poller *poller, const char *name)
{
	struct registry *registry = calloc(1, sizeof *registry);

	if (!registry)
		return NULL;
	registry->poller = poller;
	registry->name = strdup(name);
	if (!registry->name) {
		free(registry);
		return NULL;
	}
	return registry;
}

static void registry_release_config(struct registry *registry)
{
	free(registry->index_url);
	free(registry->user_agent);
	free(registry->token);
	X509_STORE_free(registry->trust);
}

void registry_free(struct registry *registry)
{
	for (size_t i = 0; i < registry->n_watches; i++)
		watch_end(registry->watches[i]);
	while (registry->leaving)
		registry_forget(registry, registry->leaving);
	free(registry->watches);
	heap_release(&registry->schedule);
	registry_release_config(registry);
	free(registry->name);
	free(registry);
}

void registry_note_unparsed(struct registry *registry, struct watch *watch, bool unparsed)
{
	registry->counters.unparsed += unparsed - watch->unparsed;
	watch->unparsed = unparsed;
}

/* Another index: what is known of the old one, and what is on its way, says nothing. */
static void registry_moved(struct registry *registry)
{
	registry->config_seen = false;
	registry->config_due_ms = 0;
	for (size_t i = 0; i < registry->n_watches; i++) {
		struct watch *watch = registry->watches[i];
		watch->state = CRATE_UNKNOWN;
		watch->pending = false;
		registry_note_unparsed(registry, watch, false);
		validators_release(&watch->validators);
		watch->stale = watch->stage != WATCH_SCHEDULED;
	}
}

/* A shorter interval counts from now on, not after the last of the old ones. */
static void hasten(struct registry *registry, int64_t interval_ms)
{
	int64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < registry->n_watches; i++) {
		struct watch *watch = registry->watches[i];
		int64_t due_ms = now_ms + pace_poll_ms(interval_ms, randombytes_random());
		if (watch->stage == WATCH_SCHEDULED && watch->due.key > due_ms)
			heap_put(&registry->schedule, &watch->due, due_ms);
	}
}

int registry_set(struct registry *registry, const struct config_registry *config, struct err *err)
{
	OWNED_STRBUF struct strbuf agent = {0};

	registry_user_agent(&agent, config->contact);
	OWNED_MEM char *index_url = strdup(config->index_url);
	OWNED_MEM char *user_agent = strbuf_take(&agent);
	OWNED_MEM char *token = config->token ? strdup(config->token) : NULL;
	if (!index_url || !user_agent || (config->token && !token))
		return err_nomem(err);
	if (!registry->index_url || strcmp(registry->index_url, index_url) != 0)
		registry_moved(registry);
	registry_release_config(registry);
	registry->index_url = TAKE(index_url);
	registry->user_agent = TAKE(user_agent);
	registry->token = TAKE(token);
	registry->request_us = 1000000 / config->requests_per_second;
	registry->trust = config->trust;
	if (registry->trust)
		(void)X509_STORE_up_ref(registry->trust);
	if (config->poll_interval_ms < registry->interval_ms)
		hasten(registry, config->poll_interval_ms);
	registry->interval_ms = config->poll_interval_ms;
	return 0;
}

void registry_forget(struct registry *registry, struct watch *watch)
{
	struct watch **link = &registry->leaving;

	while (*link && *link != watch)
		link = &(*link)->next_leaving;
	if (*link)
		*link = watch->next_leaving;
	watch_end(watch);
}

struct watch *registry_find(const struct registry *registry, const char *crate)
{
	size_t low = 0;
	size_t high = registry->n_watches;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(crate, registry->watches[middle]->crate);
		if (order == 0)
			return registry->watches[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void registry_fail_waiting(struct registry *registry, const struct err *why)
{
	for (size_t i = 0; i < registry->n_watches; i++)
		watch_fail_waiting(registry->watches[i], why);
}

void registry_succeeded(struct registry *registry)
{
	registry->failures = 0;
	registry->counters.last_success_ms = clock_wall_ms();
}

static void note_error(struct registry *registry, const struct err *why)
{
	registry->counters.failures++;
	registry->counters.last_error = *why;
	registry->counters.last_error_ms = clock_wall_ms();
}

static void pause_for(struct registry *registry, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	if (until > registry->paused_until_ms)
		registry->paused_until_ms = until;
}

void registry_failed(struct registry *registry, const struct err *why, uint32_t random)
{
	note_error(registry, why);
	/* What was in flight when the pause began says nothing new. */
	if (registry->paused_until_ms > clock_mono_ms() || ++registry->failures < REGISTRY_FAILURES_MAX)
		return;
	/* Each further failure is one probe after a pause: count from the first pause. */
	unsigned pauses = registry->failures - REGISTRY_FAILURES_MAX + 1;
	pause_for(registry, pace_backoff_ms(pauses, REGISTRY_PAUSE_FIRST_MS, REGISTRY_PAUSE_MAX_MS, random));
	registry_fail_waiting(registry, why);
}

void registry_limited(struct registry *registry, int64_t retry_after_ms, const struct err *why)
{
	int64_t wish = retry_after_ms ? retry_after_ms : REGISTRY_LIMIT_DEFAULT_MS;

	note_error(registry, why);
	pause_for(registry, pace_clamp_ms(wish, REGISTRY_LIMIT_MIN_MS, REGISTRY_LIMIT_MAX_MS));
	registry_fail_waiting(registry, why);
}

size_t registry_share(const struct registry *registry)
{
	size_t share = POLLER_OUT_MAX / registry->poller->n_registries;
	return share < POLLER_IN_FLIGHT_MAX ? share : POLLER_IN_FLIGHT_MAX;
}

int64_t registry_budget_ms(const struct registry *registry)
{
	return (registry->spent_us - REGISTRY_BURST_US + 999) / 1000;
}

void registry_spend(struct registry *registry)
{
	int64_t now_us = clock_mono_us();
	registry->spent_us = (registry->spent_us > now_us ? registry->spent_us : now_us) + registry->request_us;
}

int64_t registry_next_ms(const struct registry *registry)
{
	const struct heap_node *first = heap_first(&registry->schedule);
	int64_t next = INT64_MAX;

	int64_t budget_ms = registry_budget_ms(registry);

	if (first && registry->in_flight < registry_share(registry) && registry->config_seen)
		next = first->key > budget_ms ? first->key : budget_ms;
	if ((first || registry->absent) && !registry->config_in_flight && registry->config_due_ms < next)
		next = registry->config_due_ms;
	return next == INT64_MAX || next > registry->paused_until_ms ? next : registry->paused_until_ms;
}

bool registry_is_failing(const struct registry *registry)
{
	return registry->failures >= REGISTRY_FAILURES_MAX || (!registry->config_seen && registry->failures > 0);
}

static const char *state_name(const struct registry *registry)
{
	if (registry_is_failing(registry))
		return "failing";
	return registry->config_seen ? "ok" : "starting";
}

static int64_t late_ms(const struct registry *registry)
{
	const struct heap_node *first = heap_first(&registry->schedule);
	int64_t late = first ? clock_mono_ms() - first->key : 0;
	return late > 0 ? late : 0;
}

void registry_status(const struct registry *registry, struct json_writer *w)
{
	const struct registry_counters *counters = &registry->counters;
	int64_t pause_ms = registry->paused_until_ms - clock_mono_ms();

	json_open(w, NULL, '{');
	json_put_string(w, "registry", registry->name);
	json_put_string(w, "index", registry->index_url);
	json_put_string(w, "state", state_name(registry));
	json_put_int(w, "watches", (int64_t)registry->n_watches);
	json_put_int(w, "in_flight", (int64_t)registry->in_flight);
	json_put_int(w, "polls", counters->polls);
	json_put_int(w, "not_modified", counters->not_modified);
	json_put_int(w, "stale", counters->stale);
	json_put_int(w, "unparsed", counters->unparsed);
	json_put_int(w, "failures", counters->failures);
	json_put_int(w, "late_ms", late_ms(registry));
	if (counters->last_success_ms)
		json_put_time(w, "last_success_at", counters->last_success_ms);
	if (pause_ms > 0)
		json_put_time(w, "paused_until", clock_wall_ms() + pause_ms);
	if (counters->last_error_ms) {
		json_open(w, "last_error", '{');
		json_put_string(w, "text", counters->last_error.text);
		json_put_time(w, "at", counters->last_error_ms);
		json_close(w, '}');
	}
	json_close(w, '}');
}
