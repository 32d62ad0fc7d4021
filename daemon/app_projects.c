/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_projects.c: what the socket does with projects: a lockfile that is sent, a project that
 * goes, crates that a check needs. Each is a job of the tracker, asked and waited for on the
 * socket's threads; what it put under watch is with the poller when the asker is answered.
 */
#include "app.h"

#include "base/call.h"
#include "track/jobs.h"

#include <string.h>

#define TEXTS_MAX 3
#define LOCKFILE_MS 60000 /* a hundred thousand packages are stored within that */

/* One question: the job, and copies of what it points to. */
struct project_call {
	struct call call;
	struct app *app;
	union {
		struct job_lockfile put;
		struct job_project_remove remove;
		struct job_check check;
	} job;
	struct app_watches watches;
	void (*release_results)(struct project_call *call);
	struct lock lock;
	const char *(*wants)[3];
	size_t n_wants;
	char *texts[TEXTS_MAX]; /* owned */
	size_t n_texts;
	bool nomem;
};

static void project_release(struct call *base)
{
	struct project_call *call = CONTAINER_OF(base, struct project_call, call);

	if (call->release_results)
		call->release_results(call);
	for (size_t i = 0; i < call->n_texts; i++)
		free(call->texts[i]);
	for (size_t i = 0; i < call->n_wants; i++)
		for (size_t k = 0; k < ARRAY_LEN(*call->wants); k++)
			free((char *)call->wants[i][k]);
	free(call->wants);
	lock_release(&call->lock);
	free(call);
}

static struct project_call *project_new(struct app *app)
{
	struct project_call *call = calloc(1, sizeof *call);

	if (!call)
		return NULL;
	call_init(&call->call, project_release);
	call->app = app;
	return call;
}

/* A copy that lives as long as the call. */
static char *keep(struct project_call *call, const char *text)
{
	char *copy = strdup(text);

	call->nomem |= !copy;
	if (copy)
		call->texts[call->n_texts++] = copy;
	return copy;
}

static void project_on_taken_in(struct app_watches *watches)
{
	call_finish(&CONTAINER_OF(watches, struct project_call, watches)->call);
}

/* On the tracker's thread. */
static void project_on_reply(struct job *job)
{
	struct project_call *call = job->sender;

	call->watches.app = call->app;
	call->watches.taken_in = project_on_taken_in;
	if (job->rc || call->watches.n_lists == 0)
		call_finish(&call->call);
	else
		app_watches_send(&call->watches);
}

static void put_on_reply(struct job *job)
{
	struct project_call *call = job->sender;

	call->watches.lists = call->job.put.ret_changes;
	call->watches.n_lists = call->job.put.n_changes;
	project_on_reply(job);
}

static void check_on_reply(struct job *job)
{
	struct project_call *call = job->sender;

	call->watches.lists = call->job.check.ret_changes;
	call->watches.n_lists = call->job.check.n_changes;
	project_on_reply(job);
}

static void release_put(struct project_call *call)
{
	job_lockfile_release(&call->job.put);
}

static void release_check(struct project_call *call)
{
	job_check_release(&call->job.check);
}

/* Sends the job, unless it is not whole, and waits for its end. The asker's reference stays with the caller. */
static int project_ask(struct project_call *call, struct job *job, const struct job_kind *kind, int64_t wait_ms,
		       struct err *err)
{
	struct app *app = call->app;

	job->kind = kind;
	job->sender = call;
	if (call->nomem || !tracker_reserve(app->tracker)) {
		call_put(&call->call); /* nobody will answer */
		return call->nomem ? err_nomem(err) : app_no_answer(err);
	}
	tracker_submit(app->tracker, job);
	if (!call_wait(&call->call, wait_ms, api_stopping(app->api)))
		return app_no_answer(err);
	*err = job->err;
	return job->rc;
}

/* The lock is the asker's, who may leave before the tracker has stored it. */
static int copy_lock(struct project_call *call, const struct lock *lock, struct err *err)
{
	size_t len;
	const void *bytes = lock_bytes(lock, &len);

	return lock_load(bytes, len, &call->lock, err);
}

int app_project_put(void *ctx, const struct api_project *project, const char *by, bool *ret_added, struct err *err)
{
	struct project_call *call = project_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_lockfile *put = &call->job.put;
	put->lockfile = (struct project_lockfile){.project = keep(call, project->name),
						  .team = keep(call, project->team),
						  .origin = PROJECT_SENT,
						  .path = "",
						  .lock = &call->lock};
	memcpy(put->lockfile.digest, project->digest, LOCKFILE_DIGEST_SIZE);
	put->by = keep(call, by);
	put->job.reply = put_on_reply;
	call->release_results = release_put;
	int rc = copy_lock(call, project->lock, err);
	if (rc)
		call_put(&call->call); /* nobody will answer */
	else
		rc = project_ask(call, &put->job, &job_lockfile_kind, LOCKFILE_MS, err);
	if (!rc)
		*ret_added = put->ret_put.added;
	call_put(&call->call);
	return rc;
}

int app_project_remove(void *ctx, const char *name, const char *by, struct err *err)
{
	struct project_call *call = project_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_project_remove *gone = &call->job.remove;
	gone->project = keep(call, name);
	gone->by = keep(call, by);
	gone->job.reply = project_on_reply;
	int rc = project_ask(call, &gone->job, &job_project_remove_kind, APP_ANSWER_MS, err);
	call_put(&call->call);
	return rc;
}

static void copy_wants(struct project_call *call, const char *const (*wants)[3], size_t n)
{
	call->wants = calloc(n, sizeof *call->wants);
	call->nomem |= !call->wants;
	call->n_wants = call->wants ? n : 0;
	for (size_t i = 0; i < call->n_wants; i++)
		for (size_t k = 0; k < ARRAY_LEN(*wants); k++) {
			call->wants[i][k] = strdup(wants[i][k]);
			call->nomem |= !call->wants[i][k];
		}
}

int app_check(void *ctx, const char *const (*wants)[3], size_t n, struct err *err)
{
	struct project_call *call = project_new(ctx);

	if (!call)
		return err_nomem(err);
	struct job_check *check = &call->job.check;
	copy_wants(call, wants, n);
	check->wants = (const char *const(*)[3])call->wants;
	check->n_wants = n;
	check->job.reply = check_on_reply;
	call->release_results = release_check;
	int rc = project_ask(call, &check->job, &job_check_kind, LOCKFILE_MS, err);
	call_put(&call->call);
	return rc;
}
