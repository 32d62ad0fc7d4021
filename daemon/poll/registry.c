/* SPDX-License-Identifier: Apache-2.0 */
/* registry.c: see registry.h. */
#include "poll/parts.h"
#include "poll/sweep.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "model/pace.h"

#include <openssl/x509_vfy.h>
#include <sodium.h>
#include <stdio.h>
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

void registry_forget(struct registry *registry, struct watch *watch)
{
	watch_unlink(&registry->leaving, watch);
	watch_end(watch);
}

void registry_free(struct registry *registry)
{
	struct err why;

	(void)err_set(&why, ERR_ABSENT, "yankwatchd ends");
	registry_fail_waiting(registry, &why);
	for (size_t i = 0; i < registry->n_watches; i++)
		watch_end(registry->watches[i]);
	while (registry->leaving)
		registry_forget(registry, registry->leaving);
	free(registry->watches);
	schedule_release(&registry->schedule);
	registry_release_config(registry);
	registry_release_reasons(registry);
	free(registry->name);
	free(registry);
}

/* From slice to slice, see roster.c. */
static void hasten(struct registry *registry, int64_t interval_ms)
{
	if (registry->to_hasten == 0 || interval_ms < registry->hasten_ms)
		registry->hasten_ms = interval_ms;
	registry->to_hasten = registry->n_watches;
}

/* Another index: what is known of the old one, and what is on its way, says nothing. */
static void registry_moved(struct registry *registry)
{
	registry->config_seen = false;
	registry->config_due_ms = 0;
	registry_set_api(registry, "");
	registry->index++;
	hasten(registry, 0);
	registry->n_waiting = 0;
	registry->n_unparsed = 0;
	registry->n_unstored = 0;
	registry->n_swept = 0;
	health_reset(&registry->health);
}

void registry_hasten(struct registry *registry, struct watch *watch)
{
	int64_t due_ms = clock_mono_ms() + pace_poll_ms(registry->hasten_ms, randoms_draw(&registry->poller->randoms));

	if (watch->stage == WATCH_SCHEDULED && watch->due.key > due_ms)
		schedule_put(&registry->schedule, watch, due_ms);
}

int registry_set(struct registry *registry, const struct config_registry *config, struct err *err)
{
	OWNED_STRBUF struct strbuf agent = {0};

	strbuf_adds(&agent, "user-agent: ");
	registry_user_agent(&agent, config->contact);
	OWNED_MEM char *index_url = strdup(config->index_url);
	OWNED_MEM char *user_agent = strbuf_take(&agent);
	OWNED_MEM char *token = config->token ? strdup(config->token) : NULL;
	if (!index_url || !user_agent || (config->token && !token))
		return err_nomem(err);
	int rc = registry_set_reasons(registry, &config->reasons, err);
	if (rc)
		return rc;
	if (!registry->index_url || strcmp(registry->index_url, index_url) != 0)
		registry_moved(registry);
	registry_release_config(registry);
	registry->index_url = TAKE(index_url);
	registry->user_agent = TAKE(user_agent);
	registry->token = TAKE(token);
	registry->requests.each_us = 1000000 / config->requests_per_second;
	registry->requests.burst_us = REGISTRY_BURST_US;
	registry->trust = config->trust;
	memcpy(registry->trust_id, config->trust_id, sizeof registry->trust_id);
	if (registry->trust)
		(void)X509_STORE_up_ref(registry->trust);
	if (config->poll_interval_ms < registry->interval_ms)
		hasten(registry, config->poll_interval_ms);
	registry->interval_ms = config->poll_interval_ms;
	registry->health.blind_after_ms = config->blind_after_ms;
	return 0;
}

void registry_count(const struct watch *watch, int by)
{
	struct registry *registry = watch->registry;

	if (watch_is_stale(watch))
		return;
	if (watch->state == CRATE_PRESENT)
		registry->health.signs.present += (size_t)by;
	if (watch->state == CRATE_PRESENT && !watch->looked_at)
		registry->health.not_looked_at += (size_t)by;
	if (watch->missing)
		registry->health.signs.missing += (size_t)by;
	if (watch->failures)
		registry->health.failing += (size_t)by;
	if (watch->pending)
		registry->n_waiting += (size_t)by;
	if (watch->unparsed)
		registry->n_unparsed += (size_t)by;
	if (watch->unstored)
		registry->n_unstored += (size_t)by;
	if (watch->swept == registry->swept)
		registry->n_swept += (size_t)by;
}

void registry_know(struct watch *watch, struct knowledge knowledge)
{
	if (watch->missing && knowledge.state == CRATE_ABSENT && !watch_is_stale(watch))
		health_told(&watch->registry->health);
	registry_count(watch, -1);
	watch->state = knowledge.state;
	watch->missing = knowledge.missing;
	watch->pending = knowledge.pending;
	watch->unparsed = knowledge.unparsed;
	registry_count(watch, 1);
}

/* Every watch was polled well since the last time that this was so. */
static void sweep_ends(struct registry *registry)
{
	registry->counters.swept_ms = clock_wall_ms();
	registry->swept = !registry->swept;
	registry->n_swept = 0;
}

void registry_note_poll(struct watch *watch, bool good)
{
	struct registry *registry = watch->registry;

	registry_count(watch, -1);
	if (good)
		watch->failures = 0;
	else if (watch->failures < UINT16_MAX)
		watch->failures++;
	watch->looked_at |= good;
	watch->unstored &= !good;
	if (good)
		watch->swept = registry->swept;
	registry_count(watch, 1);
	if (good && registry->n_swept >= registry->n_watches)
		sweep_ends(registry);
}

static void note_failure(struct registry_counters *counters, const struct err *why)
{
	counters->failures++;
	counters->last_error = *why;
	counters->last_error_ms = clock_wall_ms();
}

static void note_error(struct registry *registry, const struct err *why)
{
	health_failed(&registry->health, why);
	note_failure(&registry->counters, why);
}

void registry_not_stored(struct watch *watch, const struct err *why)
{
	registry_count(watch, -1);
	watch->unstored = true;
	registry_count(watch, 1);
	note_failure(&watch->registry->counters, why); /* the registry itself is well */
}

void registry_set_missing(struct watch *watch, bool missing)
{
	bool was = watch->missing;

	registry_know(watch, (struct knowledge){watch->state, missing, watch->pending, watch->unparsed});
	if (missing && !was)
		health_missing(&watch->registry->health);
}

void registry_fail_waiting(struct registry *registry, const struct err *why)
{
	sweep_fail(registry, why);
	while (registry->waiting)
		watch_fail_waiting(registry->waiting->watch, why);
}

void registry_succeeded(struct registry *registry)
{
	/* What was in flight when the pause began may come back well within it. */
	if (registry->said_pause && registry->paused_until_ms <= clock_mono_ms()) {
		log_info("registry %s: answers again", registry->name);
		registry->said_pause = false;
	}
	registry->failures = 0;
	registry->counters.last_success_ms = clock_wall_ms();
}

static void pause_for(struct registry *registry, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	if (until > registry->paused_until_ms)
		registry->paused_until_ms = until;
}

/* Seconds, and one where it is less. */
static long long whole_seconds(int64_t ms)
{
	return ms < 1000 ? 1 : (long long)(ms / 1000);
}

/* Once for each pause; replies of requests that were in flight make it longer without a word. */
static void say_pause(struct registry *registry, const char *cause, int64_t ms, const struct err *why)
{
	char safe[ERR_TEXT_MAX];

	log_warning("registry %s: %s, pauses for %lld s: %s", registry->name, cause, whole_seconds(ms),
		    text_safe(why->text, safe, sizeof safe));
	registry->said_pause = true;
}

void registry_failed(struct registry *registry, const struct err *why, uint32_t random)
{
	note_error(registry, why);
	/* What was in flight when the pause began says nothing new. */
	if (registry->paused_until_ms > clock_mono_ms() || ++registry->failures < REGISTRY_FAILURES_MAX)
		return;
	/* Each further failure is one probe after a pause: count from the first pause. */
	unsigned pauses = registry->failures - REGISTRY_FAILURES_MAX + 1;
	int64_t pause_ms = pace_backoff_ms(pauses, REGISTRY_PAUSE_FIRST_MS, REGISTRY_PAUSE_MAX_MS, random);
	char cause[64];
	(void)snprintf(cause, sizeof cause, "%u failures in a row", registry->failures);
	pause_for(registry, pause_ms);
	say_pause(registry, cause, pause_ms, why);
	registry_fail_waiting(registry, why);
}

void registry_limited(struct registry *registry, int64_t retry_after_ms, const struct err *why)
{
	int64_t wish = retry_after_ms ? retry_after_ms : REGISTRY_LIMIT_DEFAULT_MS;
	int64_t pause_ms = pace_clamp_ms(wish, REGISTRY_LIMIT_MIN_MS, REGISTRY_LIMIT_MAX_MS);
	bool was_paused = registry->paused_until_ms > clock_mono_ms();

	note_error(registry, why);
	health_refused(&registry->health);
	pause_for(registry, pause_ms);
	if (!was_paused)
		say_pause(registry, "asks us to wait", pause_ms, why);
	registry_fail_waiting(registry, why);
}

size_t registry_share(const struct registry *registry)
{
	size_t share = POLLER_OUT_MAX / registry->poller->n_configured;
	return share < POLLER_IN_FLIGHT_MAX ? share : POLLER_IN_FLIGHT_MAX;
}

bool registry_has_work(const struct registry *registry)
{
	return registry->configured && (registry->sweeps || schedule_first(&registry->schedule, clock_mono_ms()));
}

int64_t registry_next_ms(const struct registry *registry)
{
	const struct watch *first = schedule_first(&registry->schedule, clock_mono_ms());
	int64_t next = INT64_MAX;
	int64_t budget_ms = budget_free_ms(&registry->requests);
	int64_t health_ms = health_next_ms(&registry->health, registry->n_watches, clock_mono_ms());

	if (registry_has_work(registry) && registry->in_flight < registry_share(registry) && registry->config_seen)
		next = !registry->sweeps && first && first->due.key > budget_ms ? first->due.key : budget_ms;
	if ((registry_has_work(registry) || registry->absent) && !registry->config_in_flight &&
	    registry->config_due_ms < next)
		next = registry->config_due_ms;
	if (next < registry->paused_until_ms)
		next = registry->paused_until_ms;
	return next < health_ms ? next : health_ms;
}

bool registry_is_failing(const struct registry *registry)
{
	const struct registry_report *report = &registry->health.report;

	return report->incident == KNOWN_YES || report->blind == KNOWN_YES ||
	       registry->failures >= REGISTRY_FAILURES_MAX || registry->n_unstored > 0 ||
	       (!registry->config_seen && registry->failures > 0);
}

static const char *state_name(const struct registry *registry)
{
	if (registry->health.report.incident == KNOWN_YES)
		return "incident";
	if (registry->health.report.blind == KNOWN_YES)
		return "blind";
	if (registry_is_failing(registry))
		return "failing";
	return registry->config_seen ? "ok" : "starting";
}

static int64_t late_ms(const struct registry *registry)
{
	const struct watch *first = schedule_first_due(&registry->schedule);
	int64_t late = first && first->due.key != WATCH_AT_ONCE ? clock_mono_ms() - first->due.key : 0;
	return late > 0 ? late : 0;
}

static int64_t per_second(const struct budget *budget)
{
	return budget->each_us ? 1000000 / budget->each_us : 0;
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
	json_put_int(w, "missing", (int64_t)registry->health.signs.missing);
	json_put_int(w, "waiting", (int64_t)registry->n_waiting);
	json_put_int(w, "failing", (int64_t)registry->health.failing);
	json_put_int(w, "in_flight", (int64_t)registry->in_flight);
	json_put_int(w, "requests", counters->requests);
	json_put_int(w, "received_bytes", counters->received_bytes);
	json_put_int(w, "requests_per_second", per_second(&registry->requests));
	json_put_int(w, "polls", counters->polls);
	json_put_int(w, "not_modified", counters->not_modified);
	json_put_int(w, "stale", counters->stale);
	json_put_int(w, "unparsed", (int64_t)registry->n_unparsed);
	json_put_int(w, "failures", counters->failures);
	json_put_int(w, "interval_ms", registry->interval_ms);
	json_put_int(w, "late_ms", late_ms(registry));
	if (counters->swept_ms)
		json_put_time(w, "swept_at", counters->swept_ms);
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
	registry_reasons_status(registry, w);
	json_close(w, '}');
}
