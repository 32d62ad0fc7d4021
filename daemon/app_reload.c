/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_reload.c: a configuration comes into force: at the start, by SIGHUP, or by somebody at the
 * socket, who is told what comes of it. The files thread reads it, the loop makes it the one in force.
 */
#include "app.h"

#include "base/call.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "service.h"

#include <stdio.h>

#define WAIT_MS 120000 /* as long as what the configuration names may take to be read */
#define BY_SHOWN_MAX 256

/* Who waits for what comes of a reload. Counted: the asker may leave first. */
struct reload_call {
	struct call call;
	struct reload_call *next;
	int rc; /* of what has no answer */
	struct err err;
	struct strbuf out;
};

struct reload {
	struct app *app;
	const struct config *config; /* NULL: it is faulty */
	struct err why;
	struct reload_call *calls; /* that it answers */
	struct strbuf faults;      /* `"errors":[…]` */
	struct loop_task task;
};

/* ---- who waits ---- */

void app_reloads_init(struct app_reloads *reloads)
{
	*reloads = (struct app_reloads){0};
	pthread_mutex_init(&reloads->lock, NULL);
}

static struct reload_call *take_calls(struct app_reloads *reloads, struct reload_call **list)
{
	pthread_mutex_lock(&reloads->lock);
	struct reload_call *calls = TAKE(*list);
	pthread_mutex_unlock(&reloads->lock);
	return calls;
}

static void put_answer(struct reload_call *call, const struct app *app, const char *faults)
{
	struct json_writer w = {.out = &call->out};

	json_open(&w, NULL, '{');
	json_put_bool(&w, "reloaded", !*faults);
	json_put_string(&w, "file", app->config_path);
	json_close(&w, '}');
	if (!*faults || strbuf_failed(&call->out))
		return;
	call->out.len--; /* the brace */
	strbuf_addf(&call->out, ",%s}", faults);
}

static void answer(struct reload_call *calls, const struct app *app, const char *faults)
{
	while (calls) {
		struct reload_call *next = calls->next;
		put_answer(calls, app, faults);
		call_finish(&calls->call);
		calls = next;
	}
}

/* Nothing comes of it. */
static void refuse(struct reload_call *calls, const struct err *why)
{
	while (calls) {
		struct reload_call *next = calls->next;
		calls->rc = why->code;
		calls->err = *why;
		call_finish(&calls->call);
		calls = next;
	}
}

void app_reloads_release(struct app_reloads *reloads)
{
	struct err why;

	(void)app_no_answer(&why);
	refuse(reloads->asked, &why);
	refuse(reloads->read, &why);
	pthread_mutex_destroy(&reloads->lock);
}

/* ---- on the loop ---- */

static void reload_failed(struct app *app, const struct err *why)
{
	app->reload_err = *why;
	app->reload_failed_ms = clock_wall_ms();
}

/* What follows of it, or of that it is not. */
static void say_ready(struct app *app)
{
	size_t watches = poller_watch_count(app->poller);
	size_t registries = app->config->n_registries;
	char text[128];

	(void)snprintf(text, sizeof text, "watching %zu crate%s of %zu registr%s", watches, watches == 1 ? "" : "s",
		       registries, registries == 1 ? "y" : "ies");
	log_info("%s: %s", app->stage == APP_STARTING ? "yankwatchd " YANKWATCH_VERSION : "reload", text);
	service_ready(text);
}

static void say_remarks(const struct config *config)
{
	for (size_t i = 0; i < config->remarks.count; i++)
		log_warning("%s", config->remarks.lines[i]);
}

static void settle(struct app *app, int rc, const struct err *err)
{
	if (rc) {
		log_error("the configuration is not in force: %s", err->text);
	} else {
		app->reload_err = (struct err){0};
		app->config_ms = clock_wall_ms();
		say_remarks(app->config);
	}
	if (rc && app->stage == APP_STARTING) {
		app->exit_code = 1;
		loop_stop(app->loop);
		return;
	}
	if (app->stage < APP_DRAINING) {
		say_ready(app);
		loop_timer_set(&app->outbox_sweep, 0);
		if (!app->once || app->stage == APP_STARTING) /* --once: then the sweep */
			loop_timer_set(&app->lockfiles, 0);
	}
	if (app->stage == APP_STARTING)
		app->stage = APP_RUNNING;
}

static void on_applied(struct app *app, struct reload_call *calls, int rc, const struct err *err)
{
	if (rc)
		reload_failed(app, err);
	if (rc)
		refuse(calls, err);
	settle(app, rc, err);
	if (!rc)
		answer(calls, app, "");
}

void app_apply_first(struct app *app)
{
	app_apply_config(app, config_ref(app->config), NULL, on_applied);
}

static void reload_on_loop(struct loop_task *task)
{
	struct reload *reload = CONTAINER_OF(task, struct reload, task);
	struct app *app = reload->app;
	struct err why;

	if (!reload->config) {
		reload_failed(app, &reload->why);
		service_reloaded();
		answer(reload->calls, app, strbuf_str(&reload->faults));
	} else if (app->stage < APP_DRAINING) {
		app_apply_config(app, reload->config, reload->calls, on_applied);
	} else {
		config_unref(reload->config);
		(void)err_set(&why, ERR_BUSY, "yankwatchd ends");
		refuse(reload->calls, &why);
	}
	strbuf_release(&reload->faults);
	free(reload);
}

/* ---- on the files thread ---- */

/* Who has asked until now is answered by the read that begins. */
void app_config_reads(void *ctx)
{
	struct app *app = ctx;

	pthread_mutex_lock(&app->reloads.lock);
	app->reloads.read = TAKE(app->reloads.asked);
	pthread_mutex_unlock(&app->reloads.lock);
}

/* The first fault stands for all in the status. */
static void explain_faults(const struct config_errors *errors, struct reload *reload)
{
	struct json_writer w = {.out = &reload->faults};

	(void)err_set(&reload->why, ERR_BAD, "%s", errors->count ? errors->lines[0] : "out of memory");
	if (errors->count > 1)
		(void)err_prefix(&reload->why, "%zu faults, the first is", errors->count);
	json_open(&w, "errors", '[');
	for (size_t i = 0; i < errors->count; i++)
		json_put_string(&w, NULL, errors->lines[i]);
	json_close(&w, ']');
}

void app_config_read(void *ctx, const struct config *config, const struct config_errors *errors)
{
	struct app *app = ctx;
	struct reload_call *calls = take_calls(&app->reloads, &app->reloads.read);
	struct reload *reload = calloc(1, sizeof *reload);
	struct err why;

	for (size_t i = 0; i < errors->count; i++)
		log_error("%s", errors->lines[i]);
	if (!config)
		log_error("reload: the configuration is faulty, the old one stays in force");
	if (!reload) {
		log_error("reload: out of memory, the old configuration stays in force");
		config_unref(config);
		service_reloaded();
		(void)err_nomem(&why);
		refuse(calls, &why);
		return;
	}
	*reload = (struct reload){.app = app, .config = config, .calls = calls, .task.run = reload_on_loop};
	if (!config)
		explain_faults(errors, reload);
	loop_post(app->loop, &reload->task);
}

/* ---- on the socket's threads ---- */

static void call_release(struct call *base)
{
	struct reload_call *call = CONTAINER_OF(base, struct reload_call, call);

	strbuf_release(&call->out);
	free(call);
}

static void ask(struct app *app, struct reload_call *call)
{
	pthread_mutex_lock(&app->reloads.lock);
	call->next = app->reloads.asked;
	app->reloads.asked = call;
	pthread_mutex_unlock(&app->reloads.lock);
	service_reloading();
	config_reader_request(app->reader);
}

int app_reload(void *ctx, const char *by, struct strbuf *out, struct err *err)
{
	struct app *app = ctx;
	struct reload_call *call = calloc(1, sizeof *call);
	char safe[BY_SHOWN_MAX];
	int rc = 0;

	if (!call)
		return err_nomem(err);
	call_init(&call->call, call_release);
	log_info("reload: asked by %s", text_safe(by, safe, sizeof safe));
	ask(app, call);
	if (!call_wait(&call->call, WAIT_MS, api_stopping(app->api))) {
		rc = app_no_answer(err);
	} else if (call->rc) {
		*err = call->err;
		rc = call->rc == ERR_BAD ? err->code = ERR_REFUSED : call->rc; /* it is not the asker's request */
	} else {
		strbuf_add(out, strbuf_str(&call->out), call->out.len);
	}
	call_put(&call->call);
	return rc;
}
