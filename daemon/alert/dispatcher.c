/* SPDX-License-Identifier: Apache-2.0 */
/* dispatcher.c: see dispatcher.h. */
#include "alert/dispatcher.h"

#include "alert/runner.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"

#include <string.h>

#define ASK_AGAIN_MS 1000   /* after the tracker had no room or its commit failed */
#define LOOK_AGAIN_MS 60000 /* at the latest; a stepped clock is noticed then */

enum notifier_stage { NOTIFIER_IDLE, NOTIFIER_CLAIMING, NOTIFIER_DELIVERING, NOTIFIER_RECORDING };

struct notifier {
	struct dispatcher *dispatcher;
	struct notifier *next;
	char *name;
	char *settings; /* what the runner was started with, as one text to compare */
	struct runner *runner;
	struct loop_timer timer; /* next due, or ask again */
	enum notifier_stage stage;
	bool woken;                    /* the outbox grew while a claim was under way */
	bool removed;                  /* not configured any more; freed once it is idle and its process gone */
	bool asked;                    /* the outbox had nothing due when it was asked last */
	bool due_later;                /* but something at a later time */
	struct delivery_result result; /* waits to be recorded */
	int64_t delivered, retried, rejected;
	struct err last_error;
	int64_t last_error_ms;
};

struct dispatcher {
	struct loop *loop;
	char *program;
	struct dispatcher_sink sink;
	struct notifier *notifiers;
	bool draining;
};

static void notifier_claim(struct notifier *notifier);

static void notifier_move(struct notifier *notifier, enum notifier_stage stage)
{
	notifier->stage = stage;
}

static void note_error(struct notifier *notifier, const char *text)
{
	(void)err_set(&notifier->last_error, ERR_IO, "%s", text);
	notifier->last_error_ms = clock_wall_ms();
}

/* ---- claim, deliver, record ---- */

static void notifier_record(struct notifier *notifier)
{
	const struct dispatcher_sink *sink = &notifier->dispatcher->sink;

	notifier_move(notifier, NOTIFIER_RECORDING);
	if (!sink->record(sink->ctx, notifier, notifier->name, &notifier->result))
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
}

static void notifier_claim(struct notifier *notifier)
{
	struct dispatcher *dispatcher = notifier->dispatcher;

	if (notifier->stage != NOTIFIER_IDLE || dispatcher->draining || notifier->removed ||
	    runner_stage(notifier->runner) != RUNNER_IDLE)
		return;
	loop_timer_clear(&notifier->timer);
	notifier->woken = false;
	notifier->asked = false;
	if (dispatcher->sink.claim(dispatcher->sink.ctx, notifier, notifier->name))
		notifier_move(notifier, NOTIFIER_CLAIMING);
	else
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
}

/* The claim is committed, but its runner has gone meanwhile: an attempt that failed. */
static void deliver_to_nobody(struct notifier *notifier, const struct notification *notification, const char *why)
{
	notifier->result = (struct delivery_result){
		.row = notification->row,
		.attempt = notification->attempt,
		.outcome = FRAME_RETRY,
	};
	strncpy(notifier->result.text, why, sizeof notifier->result.text - 1);
	notifier->retried++;
	notifier_record(notifier);
}

static void notifier_deliver(struct notifier *notifier, const struct notification *notification)
{
	struct err err;

	notifier_move(notifier, NOTIFIER_DELIVERING);
	if (runner_stage(notifier->runner) != RUNNER_IDLE)
		deliver_to_nobody(notifier, notification, "the plugin's process is not running");
	else if (runner_deliver(notifier->runner, notification, &err))
		deliver_to_nobody(notifier, notification, err.text);
}

static void wait_for_due(struct notifier *notifier, int64_t next_due_ms)
{
	int64_t delay_ms = next_due_ms - clock_wall_ms();

	notifier_move(notifier, NOTIFIER_IDLE);
	notifier->asked = true;
	notifier->due_later = next_due_ms != 0;
	if (notifier->woken)
		notifier_claim(notifier);
	else if (next_due_ms)
		loop_timer_set(&notifier->timer, delay_ms < LOOK_AGAIN_MS ? delay_ms : LOOK_AGAIN_MS);
}

void dispatcher_claimed(struct notifier *notifier, int rc, struct notification *notification, int64_t next_due_ms)
{
	if (rc) {
		notifier_move(notifier, NOTIFIER_IDLE);
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
	} else if (notification->row == 0) {
		wait_for_due(notifier, next_due_ms);
	} else {
		notifier_deliver(notifier, notification);
	}
	notification_release(notification);
}

static void runner_on_result(void *ctx, const struct delivery_result *result)
{
	struct notifier *notifier = ctx;

	notifier->result = *result;
	notifier->delivered += result->outcome == FRAME_OK;
	notifier->retried += result->outcome == FRAME_RETRY;
	notifier->rejected += result->outcome == FRAME_REJECT;
	if (result->outcome != FRAME_OK)
		note_error(notifier, result->text);
	notifier_record(notifier);
}

void dispatcher_recorded(struct notifier *notifier, int rc, enum notification_state state)
{
	(void)state;

	/* ERR_REFUSED: the outbox knows of no such attempt, so there is nothing to repeat. */
	if (rc && rc != ERR_REFUSED) {
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
		return;
	}
	notifier_move(notifier, NOTIFIER_IDLE);
	if (notifier->removed)
		runner_stop(notifier->runner);
	notifier_claim(notifier);
}

static void runner_on_ready(void *ctx)
{
	notifier_claim(ctx);
}

static void runner_on_fault(void *ctx, const struct err *why)
{
	note_error(ctx, why->text);
}

static void timer_on_fire(struct loop_timer *timer)
{
	struct notifier *notifier = CONTAINER_OF(timer, struct notifier, timer);

	if (notifier->stage == NOTIFIER_RECORDING)
		notifier_record(notifier);
	else
		notifier_claim(notifier);
}

void dispatcher_wake(struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next) {
		notifier->woken = true;
		notifier_claim(notifier);
	}
}

/* ---- configuration ---- */

static void notifier_free(struct notifier *notifier)
{
	runner_free(notifier->runner);
	loop_timer_release(&notifier->timer);
	free(notifier->name);
	free(notifier->settings);
	free(notifier);
}

static char *settings_text(const struct config_notifier *config)
{
	OWNED_STRBUF struct strbuf text = {0};

	strbuf_addf(&text, "%s %lld %s", config->plugin_path, (long long)config->timeout_ms, config->options_json);
	return strbuf_take(&text);
}

static int notifier_new(struct dispatcher *dispatcher, const struct config_notifier *config, struct err *err)
{
	struct notifier *notifier = calloc(1, sizeof *notifier);

	if (!notifier)
		return err_nomem(err);
	notifier->dispatcher = dispatcher;
	notifier->name = strdup(config->name);
	notifier->settings = settings_text(config);
	struct runner_sink sink = {
		.ready = runner_on_ready, .result = runner_on_result, .fault = runner_on_fault, .ctx = notifier};
	int rc = notifier->name && notifier->settings ? 0 : err_nomem(err);
	if (!rc)
		rc = loop_timer_init(dispatcher->loop, &notifier->timer, timer_on_fire, err);
	if (!rc)
		rc = runner_new(dispatcher->loop, dispatcher->program, config, &sink, &notifier->runner, err);
	if (rc) {
		notifier_free(notifier);
		return rc;
	}
	notifier->next = dispatcher->notifiers;
	dispatcher->notifiers = notifier;
	return 0;
}

static bool is_as_before(const struct notifier *notifier, const struct config_notifier *config)
{
	OWNED_MEM char *settings = settings_text(config);
	return settings && strcmp(notifier->settings, settings) == 0;
}

static const struct config_notifier *configured(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_notifiers; i++)
		if (strcmp(config->notifiers[i].name, name) == 0)
			return &config->notifiers[i];
	return NULL;
}

static bool is_running(const struct dispatcher *dispatcher, const char *name)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		if (!notifier->removed && strcmp(notifier->name, name) == 0)
			return true;
	return false;
}

/* Out of use; its delivery, if any, still ends by itself and is recorded. */
static void retire(struct notifier *notifier)
{
	notifier->removed = true;
	if (notifier->stage == NOTIFIER_IDLE)
		runner_stop(notifier->runner);
}

static void collect_removed(struct dispatcher *dispatcher)
{
	struct notifier **link = &dispatcher->notifiers;

	while (*link) {
		struct notifier *notifier = *link;
		if (notifier->removed && notifier->stage == NOTIFIER_IDLE && runner_is_gone(notifier->runner)) {
			*link = notifier->next;
			notifier_free(notifier);
			continue;
		}
		if (notifier->removed && notifier->stage == NOTIFIER_IDLE &&
		    runner_stage(notifier->runner) != RUNNER_ENDING)
			runner_stop(notifier->runner);
		link = &notifier->next;
	}
}

int dispatcher_configure(struct dispatcher *dispatcher, const struct config *config, struct err *err)
{
	int rc = 0;

	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next) {
		const struct config_notifier *wanted = configured(config, notifier->name);
		if (!notifier->removed && (!wanted || !is_as_before(notifier, wanted)))
			retire(notifier);
	}
	for (size_t i = 0; i < config->n_notifiers && !rc; i++)
		if (!is_running(dispatcher, config->notifiers[i].name))
			rc = notifier_new(dispatcher, &config->notifiers[i], err);
	collect_removed(dispatcher);
	return rc;
}

/* ---- life and end ---- */

int dispatcher_new(struct loop *loop, const char *notify_program, const struct dispatcher_sink *sink,
		   struct dispatcher **ret, struct err *err)
{
	struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

	if (!dispatcher)
		return err_nomem(err);
	*dispatcher = (struct dispatcher){.loop = loop, .sink = *sink, .program = strdup(notify_program)};
	if (!dispatcher->program) {
		free(dispatcher);
		return err_nomem(err);
	}
	*ret = dispatcher;
	return 0;
}

void dispatcher_free(struct dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	while (dispatcher->notifiers) {
		struct notifier *notifier = dispatcher->notifiers;
		dispatcher->notifiers = notifier->next;
		notifier_free(notifier);
	}
	free(dispatcher->program);
	free(dispatcher);
}

void dispatcher_reap(struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		runner_reap(notifier->runner);
	collect_removed(dispatcher);
}

void dispatcher_drain(struct dispatcher *dispatcher)
{
	dispatcher->draining = true;
}

bool dispatcher_is_quiet(const struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		if (notifier->stage != NOTIFIER_IDLE)
			return false;
	return true;
}

bool dispatcher_is_settled(const struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next) {
		enum runner_stage stage = runner_stage(notifier->runner);
		if (notifier->stage != NOTIFIER_IDLE || stage == RUNNER_OPENING ||
		    (stage == RUNNER_IDLE && (notifier->woken || !notifier->asked)))
			return false;
	}
	return true;
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
	dispatcher->draining = true;
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		runner_stop(notifier->runner);
}

bool dispatcher_is_gone(const struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		if (!runner_is_gone(notifier->runner))
			return false;
	return true;
}

bool dispatcher_had_failures(const struct dispatcher *dispatcher)
{
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		if (notifier->last_error_ms || notifier->due_later)
			return true;
	return false;
}

static const char *state_name(const struct notifier *notifier)
{
	switch (runner_stage(notifier->runner)) {
	case RUNNER_OPENING:
		return "starting";
	case RUNNER_IDLE:
		return "idle";
	case RUNNER_BUSY:
		return "busy";
	case RUNNER_STOPPED:
	case RUNNER_ENDING:
		break;
	}
	return "pausing";
}

static void notifier_status(const struct notifier *notifier, struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_put_string(w, "notifier", notifier->name);
	json_put_string(w, "plugin", runner_plugin(notifier->runner));
	json_put_string(w, "state", state_name(notifier));
	json_put_int(w, "delivered", notifier->delivered);
	json_put_int(w, "retried", notifier->retried);
	json_put_int(w, "rejected", notifier->rejected);
	json_put_int(w, "restarts", runner_restarts(notifier->runner));
	if (notifier->last_error_ms) {
		json_open(w, "last_error", '{');
		json_put_string(w, "text", notifier->last_error.text);
		json_put_time(w, "at", notifier->last_error_ms);
		json_close(w, '}');
	}
	json_close(w, '}');
}

void dispatcher_status(const struct dispatcher *dispatcher, struct json_writer *w)
{
	json_open(w, "notifiers", '[');
	for (struct notifier *notifier = dispatcher->notifiers; notifier; notifier = notifier->next)
		if (!notifier->removed)
			notifier_status(notifier, w);
	json_close(w, ']');
}
