/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_project.c: lockfiles that come, change and go, by the configuration or the socket: what they lock is watched
 * and becomes findings.
 */
#include "base/log.h"
#include "base/text.h"
#include "track/follow.h"
#include "track/jobs.h"
#include "track/projects_now.h"

#include <string.h>

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- one that comes or changes ---- */

/* The configuration may be another one by now. */
static bool is_configured(const struct config *config, const struct project_lockfile *lockfile)
{
	for (size_t i = 0; i < config->n_projects; i++)
		if (strcmp(config->projects[i].name, lockfile->project) == 0)
			return true;
	return false;
}

static int check_lockfile(const struct tracker *tracker, const struct job_lockfile *job, struct err *err)
{
	const struct project_lockfile *lockfile = &job->lockfile;
	const struct config *config = tracker_config(tracker);

	if (!config)
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	if (lockfile->origin == PROJECT_CONFIGURED && !is_configured(config, lockfile))
		return err_set(err, ERR_ABSENT, "no project %s is configured (any more)", lockfile->project);
	return 0;
}

static int apply_lockfile(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_lockfile *job = CONTAINER_OF(base, struct job_lockfile, job);

	int rc = check_lockfile(tracker, job, err);
	if (!rc)
		rc = projects_changes_new(tracker, &job->ret_changes, &job->n_changes, err);
	if (rc)
		return rc;
	const struct projects projects = projects_now(tracker, job->ret_changes, job->n_changes);
	rc = projects_put(&projects, &job->lockfile, &job->ret_put, err);
	if (rc || !job->ret_put.changed)
		return rc;
	struct following following = {.tracker = tracker, .now_ms = projects.now_ms};
	rc = follow_lockfile(&following, job->ret_put.project, job->ret_put.lockfile, err);
	job->ret_opened = following.opened;
	job->ret_resolved = following.resolved;
	return rc;
}

static void lockfile_committed(struct tracker *tracker, struct job *base)
{
	struct job_lockfile *job = CONTAINER_OF(base, struct job_lockfile, job);
	const struct project_put *put = &job->ret_put;
	char path[256];
	(void)tracker;

	if (!put->changed)
		return;
	const char *from = job->by ? job->by : text_safe(job->lockfile.path, path, sizeof path);
	log_write(job->ret_opened ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		  "project %s: %zu packages, %zu of them watched, from %s; %zu finding%s opened, %zu resolved",
		  job->lockfile.project, put->packages, put->matched, from, job->ret_opened, plural(job->ret_opened),
		  job->ret_resolved);
}

void job_lockfile_release(struct job_lockfile *job)
{
	projects_changes_free(TAKE(job->ret_changes), job->n_changes);
}

const struct job_kind job_lockfile_kind = {
	.name = "lockfile", .apply = apply_lockfile, .committed = lockfile_committed};

/* ---- those that the configuration does not have any more ---- */

static int drop(struct tracker *tracker, const struct projects *projects, const struct project_put *unnamed,
		struct err *err)
{
	struct following following = {.tracker = tracker, .now_ms = projects->now_ms, .is_unwatched = true};

	int rc = projects_unlock(projects, unnamed->lockfile, err);
	if (!rc)
		rc = follow_emptied(&following, unnamed->project, err);
	return rc ? rc : projects_forget(projects->db, unnamed->project, err);
}

static int apply_projects(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_projects *job = CONTAINER_OF(base, struct job_projects, job);
	struct project_put unnamed = {0};

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	const struct projects projects = projects_now(tracker, NULL, 0);
	int rc;
	do {
		rc = projects_find_unnamed(projects.db, job->lockfiles, job->n_lockfiles, unnamed.lockfile, &unnamed,
					   err);
		if (!rc && unnamed.lockfile)
			rc = drop(tracker, &projects, &unnamed, err);
	} while (!rc && unnamed.lockfile);
	return rc;
}

const struct job_kind job_projects_kind = {.name = "projects", .apply = apply_projects};

/* ---- one that was sent goes ---- */

static int apply_remove(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_project_remove *job = CONTAINER_OF(base, struct job_project_remove, job);
	int64_t project = 0;

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	const struct projects projects = projects_now(tracker, NULL, 0);
	struct following following = {.tracker = tracker, .now_ms = projects.now_ms, .is_unwatched = true};
	int rc = projects_empty(&projects, job->project, &project, err);
	if (!rc)
		rc = follow_emptied(&following, project, err);
	return rc ? rc : projects_forget(projects.db, project, err);
}

static void remove_committed(struct tracker *tracker, struct job *base)
{
	struct job_project_remove *job = CONTAINER_OF(base, struct job_project_remove, job);
	(void)tracker;

	log_info("project %s removed by %s", job->project, job->by);
}

const struct job_kind job_project_remove_kind = {
	.name = "project_remove", .apply = apply_remove, .committed = remove_committed};
