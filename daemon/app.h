/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app.h: the parts of yankwatchd and how they are joined. The app_*.c files alone
 * know everybody: app.c builds and ends the parts, app_wires.c carries polls and
 * deliveries between loop and tracker, app_calls.c answers the socket.
 *
 * Everything here lives on the loop's thread unless it says otherwise.
 */
#pragma once

#include "alert/dispatcher.h"
#include "api/api.h"
#include "config/reader.h"
#include "net/http.h"
#include "poll/poller.h"
#include "track/tracker.h"

enum app_stage { APP_STARTING, APP_RUNNING, APP_DRAINING, APP_ENDING };

struct app {
	struct config_paths paths; /* borrowed from main() */
	const char *config_path;
	const struct config *config; /* in force; counted */
	bool once;
	enum app_stage stage;
	int exit_code;
	int lock_fd;
	char *database;

	struct loop *loop;
	struct http *http;
	struct tracker *tracker;
	struct poller *poller;
	struct dispatcher *dispatcher;
	struct config_reader *reader;
	struct api *api;

	struct loop_timer tick; /* draining: looks whether all is done */
	int64_t drain_until_ms;
	struct loop_timer watchdog;
	int64_t watchdog_ms; /* 0 = systemd does not watch */
	bool sweep_done;     /* --once: every watch was polled */

	int64_t config_ms;        /* wall clock: since when `config` is in force */
	struct err reload_err;    /* why the last reload had no effect; code 0: it had */
	int64_t reload_failed_ms; /* wall clock */
};

/* Runs until SIGTERM or, with `once`, until one sweep is delivered; returns the exit code. */
int app_run(const char *config_path, const struct config_paths *paths, const struct config *config, bool once);

/* ---- app_wires.c ---- */

struct poller_sink app_poller_sink(struct app *app);
struct notifier_sink app_notifier_sink(struct app *app);
struct tracker_hooks app_tracker_hooks(struct app *app);

/* Makes `config` (one reference, taken) the one in force: tracker first, then the
 * rest; `applied` is called then, or with the reason why it is not. */
void app_apply_config(struct app *app, const struct config *config,
		      void (*applied)(struct app *app, int rc, const struct err *err));

/* Asks the tracker for a sign of life; `alive` is called on the loop. */
void app_ping(struct app *app, void (*alive)(struct app *app));

/* ---- app_calls.c; called on the socket's threads ---- */

struct api_backend app_backend(struct app *app);
