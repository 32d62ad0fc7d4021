/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_calls.c: the socket's threads ask, the loop or the tracker answers; polls
 * stand in app_polls.c, alerts in app_alerts.c. Each question is a counted call
 * (base/call.h): the asker may leave early, the answer then goes nowhere, and
 * nobody frees what the other still uses.
 */
#include "app.h"

#include "base/call.h"
#include "base/clock.h"
#include "base/json.h"
#include "track/jobs.h"

#include <string.h>

int app_no_answer(struct err *err)
{
	return err_set(err, ERR_BUSY, "no answer in time: try again, and look at the log");
}

/* Copies names that must outlive the asker; NULL when out of memory. */
char **app_copy_names(const char *const *names, size_t n)
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

void app_free_names(char **names, size_t n)
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
	bool answered = call_wait(&health->call, APP_ANSWER_MS, api_stopping(app->api));
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

static void put_loop(struct json_writer *w, const struct loop *loop)
{
	struct loop_figures figures = loop_figures(loop);

	json_open(w, "loop", '{');
	json_put_int(w, "longest_turn_us", figures.longest_turn_us);
	json_put_int(w, "longest_turn_cpu_us", figures.longest_turn_cpu_us);
	json_put_int(w, "turn_p999_us", figures.turn_p999_us);
	json_close(w, '}');
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
	if (figures.altered_at)
		json_put_int(w, "altered_at", figures.altered_at);
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
	put_loop(&w, app->loop);
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
	if (call_wait(&call->call, APP_ANSWER_MS, api_stopping(app->api)))
		strbuf_add(out, strbuf_str(&call->out), call->out.len);
	else
		rc = app_no_answer(err);
	call_put(&call->call);
	return rc;
}

/* ---- watches: the tracker stores, then the loop polls ---- */

struct watch_call {
	struct call call;
	struct app *app;
	struct job_watch watch;
	struct loop_task task;
	struct poller_change change;
};

static void watch_release(struct call *call)
{
	struct watch_call *watch = CONTAINER_OF(call, struct watch_call, call);

	free(watch->watch.registry);
	app_free_names(watch->watch.crates, watch->watch.n_crates);
	free(watch->watch.ret_added);
	watch_changes_release(&watch->watch.ret_changes);
	free(watch);
}

static void watch_on_taken_in(struct poller_change *change)
{
	call_finish(&CONTAINER_OF(change, struct watch_call, change)->call);
}

static void watch_on_loop(struct loop_task *task)
{
	struct watch_call *watch = CONTAINER_OF(task, struct watch_call, task);

	watch->change =
		(struct poller_change){.lists = &watch->watch.ret_changes, .n_lists = 1, .done = watch_on_taken_in};
	if (watch->watch.job.rc)
		call_finish(&watch->call);
	else
		poller_change(watch->app->poller, &watch->change);
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
		return app_no_answer(err);
	}
	tracker_submit(app->tracker, &watch->watch.job);
	if (!call_wait(&watch->call, APP_ANSWER_MS, api_stopping(app->api)))
		return app_no_answer(err);
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
	job->crates = app_copy_names(crates, n_crates);
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

static const unsigned char *signing_key(void *ctx)
{
	const struct app *app = ctx;
	return tracker_signing_key(app->tracker);
}

struct api_backend app_backend(struct app *app)
{
	return (struct api_backend){
		.is_healthy = is_healthy,
		.status = status,
		.signing_key = signing_key,
		.poll = app_poll,
		.watch = watch,
		.retry = app_retry,
		.silence_add = app_silence_add,
		.silence_remove = app_silence_remove,
		.notifier_enable = app_notifier_enable,
		.notifier_test = app_notifier_test,
		.project_put = app_project_put,
		.project_remove = app_project_remove,
		.check = app_check,
		.backup = app_backup,
		.reload = app_reload,
		.ctx = app,
	};
}
