/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_lockfiles.c: what the files thread has read of lockfiles goes to the tracker, and
 * the watches that come and go by it from there to the poller.
 *
 * The files thread waits for the tracker's answer to each: nothing is copied, the order
 * stays, and a full tracker holds back who reads, not who polls.
 */
#include "app_wire.h"

#include "base/call.h"
#include "base/log.h"
#include "base/text.h"
#include "track/jobs.h"

#include <string.h>

#define PATH_SHOWN_MAX 400                  /* bytes, in the log */
#define WAIT_MS (INT64_C(24) * 3600 * 1000) /* the tracker always answers */

/* ---- watches that come and go: on to the poller ---- */

static void watches_on_taken_in(struct poller_change *change)
{
	struct app_watches *watches = CONTAINER_OF(change, struct app_watches, change);
	watches->taken_in(watches);
}

static void watches_on_loop(struct loop_task *task)
{
	struct app_watches *watches = CONTAINER_OF(task, struct app_watches, task);

	watches->change = (struct poller_change){
		.lists = watches->lists, .n_lists = watches->n_lists, .done = watches_on_taken_in};
	poller_change(watches->app->poller, &watches->change);
}

void app_watches_send(struct app_watches *watches)
{
	watches->task.run = watches_on_loop;
	loop_post(watches->app->loop, &watches->task);
}

/* ---- a question of the files thread ---- */

/* Ends when the tracker has answered: what the job borrows is not needed any more. */
static void wait_for_tracker(struct call *call)
{
	const atomic_bool never = false;

	while (!call_wait(call, WAIT_MS, &never))
		;
}

/* What failed for want of room or by a fault of the disk is tried again at the next look, and so is a project that was
 * sent and may be removed by then. */
static bool is_settled(int rc)
{
	switch ((enum err_code)rc) {
	case ERR_NOMEM:
	case ERR_IO:
	case ERR_BUSY:
	case ERR_REFUSED:
		return false;
	case ERR_BAD:
	case ERR_LIMIT:
	case ERR_ABSENT:
		return true;
	}
	return true;
}

/* ---- one lockfile ---- */

struct lockfile_call {
	struct call call;
	struct job_lockfile job;
	struct app_watches watches;
};

static void lockfile_call_release(struct call *call)
{
	struct lockfile_call *lockfile = CONTAINER_OF(call, struct lockfile_call, call);

	job_lockfile_release(&lockfile->job);
	free(lockfile);
}

static void lockfile_on_taken_in(struct app_watches *watches)
{
	call_put(&CONTAINER_OF(watches, struct lockfile_call, watches)->call);
}

/* On the tracker's thread. The loop has a reference of its own: it looks at the results when nobody waits any more. */
static void lockfile_on_reply(struct job *job)
{
	struct lockfile_call *lockfile = CONTAINER_OF(job, struct lockfile_call, job.job);

	if (!job->rc) {
		atomic_fetch_add(&lockfile->call.refs, 1);
		lockfile->watches.lists = lockfile->job.ret_changes;
		lockfile->watches.n_lists = lockfile->job.n_changes;
		app_watches_send(&lockfile->watches);
	}
	call_finish(&lockfile->call);
}

static struct lockfile_call *lockfile_call_new(struct app *app, const struct config *config,
					       const struct lockfile_news *news)
{
	struct lockfile_call *lockfile = calloc(1, sizeof *lockfile);

	if (!lockfile)
		return NULL;
	call_init(&lockfile->call, lockfile_call_release);
	lockfile->watches = (struct app_watches){.app = app, .taken_in = lockfile_on_taken_in};
	lockfile->job.job = (struct job){.kind = &job_lockfile_kind, .reply = lockfile_on_reply};
	lockfile->job.config = config;
	lockfile->job.lockfile = (struct project_lockfile){
		.project = news->project->name,
		.team = news->project->team,
		.origin = PROJECT_CONFIGURED,
		.path = news->path,
		.lock = news->lock,
		.fault = news->lock ? NULL : news->err->text,
	};
	if (news->lock)
		memcpy(lockfile->job.lockfile.digest, news->digest, sizeof lockfile->job.lockfile.digest);
	return lockfile;
}

/* What was stored the tracker says. */
static void say_lockfile(const struct lockfile_news *news, const struct job_lockfile *job)
{
	char path[PATH_SHOWN_MAX];
	char why[ERR_TEXT_MAX];
	const char *project = news->project->name;

	(void)text_safe(news->path, path, sizeof path);
	if (job->job.rc)
		log_error("project %s: %s: %s", project, path, text_safe(job->job.err.text, why, sizeof why));
	else if (!news->lock)
		log_warning("project %s: %s: %s; what was read of it before stays", project, path,
			    text_safe(news->err->text, why, sizeof why));
}

static bool lockfile_changed(void *ctx, const struct config *config, const struct lockfile_news *news)
{
	struct app *app = ctx;

	if (!tracker_reserve(app->tracker))
		return false;
	struct lockfile_call *lockfile = lockfile_call_new(app, config, news);
	if (!lockfile) {
		tracker_give_back(app->tracker);
		return false;
	}
	tracker_submit(app->tracker, &lockfile->job.job);
	wait_for_tracker(&lockfile->call);
	say_lockfile(news, &lockfile->job);
	bool settled = lockfile->job.job.rc == 0 || is_settled(lockfile->job.job.rc);
	call_put(&lockfile->call);
	return settled;
}

/* ---- all lockfiles ---- */

struct projects_call {
	struct call call;
	struct job_projects job;
};

static void projects_call_release(struct call *call)
{
	free(CONTAINER_OF(call, struct projects_call, call));
}

static void projects_on_reply(struct job *job)
{
	call_finish(&CONTAINER_OF(job, struct projects_call, job.job)->call);
}

static bool lockfiles_present(void *ctx, const struct config *config, const char *const (*lockfiles)[2], size_t n)
{
	struct app *app = ctx;
	(void)config;

	if (!tracker_reserve(app->tracker))
		return false;
	struct projects_call *projects = calloc(1, sizeof *projects);
	if (!projects) {
		tracker_give_back(app->tracker);
		return false;
	}
	call_init(&projects->call, projects_call_release);
	projects->job = (struct job_projects){.job = {.kind = &job_projects_kind, .reply = projects_on_reply},
					      .lockfiles = lockfiles,
					      .n_lockfiles = n};
	tracker_submit(app->tracker, &projects->job.job);
	wait_for_tracker(&projects->call);
	int rc = projects->job.job.rc;
	if (rc)
		log_error("projects: %s", projects->job.job.err.text);
	call_put(&projects->call);
	return rc == 0;
}

struct lockfiles_sink app_lockfiles_sink(struct app *app)
{
	return (struct lockfiles_sink){.changed = lockfile_changed, .present = lockfiles_present, .ctx = app};
}

/* ---- findings: confirmed by now, to be reminded of; watches that nobody needs any more ---- */

struct findings_wire {
	struct wire wire;
	struct job_findings findings;
	struct poller_change change;
};

static void findings_on_taken_in(struct poller_change *change)
{
	struct findings_wire *wire = CONTAINER_OF(change, struct findings_wire, change);

	job_findings_release(&wire->findings);
	free(wire);
}

static void findings_on_back(struct loop_task *task)
{
	struct findings_wire *wire = CONTAINER_OF(task, struct findings_wire, wire.back);
	struct job_findings *job = &wire->findings;

	if (job->job.rc)
		log_error("findings: %s; tried again in a minute", job->job.err.text);
	if (!job->job.rc && job->ret_more)
		app_sweep_findings(wire->wire.app);
	wire->change = (struct poller_change){
		.lists = job->ret_changes, .n_lists = job->job.rc ? 0 : job->n_changes, .done = findings_on_taken_in};
	poller_change(wire->wire.app->poller, &wire->change);
}

void app_sweep_findings(struct app *app)
{
	struct findings_wire *wire = calloc(1, sizeof *wire);

	if (wire)
		wire->findings.at_once = app->once;
	if (wire && tracker_reserve(app->tracker))
		wire_send(&wire->wire, app, &wire->findings.job, &job_findings_kind, findings_on_back);
	else
		free(wire); /* in a minute */
}
