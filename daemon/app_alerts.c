/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_alerts.c: what a person asks of the alerts by the socket: a notification
 * sent once more, silences, a notifier tried or taken back into service. Each is a
 * job of the tracker, asked and waited for on the socket's threads.
 */
#include "app.h"

#include "base/call.h"
#include "track/jobs.h"

#include <string.h>

#define TEXTS_MAX 8

/* Somebody who waits for the first result of a notification. */
struct app_waiter {
	struct call call;
	int64_t row;
	struct delivery_result result;
	struct app_waiter *next; /* in app->waiters, with the answerer's reference */
};

static void waiter_release(struct call *call)
{
	free(CONTAINER_OF(call, struct app_waiter, call));
}

/* One question: the job, and copies of the texts that it points to. */
struct alert_call {
	struct call call;
	struct app *app;
	union {
		struct job_retry retry;
		struct job_silence silence;
		struct job_enable enable;
		struct job_test test;
	} job;
	char *texts[TEXTS_MAX]; /* owned */
	size_t n_texts;
	bool nomem;
	struct app_waiter *waiter; /* of a test, until it is on the list: the answerer's reference */
};

static void alert_release(struct call *base)
{
	struct alert_call *call = CONTAINER_OF(base, struct alert_call, call);

	for (size_t i = 0; i < call->n_texts; i++)
		free(call->texts[i]);
	if (call->waiter)
		call_put(&call->waiter->call);
	free(call);
}

static struct alert_call *alert_new(struct app *app)
{
	struct alert_call *call = calloc(1, sizeof *call);

	if (!call)
		return NULL;
	call_init(&call->call, alert_release);
	call->app = app;
	return call;
}

/* A copy that lives as long as the call. */
static char *keep(struct alert_call *call, const char *text)
{
	if (!text)
		return NULL;
	char *copy = strdup(text);
	call->nomem |= !copy;
	if (copy)
		call->texts[call->n_texts++] = copy;
	return copy;
}

static void alert_on_reply(struct job *job)
{
	struct alert_call *call = job->sender;
	call_finish(&call->call);
}

/* Sends the job, unless it is not whole, and waits for its end. The asker's reference stays with the caller. */
static int alert_ask(struct alert_call *call, struct job *job, const struct job_kind *kind, struct err *err)
{
	struct app *app = call->app;

	job->kind = kind;
	job->reply = job->reply ? job->reply : alert_on_reply;
	job->sender = call;
	if (call->nomem || !tracker_reserve(app->tracker)) {
		call_put(&call->call); /* nobody will answer */
		return call->nomem ? err_nomem(err) : app_no_answer(err);
	}
	tracker_submit(app->tracker, job);
	if (!call_wait(&call->call, APP_ANSWER_MS, api_stopping(app->api)))
		return app_no_answer(err);
	*err = job->err;
	return job->rc;
}

int app_retry(void *ctx, const char *id, const char *by, struct err *err)
{
	struct alert_call *call = alert_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_retry *retry = &call->job.retry;
	strncpy(retry->id, id, sizeof retry->id - 1);
	retry->by = keep(call, by);
	int rc = alert_ask(call, &retry->job, &job_retry_kind, err);
	call_put(&call->call);
	return rc;
}

int app_silence_add(void *ctx, const struct silence *silence, const char *by, char ret_id[static SILENCE_ID_MAX],
		    struct err *err)
{
	struct alert_call *call = alert_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_silence *job = &call->job.silence;
	job->silence = (struct silence){
		.match = {.registry = keep(call, silence->match.registry),
			  .crate = keep(call, silence->match.crate),
			  .version = keep(call, silence->match.version),
			  .project = keep(call, silence->match.project),
			  .kinds = silence->match.kinds},
		.ends_ms = silence->ends_ms,
		.author = keep(call, silence->author),
		.comment = keep(call, silence->comment),
	};
	job->by = keep(call, by);
	int rc = alert_ask(call, &job->job, &job_silence_kind, err);
	if (!rc)
		memcpy(ret_id, job->ret_id, SILENCE_ID_MAX);
	call_put(&call->call);
	return rc;
}

int app_silence_remove(void *ctx, const char *id, const char *by, struct err *err)
{
	struct alert_call *call = alert_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_silence *job = &call->job.silence;
	job->remove = keep(call, id);
	job->by = keep(call, by);
	int rc = alert_ask(call, &job->job, &job_silence_kind, err);
	call_put(&call->call);
	return rc;
}

int app_notifier_enable(void *ctx, const char *name, const char *by, bool *ret_was_disabled, struct err *err)
{
	struct alert_call *call = alert_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_enable *enable = &call->job.enable;
	enable->notifier = keep(call, name);
	enable->by = keep(call, by);
	int rc = alert_ask(call, &enable->job, &job_enable_kind, err);
	if (!rc)
		*ret_was_disabled = enable->ret_was_disabled;
	call_put(&call->call);
	return rc;
}

/* ---- a test: its message is queued, then its first result is waited for ---- */

void app_waiters_init(struct app_waiters *waiters)
{
	*waiters = (struct app_waiters){0};
	pthread_mutex_init(&waiters->lock, NULL);
}

void app_waiters_release(struct app_waiters *waiters)
{
	while (waiters->first) {
		struct app_waiter *waiter = waiters->first;
		waiters->first = waiter->next;
		call_put(&waiter->call);
	}
	pthread_mutex_destroy(&waiters->lock);
}

/* Takes the waiter of that row, or that very waiter, off the list; NULL: it is not there. */
static struct app_waiter *waiters_take(struct app_waiters *waiters, int64_t row, const struct app_waiter *only)
{
	struct app_waiter *found = NULL;

	pthread_mutex_lock(&waiters->lock);
	for (struct app_waiter **link = &waiters->first; *link; link = &(*link)->next) {
		if ((*link)->row != row || (only && *link != only))
			continue;
		found = *link;
		*link = found->next;
		break;
	}
	pthread_mutex_unlock(&waiters->lock);
	return found;
}

void app_waiters_tell(struct app_waiters *waiters, const struct delivery_result *result)
{
	struct app_waiter *waiter = waiters_take(waiters, result->row, NULL);

	if (!waiter)
		return;
	waiter->result = *result;
	call_finish(&waiter->call);
}

/*
 * On the tracker's thread, which has committed the message: its result comes by
 * the same thread, and so later. The waiter is on the list before anybody can miss it.
 */
static void test_on_reply(struct job *job)
{
	struct alert_call *call = job->sender;
	struct app_waiters *waiters = &call->app->waiters;
	struct app_waiter *waiter = call->waiter;

	if (!job->rc) {
		waiter->row = call->job.test.ret_row;
		pthread_mutex_lock(&waiters->lock);
		waiter->next = waiters->first;
		waiters->first = TAKE(call->waiter);
		pthread_mutex_unlock(&waiters->lock);
	}
	call_finish(&call->call);
}

/* What came of it until now; it may come this very moment. */
static void wait_for_result(struct app *app, struct app_waiter *waiter, int64_t wait_ms, struct delivery_result *ret)
{
	if (call_wait(&waiter->call, wait_ms, api_stopping(app->api)))
		*ret = waiter->result;
	else if (waiters_take(&app->waiters, waiter->row, waiter))
		call_put(&waiter->call); /* nobody will tell it any more */
}

int app_notifier_test(void *ctx, const char *name, const char *by, int64_t wait_ms,
		      char ret_id[static NOTIFICATION_ID_MAX], struct delivery_result *ret, struct err *err)
{
	struct alert_call *call = alert_new(ctx);
	struct app_waiter *waiter = calloc(1, sizeof *waiter);

	*ret = (struct delivery_result){0};
	if (!call || !waiter) {
		free(call);
		free(waiter);
		return err_nomem(err);
	}
	call_init(&waiter->call, waiter_release);
	struct job_test *test = &call->job.test;
	call->waiter = waiter;
	test->notifier = keep(call, name);
	test->by = keep(call, by);
	test->job.reply = test_on_reply;
	int rc = alert_ask(call, &test->job, &job_test_kind, err);
	if (!rc) {
		memcpy(ret_id, test->ret_id, NOTIFICATION_ID_MAX);
		wait_for_result(ctx, waiter, wait_ms, ret);
	}
	call_put(&waiter->call);
	call_put(&call->call);
	return rc;
}
