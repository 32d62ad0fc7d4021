/* SPDX-License-Identifier: Apache-2.0 */
/* notifier.c: see notifier.h. Stages are changed by notifier_move() alone. */
#include "alert/notifier.h"

#include "alert/runner.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "model/tempo.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ASK_AGAIN_MS 1000   /* after the tracker had no room or its commit failed */
#define LOOK_AGAIN_MS 60000 /* at the latest; a stepped clock is noticed then */

enum notifier_stage { NOTIFIER_IDLE, NOTIFIER_CLAIMING, NOTIFIER_DELIVERING, NOTIFIER_RECORDING };

struct notifier {
	const struct notifier_sink *sink;
	char *name;
	char *settings; /* what the runner was started with, as one text to compare */
	struct runner *runner;
	struct loop_timer timer; /* next due, or ask again */
	struct tempo tempo;
	enum notifier_stage stage;
	bool woken;                    /* the outbox grew while a claim was under way */
	bool draining;                 /* no more claims */
	bool retired;                  /* and its process ends once it is idle */
	bool asked;                    /* the outbox had nothing due when it was asked last */
	bool undelivered;              /* but something has been tried and waits for its next attempt */
	struct delivery_result result; /* waits to be recorded */
	int64_t delivered, retried, rejected;
	struct err last_error;
	int64_t last_error_ms;
};

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
	const struct notifier_sink *sink = notifier->sink;

	notifier_move(notifier, NOTIFIER_RECORDING);
	if (!sink->record(sink->ctx, notifier, notifier->name, &notifier->result))
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
}

static void notifier_claim(struct notifier *notifier)
{
	const struct notifier_sink *sink = notifier->sink;

	if (notifier->stage != NOTIFIER_IDLE || notifier->draining || runner_stage(notifier->runner) != RUNNER_IDLE)
		return;
	notifier->asked = false;
	int64_t free_in_ms = tempo_free_ms(&notifier->tempo) - clock_mono_ms();
	if (free_in_ms > 0) {
		loop_timer_set(&notifier->timer, free_in_ms);
		return;
	}
	loop_timer_clear(&notifier->timer);
	notifier->woken = false;
	if (sink->claim(sink->ctx, notifier, notifier->name))
		notifier_move(notifier, NOTIFIER_CLAIMING);
	else
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
}

static void count(struct notifier *notifier, enum frame_outcome outcome)
{
	notifier->delivered += outcome == FRAME_OK;
	notifier->retried += outcome == FRAME_RETRY;
	notifier->rejected += outcome == FRAME_REJECT;
}

/*
 * The claim is committed, but its runner has gone meanwhile: an attempt that failed. One that fits into no frame
 * never will. What the plugin left at the attempt before stays: it says who has the notification already.
 */
static void deliver_to_nobody(struct notifier *notifier, const struct notification *notification, const struct err *why)
{
	notifier->result = (struct delivery_result){
		.row = notification->row,
		.attempt = notification->attempt,
		.outcome = why->code == ERR_LIMIT ? FRAME_REJECT : FRAME_RETRY,
	};
	(void)snprintf(notifier->result.text, sizeof notifier->result.text, "%s", why->text);
	if (notification->state)
		(void)snprintf(notifier->result.state, sizeof notifier->result.state, "%s", notification->state);
	count(notifier, notifier->result.outcome);
	notifier_record(notifier);
}

static void notifier_deliver(struct notifier *notifier, const struct notification *notification)
{
	struct err err;

	notifier_move(notifier, NOTIFIER_DELIVERING);
	tempo_sent(&notifier->tempo, clock_mono_us());
	int rc = runner_stage(notifier->runner) == RUNNER_IDLE
			 ? runner_deliver(notifier->runner, notification, &err)
			 : err_set(&err, ERR_BUSY, "the plugin's process is not running");
	if (rc)
		deliver_to_nobody(notifier, notification, &err);
}

/* A retired one's process has nothing more to do. */
static void become_idle(struct notifier *notifier)
{
	notifier_move(notifier, NOTIFIER_IDLE);
	if (notifier->retired)
		runner_stop(notifier->runner);
}

static void wait_for_due(struct notifier *notifier, const struct notifier_claim *claim)
{
	int64_t delay_ms = claim->next_due_ms - clock_wall_ms();

	become_idle(notifier);
	notifier->asked = !claim->next_due_ms || delay_ms > 0; /* else it did only a part of what is due at a time */
	notifier->undelivered = claim->undelivered;
	if (notifier->woken)
		notifier_claim(notifier);
	else
		loop_timer_set(&notifier->timer,
			       claim->next_due_ms && delay_ms < LOOK_AGAIN_MS ? delay_ms : LOOK_AGAIN_MS);
}

void notifier_claimed(struct notifier *notifier, const struct notifier_claim *claim)
{
	if (claim->rc) {
		become_idle(notifier);
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
	} else if (claim->notification->row == 0) {
		wait_for_due(notifier, claim);
	} else {
		notifier_deliver(notifier, claim->notification);
	}
	notification_release(claim->notification);
}

static void runner_on_result(void *ctx, const struct delivery_result *result)
{
	struct notifier *notifier = ctx;

	notifier->result = *result;
	tempo_told(&notifier->tempo, result, clock_mono_ms(), randombytes_random());
	count(notifier, result->outcome);
	if (result->outcome != FRAME_OK)
		note_error(notifier, result->text);
	notifier_record(notifier);
}

void notifier_recorded(struct notifier *notifier, int rc)
{
	/* ERR_ABSENT: the outbox knows of no such attempt, so there is nothing to repeat. */
	if (rc && rc != ERR_ABSENT) {
		loop_timer_set(&notifier->timer, ASK_AGAIN_MS);
		return;
	}
	become_idle(notifier);
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

void notifier_wake(struct notifier *notifier, bool asked)
{
	notifier->woken = true;
	if (asked)
		tempo_resume(&notifier->tempo);
	notifier_claim(notifier);
}

void notifier_reap(struct notifier *notifier)
{
	runner_reap(notifier->runner);
}

/* ---- life ---- */

void notifier_free(struct notifier *notifier)
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

	strbuf_addf(&text, "%s %lld %lld %lld %s%s%s", config->plugin_path, (long long)config->timeout_ms,
		    (long long)config->messages_per_minute, (long long)config->first_pause_ms, config->files_stamp,
		    config->options_json, config->hidden_json);
	return strbuf_take(&text);
}

int notifier_new(struct loop *loop, const char *notify_program, const struct config_notifier *config,
		 const struct notifier_sink *sink, struct notifier **ret, struct err *err)
{
	struct notifier *notifier = calloc(1, sizeof *notifier);

	if (!notifier)
		return err_nomem(err);
	*notifier = (struct notifier){.sink = sink, .name = strdup(config->name), .settings = settings_text(config)};
	notifier->tempo = tempo_make(config->messages_per_minute, config->first_pause_ms);
	struct runner_sink runner_sink = {
		.ready = runner_on_ready, .result = runner_on_result, .fault = runner_on_fault, .ctx = notifier};
	int rc = notifier->name && notifier->settings ? 0 : err_nomem(err);
	if (!rc)
		rc = loop_timer_init(loop, &notifier->timer, timer_on_fire, err);
	if (!rc)
		rc = runner_new(loop, notify_program, config, &runner_sink, &notifier->runner, err);
	if (rc) {
		notifier_free(notifier);
		return rc;
	}
	*ret = notifier;
	return 0;
}

void notifier_drain(struct notifier *notifier)
{
	notifier->draining = true;
}

void notifier_retire(struct notifier *notifier)
{
	notifier_drain(notifier);
	notifier->retired = true;
	if (notifier->stage == NOTIFIER_IDLE)
		runner_stop(notifier->runner);
}

void notifier_stop(struct notifier *notifier)
{
	notifier_drain(notifier);
	runner_stop(notifier->runner);
}

/* ---- what it is asked ---- */

const char *notifier_name(const struct notifier *notifier)
{
	return notifier->name;
}

bool notifier_has_settings(const struct notifier *notifier, const struct config_notifier *config)
{
	OWNED_MEM char *settings = settings_text(config);
	return settings && strcmp(notifier->settings, settings) == 0;
}

bool notifier_is_retired(const struct notifier *notifier)
{
	return notifier->retired;
}

bool notifier_is_quiet(const struct notifier *notifier)
{
	return notifier->stage == NOTIFIER_IDLE;
}

bool notifier_is_settled(const struct notifier *notifier)
{
	enum runner_stage stage = runner_stage(notifier->runner);

	if (stage == RUNNER_IDLE)
		return notifier_is_quiet(notifier) &&
		       (tempo_is_down(&notifier->tempo) || (notifier->asked && !notifier->woken));
	return notifier_is_quiet(notifier) && stage != RUNNER_OPENING;
}

bool notifier_has_no_process(const struct notifier *notifier)
{
	return runner_is_gone(notifier->runner);
}

bool notifier_is_gone(const struct notifier *notifier)
{
	return notifier_is_quiet(notifier) && notifier_has_no_process(notifier);
}

bool notifier_had_failures(const struct notifier *notifier)
{
	return notifier->last_error_ms || notifier->undelivered;
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

void notifier_status(const struct notifier *notifier, struct json_writer *w)
{
	json_open(w, NULL, '{');
	json_put_string(w, "notifier", notifier->name);
	json_put_string(w, "plugin", runner_plugin(notifier->runner));
	json_put_string(w, "state", state_name(notifier));
	json_put_int(w, "delivered", notifier->delivered);
	json_put_int(w, "retried", notifier->retried);
	json_put_int(w, "rejected", notifier->rejected);
	json_put_int(w, "restarts", runner_restarts(notifier->runner));
	confinement_write(runner_confinement(notifier->runner), w);
	int64_t pause_ms = notifier->tempo.paused_ms - clock_mono_ms();
	if (pause_ms > 0)
		json_put_time(w, "paused_until", clock_wall_ms() + pause_ms);
	if (notifier->last_error_ms) {
		json_open(w, "last_error", '{');
		json_put_string(w, "text", notifier->last_error.text);
		json_put_time(w, "at", notifier->last_error_ms);
		json_close(w, '}');
	}
	json_close(w, '}');
}
