/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app.c: the life of yankwatchd, from top to bottom: lock, build, start, signals,
 * drain, end. Parts are built in the order in which they need each other and end
 * the other way round.
 */
#include "app.h"

#include "base/clock.h"
#include "base/log.h"
#include "service.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DRAIN_MS 10000 /* what is being delivered may take this long at the end */
#define END_MS 3000    /* and then a plugin this long to close */
#define OUTBOX_SWEEP_MS 60000

/* ---- the end: drain, stop the runners, leave the loop ---- */

static void tick_on_fire(struct loop_timer *timer)
{
	struct app *app = CONTAINER_OF(timer, struct app, tick);
	bool late = clock_mono_ms() >= app->drain_until_ms;

	if (app->stage == APP_RUNNING) { /* --once */
		app_once_look(app);
		if (app->sweep_done && !poller_is_reporting(app->poller) && dispatcher_is_settled(app->dispatcher)) {
			app->exit_code |= dispatcher_had_failures(app->dispatcher);
			app_drain(app);
			return;
		}
	} else if (app->stage == APP_DRAINING && (late || dispatcher_is_quiet(app->dispatcher))) {
		dispatcher_stop(app->dispatcher);
		app->stage = APP_ENDING;
		app->drain_until_ms = clock_mono_ms() + END_MS;
	} else if (app->stage == APP_ENDING && (late || dispatcher_is_gone(app->dispatcher))) {
		loop_stop(app->loop);
		return;
	}
	loop_timer_set(&app->tick, APP_TICK_MS);
}

/* Polls are not waited for: what was not committed is seen again by the next process. */
void app_drain(struct app *app)
{
	if (app->stage >= APP_DRAINING)
		return;
	app->stage = APP_DRAINING;
	app->drain_until_ms = clock_mono_ms() + DRAIN_MS;
	service_stopping();
	poller_pause(app->poller);
	dispatcher_drain(app->dispatcher);
	loop_timer_set(&app->tick, 0);
}

/* ---- signals ---- */

static void on_terminate(int number, void *arg)
{
	log_info("signal %d: ends after what is being delivered", number);
	app_drain(arg);
}

static void on_child(int number, void *arg)
{
	struct app *app = arg;
	(void)number;
	dispatcher_reap(app->dispatcher);
}

static void on_hangup(int number, void *arg)
{
	struct app *app = arg;
	(void)number;

	service_reloading();
	config_reader_request(app->reader);
}

static int watch_signals(struct app *app, struct err *err)
{
	static const struct {
		int number;
		void (*fire)(int number, void *arg);
	} signals[] = {{SIGTERM, on_terminate}, {SIGINT, on_terminate}, {SIGHUP, on_hangup}, {SIGCHLD, on_child}};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(signals) && !rc; i++)
		rc = loop_signal(app->loop, signals[i].number, signals[i].fire, app, err);
	(void)signal(SIGPIPE, SIG_IGN);
	return rc;
}

/* ---- the start ---- */

static void lockfiles_on_fire(struct loop_timer *timer)
{
	struct app *app = CONTAINER_OF(timer, struct app, lockfiles);

	config_reader_look(app->reader, app->config);
	if (!app->once)
		loop_timer_set(timer, LOCKFILES_EVERY_MS);
}

static void on_alive(struct app *app)
{
	(void)app;
	service_alive();
}

static void outbox_sweep_on_fire(struct loop_timer *timer)
{
	struct app *app = CONTAINER_OF(timer, struct app, outbox_sweep);

	app_sweep_outbox(app);
	app_sweep_findings(app);
	loop_timer_set(timer, OUTBOX_SWEEP_MS);
}

static void watchdog_on_fire(struct loop_timer *timer)
{
	struct app *app = CONTAINER_OF(timer, struct app, watchdog);

	app_ping(app, on_alive);
	loop_timer_set(timer, app->watchdog_ms / 3);
}

/* A second yankwatchd on the same database would undo the first one's work. */
static int lock_state_dir(struct app *app, struct err *err)
{
	char path[4096];
	const char *dir = app->config->state_dir;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "state_dir %s", dir);
	if (snprintf(path, sizeof path, "%s/lock", dir) >= (int)sizeof path)
		return err_set(err, ERR_LIMIT, "state_dir %s: too long", dir);
	app->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (app->lock_fd < 0)
		return err_errno(err, "%s", path);
	if (flock(app->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(err, ERR_REFUSED, "%s: another yankwatchd uses this state_dir", dir);
	return asprintf(&app->database, "%s/yankwatch.sqlite", dir) < 0 ? err_nomem(err) : 0;
}

static int build_parts(struct app *app, struct err *err)
{
	struct tracker_hooks hooks = app_tracker_hooks(app);
	struct poller_sink poller_sink = app_poller_sink(app);
	struct notifier_sink notifier_sink = app_notifier_sink(app);

	int rc = loop_new(&app->loop, err);
	if (!rc)
		rc = loop_timer_init(app->loop, &app->tick, tick_on_fire, err);
	if (!rc)
		rc = loop_timer_init(app->loop, &app->outbox_sweep, outbox_sweep_on_fire, err);
	if (!rc)
		rc = loop_timer_init(app->loop, &app->lockfiles, lockfiles_on_fire, err);
	if (!rc)
		rc = loop_timer_init(app->loop, &app->watchdog, watchdog_on_fire, err);
	if (!rc)
		rc = news_new(&app->news, err);
	if (!rc)
		rc = tracker_new(app->config->state_dir, app->database, &hooks, &app->tracker, err);
	if (!rc)
		rc = http_new(app->loop, &app->http, err);
	if (!rc)
		rc = poller_new(app->loop, app->http, &poller_sink, &app->poller, err);
	if (!rc)
		rc = dispatcher_new(app->loop, app->paths.notify_program, &notifier_sink, &app->dispatcher, err);
	return rc;
}

static int start_parts(struct app *app, struct err *err)
{
	struct api_backend backend = app_backend(app);
	const struct config_reader_sink reader_sink = {.reads = app_config_reads,
						       .read = app_config_read,
						       .lockfiles = app_lockfiles_sink(app),
						       .looked = app_lockfiles_looked,
						       .ctx = app};

	int rc = watch_signals(app, err);
	if (!app->once)
		tracker_keep_vigil(app->tracker);
	if (!rc)
		rc = tracker_start(app->tracker, err);
	if (!rc)
		rc = config_reader_start(app->config_path, &app->paths, &reader_sink, &app->reader, err);
	if (rc)
		return rc;
	/* The tracker knows the configuration before the socket's first question. */
	app_apply_first(app);
	if (!app->once)
		rc = api_new(app->config, app->database, &backend, app->news, &app->api, err);
	if (!rc && app->api)
		rc = api_serve(app->api, app->config, err);
	if (rc)
		return rc;
	app->watchdog_ms = service_watchdog_ms();
	if (app->watchdog_ms)
		loop_timer_set(&app->watchdog, 0);
	return 0;
}

/* Threads first, so that nobody speaks to a part that is gone; then what they left. */
static void end_parts(struct app *app)
{
	app->stage = APP_ENDING; /* what still comes back takes no effect */
	api_free(app->api);
	app_rounds_release(&app->rounds);
	config_reader_stop(app->reader);
	if (app->tracker)
		tracker_stop(app->tracker);
	if (app->loop)
		loop_drain(app->loop);
	app_reloads_release(&app->reloads);
	app_waiters_release(&app->waiters); /* the tracker added to them, the loop told them */
	http_free(app->http);
	dispatcher_free(app->dispatcher);
	poller_free(app->poller);
	tracker_free(app->tracker);
	news_free(app->news);
	if (app->loop) {
		loop_timer_release(&app->tick);
		loop_timer_release(&app->outbox_sweep);
		loop_timer_release(&app->lockfiles);
		loop_timer_release(&app->watchdog);
	}
	loop_free(app->loop);
	config_unref(app->config);
	free(app->database);
	if (app->lock_fd >= 0)
		(void)close(app->lock_fd);
}

int app_run(const char *config_path, const struct config_paths *paths, const struct config *config, bool once)
{
	struct app app = {
		.config_path = config_path,
		.paths = *paths,
		.config = config,
		.once = once,
		.lock_fd = -1,
	};
	struct err err;

	/* --once is run by cron or CI, which read what it says. */
	enum log_target target = once && config->log_target == LOG_TARGET_AUTO ? LOG_TARGET_STDERR : config->log_target;
	int rc = log_start("yankwatchd", target, config->log_level, &err);
	if (!rc && (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK))
		rc = err_set(&err, ERR_IO, "libsodium or libcurl cannot start");
	app_rounds_init(&app.rounds);
	app_waiters_init(&app.waiters);
	app_reloads_init(&app.reloads);
	if (!rc)
		rc = lock_state_dir(&app, &err);
	if (!rc)
		app_backup_clean(&app);
	if (!rc)
		rc = build_parts(&app, &err);
	if (!rc)
		rc = start_parts(&app, &err);
	if (rc)
		log_error("%s", err.text);
	else
		loop_run(app.loop);
	end_parts(&app);
	log_info("yankwatchd ends");
	log_stop();
	curl_global_cleanup();
	return rc ? 1 : app.exit_code;
}
