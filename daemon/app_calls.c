/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_calls.c: the socket's threads ask, the loop or the tracker answers. Each
 * question is a counted call (base/call.h): the asker may leave early, the answer
 * then goes nowhere, and nobody frees what the other still uses.
 */
#include "app.h"

#include "base/call.h"
#include "base/clock.h"
#include "base/json.h"
#include "track/jobs.h"

#include <string.h>

#define ANSWER_MS 5000 /* the loop and the tracker answer plain questions long before */

static int no_answer(struct err *err)
{
	return err_set(err, ERR_BUSY, "no answer in time: try again, and look at the log");
}

/* Copies names that must outlive the asker; NULL when out of memory. */
static char **copy_names(const char *const *names, size_t n)
{
	char **copy = calloc(n + 1, sizeof *copy);

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = strdup(names[i]);
		if (!copy[i]) {
			while (i--)
				free(copy[i]);
			free(copy);
			return NULL;
		}
	}
	return copy;
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; names && i < n; i++)
		free(names[i]);
	free(names);
}

/* ---- healthz: once through the tracker and the loop ---- */

struct health_call {
	struct call call;
	struct app *app;
	struct job job;
	struct loop_task task;
};

static void health_release(struct call *call)
{
	free(CONTAINER_OF(call, struct health_call, call));
}

static void health_on_loop(struct loop_task *task)
{
	call_finish(&CONTAINER_OF(task, struct health_call, task)->call);
}

static void health_on_reply(struct job *job)
{
	struct health_call *health = CONTAINER_OF(job, struct health_call, job);
	loop_post(health->app->loop, &health->task);
}

static bool is_healthy(void *ctx)
{
	struct app *app = ctx;
	struct health_call *health = calloc(1, sizeof *health);

	if (!health || !tracker_reserve(app->tracker)) {
		free(health);
		return false;
	}
	call_init(&health->call, health_release);
	health->app = app;
	health->task.run = health_on_loop;
	health->job.kind = &job_ping_kind;
	health->job.reply = health_on_reply;
	tracker_submit(app->tracker, &health->job);
	bool answered = call_wait(&health->call, ANSWER_MS, api_stopping(app->api));
	call_put(&health->call);
	return answered;
}

/* ---- status ---- */

struct status_call {
	struct call call;
	struct app *app;
	struct loop_task task;
	struct strbuf out;
};

static void status_release(struct call *call)
{
	struct status_call *status = CONTAINER_OF(call, struct status_call, call);

	strbuf_release(&status->out);
	free(status);
}

static void put_tracker(struct json_writer *w, struct tracker *tracker)
{
	struct tracker_figures figures = tracker_figures(tracker);

	json_open(w, "tracker", '{');
	json_put_int(w, "queue", figures.queued);
	json_put_int(w, "places", TRACKER_PLACES);
	json_put_int(w, "jobs", figures.jobs);
	json_put_int(w, "commits", figures.commits);
	json_put_int(w, "failed_commits", figures.failed_commits);
	json_close(w, '}');
}

static void put_config(struct json_writer *w, const struct app *app)
{
	json_open(w, "config", '{');
	json_put_string(w, "file", app->config_path);
	if (app->config_ms)
		json_put_time(w, "loaded_at", app->config_ms);
	if (app->reload_err.code) {
		json_open(w, "last_error", '{');
		json_put_string(w, "text", app->reload_err.text);
		json_put_time(w, "at", app->reload_failed_ms);
		json_close(w, '}');
	}
	json_close(w, '}');
}

static void status_on_loop(struct loop_task *task)
{
	struct status_call *status = CONTAINER_OF(task, struct status_call, task);
	struct app *app = status->app;
	struct json_writer w = {.out = &status->out};

	json_put_bool(&w, "healthy", app->stage == APP_RUNNING && poller_all_ok(app->poller));
	put_config(&w, app);
	poller_status(app->poller, &w);
	json_open(&w, "loop", '{');
	json_put_int(&w, "longest_turn_us", loop_longest_turn_us(app->loop));
	json_close(&w, '}');
	put_tracker(&w, app->tracker);
	dispatcher_status(app->dispatcher, &w);
	call_finish(&status->call);
}

static int status(void *ctx, struct strbuf *out, struct err *err)
{
	struct app *app = ctx;
	struct status_call *call = calloc(1, sizeof *call);

	if (!call)
		return err_nomem(err);
	call_init(&call->call, status_release);
	call->app = app;
	call->task.run = status_on_loop;
	loop_post(app->loop, &call->task);
	int rc = 0;
	if (call_wait(&call->call, ANSWER_MS, api_stopping(app->api)))
		strbuf_add(out, strbuf_str(&call->out), call->out.len);
	else
		rc = no_answer(err);
	call_put(&call->call);
	return rc;
}

/* ---- poll now ---- */

struct poll_call {
	struct call call;
	struct app *app;
	struct loop_task task;
	char *registry;
	char **crates;
	size_t n_crates;
	bool wait; /* false: answered as soon as it is asked for */
	int rc;
	struct err err;
	struct strbuf out;
	struct poll_round round;
};

static void poll_release(struct call *call)
{
	struct poll_call *poll = CONTAINER_OF(call, struct poll_call, call);

	free(poll->registry);
	free_names(poll->crates, poll->n_crates);
	strbuf_release(&poll->out);
	free(poll);
}

static void put_errors(struct json_writer *w, const struct poll_round *round)
{
	json_open(w, "errors", '[');
	for (size_t i = 0; i < round->n_errors; i++) {
		json_open(w, NULL, '{');
		json_put_string(w, "registry", round->errors[i].registry);
		json_put_string(w, "crate", round->errors[i].crate);
		json_put_string(w, "text", round->errors[i].err.text);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void put_round(struct strbuf *out, const struct poll_round *round, bool ended)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_put_int(&w, "polled", (int64_t)round->polled);
	if (ended) {
		json_put_int(&w, "changed", (int64_t)round->changed);
		json_put_int(&w, "unchanged", (int64_t)round->unchanged);
		json_put_int(&w, "failed", (int64_t)round->failed);
		put_errors(&w, round);
	}
	json_close(&w, '}');
}

static void round_on_done(struct poll_round *round)
{
	struct poll_call *poll = CONTAINER_OF(round, struct poll_call, round);

	put_round(&poll->out, round, true);
	call_finish(&poll->call);
}

/* The asker does not wait: he was told, and the round ends by itself. */
static void round_on_unwatched_done(struct poll_round *round)
{
	call_put(&CONTAINER_OF(round, struct poll_call, round)->call);
}

static void poll_on_loop(struct loop_task *task)
{
	struct poll_call *poll = CONTAINER_OF(task, struct poll_call, task);
	bool wait = poll->wait;

	poll->round.done = wait ? round_on_done : round_on_unwatched_done;
	atomic_fetch_add(&poll->call.refs, 1); /* the round's own */
	int rc = poller_poll_now(poll->app->poller, poll->registry, (const char *const *)poll->crates, poll->n_crates,
				 &poll->round, &poll->err);
	if (!rc && wait) { /* round_on_done() finishes, or has: the answer is no more ours */
		call_put(&poll->call);
		return;
	}
	if (rc)
		call_put(&poll->call);
	else
		put_round(&poll->out, &poll->round, false);
	poll->rc = rc;
	call_finish(&poll->call);
}

static int poll(void *ctx, const char *registry, const char *const *crates, size_t n_crates, bool wait,
		struct strbuf *out, size_t *ret_missing, struct err *err)
{
	struct app *app = ctx;
	struct poll_call *poll = calloc(1, sizeof *poll);

	if (!poll)
		return err_nomem(err);
	call_init(&poll->call, poll_release);
	poll->app = app;
	poll->wait = wait;
	poll->task.run = poll_on_loop;
	poll->n_crates = n_crates;
	poll->crates = copy_names(crates, n_crates);
	poll->registry = registry ? strdup(registry) : NULL;
	if (!poll->crates || (registry && !poll->registry)) {
		call_put(&poll->call);
		call_put(&poll->call);
		return err_nomem(err);
	}
	loop_post(app->loop, &poll->task);
	int rc;
	if (!call_wait(&poll->call, wait ? API_POLL_WAIT_MS : ANSWER_MS, api_stopping(app->api))) {
		rc = no_answer(err);
	} else if ((rc = poll->rc)) {
		*err = poll->err;
		*ret_missing = poll->round.missing;
	} else {
		strbuf_add(out, strbuf_str(&poll->out), poll->out.len);
	}
	call_put(&poll->call);
	return rc;
}

/* ---- watches: the tracker stores, then the loop polls ---- */

struct watch_call {
	struct call call;
	struct app *app;
	struct job_watch watch;
	struct loop_task task;
};

static void watch_release(struct call *call)
{
	struct watch_call *watch = CONTAINER_OF(call, struct watch_call, call);

	free(watch->watch.registry);
	free_names(watch->watch.crates, watch->watch.n_crates);
	free(watch->watch.ret_added);
	watch_seeds_release(&watch->watch.ret_seeds);
	free(watch);
}

static void watch_on_loop(struct loop_task *task)
{
	struct watch_call *watch = CONTAINER_OF(task, struct watch_call, task);
	struct job *job = &watch->watch.job;

	if (!job->rc)
		job->rc = poller_configure(watch->app->poller, watch->app->config, &watch->watch.ret_seeds, &job->err);
	call_finish(&watch->call);
}

static void watch_on_reply(struct job *job)
{
	struct watch_call *watch = CONTAINER_OF(job, struct watch_call, watch.job);
	loop_post(watch->app->loop, &watch->task);
}

static int send_watch(struct watch_call *watch, struct err *err)
{
	struct app *app = watch->app;

	if (!tracker_reserve(app->tracker)) {
		call_put(&watch->call); /* nobody will answer */
		return no_answer(err);
	}
	tracker_submit(app->tracker, &watch->watch.job);
	if (!call_wait(&watch->call, ANSWER_MS, api_stopping(app->api)))
		return no_answer(err);
	*err = watch->watch.job.err;
	return watch->watch.job.rc;
}

static int watch(void *ctx, char **registry, const char *const *crates, size_t n_crates, bool remove, bool *ret_added,
		 struct err *err)
{
	struct watch_call *watch = calloc(1, sizeof *watch);

	if (!watch)
		return err_nomem(err);
	call_init(&watch->call, watch_release);
	watch->app = ctx;
	watch->task.run = watch_on_loop;
	struct job_watch *job = &watch->watch;
	job->job.kind = &job_watch_kind;
	job->job.reply = watch_on_reply;
	job->remove = remove;
	job->n_crates = n_crates;
	job->crates = copy_names(crates, n_crates);
	job->ret_added = calloc(n_crates, sizeof *job->ret_added);
	job->registry = *registry ? strdup(*registry) : NULL;
	int rc;
	if (!job->crates || !job->ret_added || (*registry && !job->registry)) {
		call_put(&watch->call);
		rc = err_nomem(err);
	} else {
		rc = send_watch(watch, err);
	}
	if (!rc && ret_added)
		memcpy(ret_added, job->ret_added, n_crates * sizeof *ret_added);
	if (!rc && !*registry)
		*registry = TAKE(job->registry);
	call_put(&watch->call);
	return rc;
}

struct api_backend app_backend(struct app *app)
{
	return (struct api_backend){
		.is_healthy = is_healthy, .status = status, .poll = poll, .watch = watch, .ctx = app};
}
