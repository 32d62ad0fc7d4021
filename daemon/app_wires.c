/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_wires.c: what the loop's parts and the tracker send each other. Each wire
 * holds the tracker's job for the way there and a loop task for the way back; it
 * is made on the loop and freed on the loop.
 */
#include "app_wire.h"

#include "base/clock.h"
#include "base/log.h"
#include "track/jobs.h"

#include <stdio.h>
#include <string.h>

/* The job is done: back to the loop. */
static void wire_on_reply(struct job *job)
{
	struct wire *wire = job->sender;
	loop_post(wire->app->loop, &wire->back);
}

void wire_send(struct wire *wire, struct app *app, struct job *job, const struct job_kind *kind,
	       void (*on_back)(struct loop_task *back))
{
	*wire = (struct wire){.app = app, .back.run = on_back};
	job->kind = kind;
	job->reply = wire_on_reply;
	job->sender = wire;
	tracker_submit(app->tracker, job);
}

/* ---- a poll: observation there, committed back ---- */

struct poll_wire {
	struct wire wire;
	struct watch *watch;
	struct job_observation observe;
};

static void poll_on_back(struct loop_task *task)
{
	struct poll_wire *wire = CONTAINER_OF(task, struct poll_wire, wire.back);
	struct job_observation *observe = &wire->observe;

	poller_committed(wire->wire.app->poller, wire->watch, observe->job.rc, &observe->job.err, &observe->ret_result);
	observation_result_release(&observe->ret_result);
	observation_release(&observe->observation);
	strbuf_release(&observe->ret_said);
	free(wire);
}

static void send_observation(void *ctx, struct watch *watch, struct observation *observation)
{
	struct app *app = ctx;
	struct observation_result nothing = {0};
	struct poll_wire *wire = calloc(1, sizeof *wire);

	if (!wire) {
		struct err err;
		tracker_give_back(app->tracker);
		poller_committed(app->poller, watch, err_nomem(&err), &err, &nothing);
		observation_release(observation);
		return;
	}
	wire->watch = watch;
	wire->observe.observation = *observation;
	*observation = (struct observation){0};
	wire_send(&wire->wire, app, &wire->observe.job, &job_observation_kind, poll_on_back);
}

static bool reserve_place(void *ctx)
{
	struct app *app = ctx;
	return tracker_reserve(app->tracker);
}

static void give_place_back(void *ctx)
{
	struct app *app = ctx;
	tracker_give_back(app->tracker);
}

/* ---- how a registry is: report there, stored back ---- */

struct report_wire {
	struct wire wire;
	struct registry *registry;
	struct job_registry report;
};

static void report_wire_free(struct report_wire *wire)
{
	free(wire->report.registry);
	free(wire->report.index_url);
	free(wire);
}

static void report_on_back(struct loop_task *task)
{
	struct report_wire *wire = CONTAINER_OF(task, struct report_wire, wire.back);
	int rc = wire->report.job.rc;

	/* Of a registry that is configured otherwise by now nothing is to be told. */
	poller_reported(wire->wire.app->poller, wire->registry, rc == 0 || rc == ERR_ABSENT);
	report_wire_free(wire);
}

static bool send_report(void *ctx, struct registry *registry, const char *name, const char *index_url,
			const struct registry_report *report)
{
	struct app *app = ctx;
	struct report_wire *wire = calloc(1, sizeof *wire);

	if (!wire)
		return false;
	wire->registry = registry;
	wire->report.report = *report;
	wire->report.registry = strdup(name);
	wire->report.index_url = strdup(index_url);
	if (!wire->report.registry || !wire->report.index_url || !tracker_reserve(app->tracker)) {
		report_wire_free(wire);
		return false;
	}
	wire_send(&wire->wire, app, &wire->report.job, &job_registry_kind, report_on_back);
	return true;
}

struct poller_sink app_poller_sink(struct app *app)
{
	return (struct poller_sink){.reserve = reserve_place,
				    .give_back = give_place_back,
				    .observe = send_observation,
				    .report = send_report,
				    .want_reason = app_want_reason,
				    .record_reason = app_record_reason,
				    .ctx = app};
}

/* ---- a delivery: claim there, notification back; result there, recorded back ---- */

struct claim_wire {
	struct wire wire;
	struct notifier *notifier;
	struct job_claim claim;
};

static void claim_on_back(struct loop_task *task)
{
	struct claim_wire *wire = CONTAINER_OF(task, struct claim_wire, wire.back);
	struct job_claim *claim = &wire->claim;

	notifier_claimed(wire->notifier, &(struct notifier_claim){.rc = claim->job.rc,
								  .notification = &claim->ret_notification,
								  .next_due_ms = claim->ret_next_due_ms,
								  .undelivered = claim->ret_undelivered});
	free(wire);
}

static bool send_claim(void *ctx, struct notifier *notifier, const char *name)
{
	struct app *app = ctx;

	if (!tracker_reserve(app->tracker))
		return false;
	struct claim_wire *wire = calloc(1, sizeof *wire);
	if (!wire) {
		tracker_give_back(app->tracker);
		return false;
	}
	wire->notifier = notifier;
	wire->claim.no_wait = app->sweep_done;
	(void)snprintf(wire->claim.notifier, sizeof wire->claim.notifier, "%s", name);
	wire_send(&wire->wire, app, &wire->claim.job, &job_claim_kind, claim_on_back);
	return true;
}

struct result_wire {
	struct wire wire;
	struct notifier *notifier;
	struct job_result result;
};

static void result_on_back(struct loop_task *task)
{
	struct result_wire *wire = CONTAINER_OF(task, struct result_wire, wire.back);

	if (!wire->result.job.rc)
		app_waiters_tell(&wire->wire.app->waiters, &wire->result.result);
	notifier_recorded(wire->notifier, wire->result.job.rc);
	dispatcher_wake(wire->wire.app->dispatcher, false); /* one of the same name may have waited for it */
	free(wire);
}

static bool send_result(void *ctx, struct notifier *notifier, const char *name, const struct delivery_result *result)
{
	struct app *app = ctx;

	if (!tracker_reserve(app->tracker))
		return false;
	struct result_wire *wire = calloc(1, sizeof *wire);
	if (!wire) {
		tracker_give_back(app->tracker);
		return false;
	}
	wire->notifier = notifier;
	wire->result.result = *result;
	(void)snprintf(wire->result.notifier, sizeof wire->result.notifier, "%s", name);
	wire_send(&wire->wire, app, &wire->result.job, &job_result_kind, result_on_back);
	return true;
}

struct notifier_sink app_notifier_sink(struct app *app)
{
	return (struct notifier_sink){.claim = send_claim, .record = send_result, .ctx = app};
}

/* ---- the outbox grew: a wake-up, which may come late but not be lost ---- */

struct wake_wire {
	struct wire wire;
	bool asked;
};

static void wake_on_back(struct loop_task *task)
{
	struct wake_wire *wire = CONTAINER_OF(task, struct wake_wire, wire.back);

	dispatcher_wake(wire->wire.app->dispatcher, wire->asked);
	free(wire);
}

static void outbox_grew(void *ctx, bool asked)
{
	struct wake_wire *wire = calloc(1, sizeof *wire);

	if (!wire) {
		log_error("out of memory: new notifications wait for the next look at the outbox");
		return;
	}
	*wire = (struct wake_wire){.wire = {.app = ctx, .back.run = wake_on_back}, .asked = asked};
	loop_post(wire->wire.app->loop, &wire->wire.back);
}

/* Without a turn of the loop: the streams have threads of their own. */
static void history_grew(void *ctx)
{
	struct app *app = ctx;

	news_tell(app->news);
}

struct tracker_hooks app_tracker_hooks(struct app *app)
{
	return (struct tracker_hooks){
		.outbox_grew = outbox_grew, .reasons_due = app_reasons_due, .history_grew = history_grew, .ctx = app};
}

/* ---- the outbox is swept: heartbeats, what cannot be delivered ---- */

struct sweep_wire {
	struct wire wire;
	struct job_sweep sweep;
};

static void sweep_on_back(struct loop_task *task)
{
	struct sweep_wire *wire = CONTAINER_OF(task, struct sweep_wire, wire.back);
	struct app *app = wire->wire.app;
	bool more = wire->sweep.job.rc == 0 && wire->sweep.ret_more;

	free(wire);
	if (more)
		app_sweep_outbox(app);
}

void app_sweep_outbox(struct app *app)
{
	struct sweep_wire *wire = calloc(1, sizeof *wire);

	if (wire && tracker_reserve(app->tracker))
		wire_send(&wire->wire, app, &wire->sweep.job, &job_sweep_kind, sweep_on_back);
	else
		free(wire); /* the next sweep does it */
}

/* ---- a configuration: there, watches back ---- */

struct config_wire {
	struct wire wire;
	app_applied_fn *applied;
	struct reload_call *calls;
	struct job_configure configure;
	struct poller_change change;
};

static void warn_of_restart(const struct config *before, const struct config *after)
{
	if (strcmp(before->state_dir, after->state_dir) != 0 || strcmp(before->socket_path, after->socket_path) != 0)
		log_warning("reload: state_dir and socket.path change only by a restart");
}

static void take_config(struct app *app, const struct config *config)
{
	struct err err;

	warn_of_restart(app->config, config);
	if (!app->once)
		log_configure(config->log_target, config->log_level);
	if (dispatcher_configure(app->dispatcher, config, &err))
		log_error("reload: not every notifier runs: %s", err.text);
	if (app->api)
		api_configure(app->api, config);
	const struct config *before = app->config;
	app->config = config_ref(config);
	config_unref(before);
}

static void config_wire_end(struct config_wire *wire)
{
	wire->applied(wire->wire.app, wire->calls, wire->configure.job.rc, &wire->configure.job.err);
	job_configure_release(&wire->configure);
	config_unref(wire->configure.config);
	free(wire);
}

static void config_on_taken_in(struct poller_change *change)
{
	config_wire_end(CONTAINER_OF(change, struct config_wire, change));
}

static void config_on_back(struct loop_task *task)
{
	struct config_wire *wire = CONTAINER_OF(task, struct config_wire, wire.back);
	const struct config *config = wire->configure.config;
	struct app *app = wire->wire.app;

	if (wire->configure.job.rc || app->stage >= APP_DRAINING) {
		config_wire_end(wire);
		return;
	}
	take_config(app, config);
	wire->change = (struct poller_change){.config = config,
					      .lists = wire->configure.ret_changes,
					      .n_lists = config->n_registries,
					      .done = config_on_taken_in};
	poller_change(app->poller, &wire->change);
}

void app_apply_config(struct app *app, const struct config *config, struct reload_call *calls, app_applied_fn *applied)
{
	struct config_wire *wire = calloc(1, sizeof *wire);
	struct err err;

	if (!wire || !tracker_reserve(app->tracker)) {
		free(wire);
		config_unref(config);
		int rc = err_set(&err, ERR_BUSY, "too busy: reload it again");
		applied(app, calls, rc, &err);
		return;
	}
	wire->applied = applied;
	wire->calls = calls;
	wire->configure.config = config;
	wire_send(&wire->wire, app, &wire->configure.job, &job_configure_kind, config_on_back);
}

/* ---- a sign of life ---- */

struct ping_wire {
	struct wire wire;
	void (*alive)(struct app *app);
	struct job job;
};

static void ping_on_back(struct loop_task *task)
{
	struct ping_wire *wire = CONTAINER_OF(task, struct ping_wire, wire.back);

	wire->alive(wire->wire.app);
	free(wire);
}

void app_ping(struct app *app, void (*alive)(struct app *app))
{
	if (!tracker_reserve(app->tracker))
		return;
	struct ping_wire *wire = calloc(1, sizeof *wire);
	if (!wire) {
		tracker_give_back(app->tracker);
		return;
	}
	wire->alive = alive;
	wire_send(&wire->wire, app, &wire->job, &job_ping_kind, ping_on_back);
}
