/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app.h: the parts of yankwatchd and how they are joined. The app_*.c files alone
 * know everybody: app.c builds and ends the parts, app_once.c polls for --once,
 * app_wires.c carries polls and deliveries between loop and tracker, app_reasons.c why versions were
 * yanked, app_lockfiles.c what the files thread has read; app_calls.c, app_polls.c, app_alerts.c,
 * app_projects.c and app_backup.c answer the socket.
 *
 * Everything here lives on the loop's thread unless it says otherwise.
 */
#pragma once

#include "alert/dispatcher.h"
#include "api/api.h"
#include "api/news.h"
#include "config/reader.h"
#include "net/http.h"
#include "poll/poller.h"
#include "track/tracker.h"

#include <pthread.h>

enum app_stage { APP_STARTING, APP_RUNNING, APP_DRAINING, APP_ENDING };

#define APP_ROUNDS_MAX 16 /* polls that were not over when their asker had waited long enough */

struct poll_call;

struct app_rounds { /* of the socket's threads */
	pthread_mutex_t lock;
	struct poll_call *kept[APP_ROUNDS_MAX]; /* a reference each; NULL = free */
	uint64_t last_id;
};

struct app_waiter;

struct app_waiters { /* of the socket's threads: who waits for a test message's result */
	pthread_mutex_t lock;
	struct app_waiter *first;
};

struct reload_call;

struct app_reloads { /* who waits for a reload: of the socket's threads */
	pthread_mutex_t lock;
	struct reload_call *asked; /* the next read is for them */
	struct reload_call *read;  /* this one is */
};

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
	atomic_bool is_copying; /* a backup is being made, by one of the socket's threads */
	struct news *news;      /* from the tracker to the socket's streams */
	struct app_rounds rounds;
	struct app_waiters waiters;
	struct app_reloads reloads;

	struct loop_timer tick; /* draining: looks whether all is done */
	int64_t drain_until_ms;
	struct loop_timer outbox_sweep;    /* every minute */
	struct loop_timer lockfiles;       /* every LOCKFILES_EVERY_MS, and when a configuration is in force */
	struct loop_task lockfiles_read;   /* --once: all of them were read once */
	struct poller_change before_sweep; /* then: of nothing; when it ends, the watches of all before it are there */
	struct loop_timer watchdog;
	int64_t watchdog_ms;      /* 0 = systemd does not watch */
	bool polled;              /* --once: every watch was polled */
	int64_t reasons_until_ms; /* and reasons are waited for until then */
	bool sweep_done;          /* then groups and reasons are waited for no longer */

	int64_t config_ms;        /* wall clock: since when `config` is in force */
	struct err reload_err;    /* why the last reload had no effect; code 0: it had */
	int64_t reload_failed_ms; /* wall clock */
};

/* Runs until SIGTERM or, with `once`, until one sweep is delivered; returns the exit code. Takes
 * the reference to `config`. */
int app_run(const char *config_path, const struct config_paths *paths, const struct config *config, bool once);

/* ---- app.c ---- */

#define APP_TICK_MS 20 /* how often the end is looked for */

/* Ends after what is being delivered. */
void app_drain(struct app *app);

/* ---- app_reload.c ---- */

void app_reloads_init(struct app_reloads *reloads);
void app_reloads_release(struct app_reloads *reloads); /* after all threads have ended, and the loop */
void app_apply_first(struct app *app);                 /* the configuration of the start */

/* For the files thread: struct config_reader_sink. */
void app_config_reads(void *app);
void app_config_read(void *app, const struct config *config, const struct config_errors *errors);

int app_reload(void *ctx, const char *by, struct strbuf *out, struct err *err); /* on the socket's threads */

/* ---- app_once.c ---- */

/* On the files thread: all lockfiles were looked at. --once, which asks for one look alone, begins its sweep then. */
void app_lockfiles_looked(void *app);

/* Have all reasons been asked for that can be? At each tick. */
void app_once_look(struct app *app);

/* ---- app_wires.c ---- */

struct poller_sink app_poller_sink(struct app *app);
struct notifier_sink app_notifier_sink(struct app *app);
struct tracker_hooks app_tracker_hooks(struct app *app);

/* `calls`: who waits for what comes of it, see app_reload.c; NULL = nobody. */
typedef void app_applied_fn(struct app *app, struct reload_call *calls, int rc, const struct err *err);

/* Makes `config` (one reference, taken) the one in force: tracker first, then the
 * rest; `applied` is called then, or with the reason why it is not. */
void app_apply_config(struct app *app, const struct config *config, struct reload_call *calls, app_applied_fn *applied);

/* Heartbeats and notifications that cannot be delivered: at a start, after a reload, once a minute. */
void app_sweep_outbox(struct app *app);

/* ---- app_reasons.c: for struct poller_sink and struct tracker_hooks ---- */

void app_want_reason(void *app, struct reason_api *api, const char *registry);
void app_record_reason(void *app, struct reason_api *api, struct reason_reply *reply);
void app_reasons_due(void *app); /* on the tracker's thread */

/* ---- app_lockfiles.c ---- */

struct lockfiles_sink app_lockfiles_sink(struct app *app);

/* Findings that are confirmed by now, watches that nobody needs any more: once a minute. */
void app_sweep_findings(struct app *app);

/* Watches that a job has added or removed, on their way to the poller. Embedded beside the job. */
struct app_watches {
	struct app *app;
	const struct watch_changes *lists;
	size_t n_lists;                                /* 0: nothing but the turn */
	void (*taken_in)(struct app_watches *watches); /* on the loop; owns it again, and what it points to */

	/* the loop's */
	struct loop_task task;
	struct poller_change change;
};

/* From job.reply(), so that the changes of several jobs come in the order of their commits. */
void app_watches_send(struct app_watches *watches);

/* ---- app_wires.c ---- */

/* Asks the tracker for a sign of life; `alive` is called on the loop. */
void app_ping(struct app *app, void (*alive)(struct app *app));

/* ---- app_calls.c; called on the socket's threads ---- */

#define APP_ANSWER_MS 5000 /* the loop and the tracker answer plain questions long before */

struct api_backend app_backend(struct app *app);
int app_no_answer(struct err *err); /* ERR_BUSY */

/* Copies of names that must outlive the asker; NULL when out of memory. */
char **app_copy_names(const char *const *names, size_t n);
void app_free_names(char **names, size_t n);

/* ---- app_polls.c; called on the socket's threads ---- */

int app_poll(void *ctx, const struct api_poll *question, struct strbuf *out, bool *ret_ended, size_t *ret_missing,
	     struct err *err);

void app_rounds_init(struct app_rounds *rounds);
void app_rounds_release(struct app_rounds *rounds); /* after the socket's threads have ended */

/* ---- app_backup.c ---- */

int app_backup(void *ctx, const struct api_backup *question, int *ret_fd,
	       struct err *err); /* on the socket's threads */
/* At a start: what a process that was killed has left. */
void app_backup_clean(const struct app *app);

/* ---- app_projects.c; called on the socket's threads ---- */

int app_project_put(void *ctx, const struct api_project *project, const char *by, bool *ret_added, struct err *err);
int app_project_remove(void *ctx, const char *name, const char *by, struct err *err);
int app_check(void *ctx, const char *const (*wants)[3], size_t n, struct err *err);

/* ---- app_alerts.c; called on the socket's threads ---- */

int app_retry(void *ctx, const char *id, const char *by, struct err *err);
int app_silence_add(void *ctx, const struct silence *silence, const char *by, char ret_id[static SILENCE_ID_MAX],
		    struct err *err);
int app_silence_remove(void *ctx, const char *id, const char *by, struct err *err);
int app_notifier_enable(void *ctx, const char *name, const char *by, bool *ret_was_disabled, struct err *err);
int app_notifier_test(void *ctx, const char *name, const char *by, int64_t wait_ms,
		      char ret_id[static NOTIFICATION_ID_MAX], struct delivery_result *ret, struct err *err);

void app_waiters_init(struct app_waiters *waiters);
void app_waiters_release(struct app_waiters *waiters); /* after all threads have ended, and the loop */
/* A result is committed: on any thread. */
void app_waiters_tell(struct app_waiters *waiters, const struct delivery_result *result);
