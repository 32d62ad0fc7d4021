/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_once.c: --once: one poll of every watch, those that the lockfiles ask for included, then the reasons
 * that are due. When all is polled and delivered app.c ends the daemon.
 */
#include "app.h"

#include "base/clock.h"
#include "base/log.h"

/* ---- one poll of every watch ---- */

struct sweep {
	struct app *app;
	struct poll_round round;
};

/* For the reasons of what was found yanked. */
static int64_t longest_wait_ms(const struct config *config)
{
	int64_t longest_ms = 0;

	for (size_t i = 0; i < config->n_registries; i++) {
		const struct config_reasons *reasons = &config->registries[i].reasons;
		if (reasons->from_api && reasons->wait_ms > longest_ms)
			longest_ms = reasons->wait_ms;
	}
	return longest_ms;
}

static void sweep_on_done(struct poll_round *round)
{
	struct sweep *sweep = CONTAINER_OF(round, struct sweep, round);

	for (size_t i = 0; i < round->n_errors; i++)
		log_error("poll: %s in %s: %s", round->errors[i].crate, round->errors[i].registry,
			  round->errors[i].err.text);
	sweep->app->exit_code |= round->failed > 0;
	sweep->app->polled = true;
	sweep->app->reasons_until_ms = clock_mono_ms() + longest_wait_ms(sweep->app->config);
	free(sweep);
}

void app_once_look(struct app *app)
{
	if (!app->polled || app->sweep_done)
		return;
	if (!poller_reasons_settled(app->poller) && clock_mono_ms() < app->reasons_until_ms)
		return;
	app->sweep_done = true;
	dispatcher_wake(app->dispatcher, false); /* nobody will be here when a group's wait is over */
}

static int sweep_start(struct app *app, struct err *err)
{
	struct sweep *sweep = calloc(1, sizeof *sweep);

	if (!sweep)
		return err_nomem(err);
	sweep->app = app;
	sweep->round.done = sweep_on_done;
	int rc = poller_poll_now(app->poller, NULL, NULL, 0, &sweep->round, err);
	if (rc)
		free(sweep);
	return rc;
}

static void sweep_once(struct app *app)
{
	struct err err;

	if (sweep_start(app, &err)) {
		log_error("poll: %s", err.text);
		app->exit_code = 1;
		app->polled = true;
	}
	loop_timer_set(&app->tick, APP_TICK_MS); /* looks for the end */
}

/* ---- after the lockfiles ---- */

/* The crates of all lockfiles are among the watches. */
static void before_sweep_on_end(struct poller_change *change)
{
	struct app *app = CONTAINER_OF(change, struct app, before_sweep);

	if (app->stage == APP_RUNNING)
		sweep_once(app);
}

static void lockfiles_read_on_loop(struct loop_task *task)
{
	struct app *app = CONTAINER_OF(task, struct app, lockfiles_read);

	app->before_sweep = (struct poller_change){.done = before_sweep_on_end};
	poller_change(app->poller, &app->before_sweep);
}

void app_lockfiles_looked(void *ctx)
{
	struct app *app = ctx;

	if (!app->once)
		return;
	app->lockfiles_read.run = lockfiles_read_on_loop;
	loop_post(app->loop, &app->lockfiles_read);
}
