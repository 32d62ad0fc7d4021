/* SPDX-License-Identifier: Apache-2.0 */
/* job_check.c: crates of a lockfile that somebody checks are watched for a day. */
#include "store/demands.h"
#include "store/watches.h"
#include "track/jobs.h"
#include "track/projects_now.h"

static int want(const struct projects *projects, const char *const want[3], struct err *err)
{
	struct watch_changes *changes = projects_changes_of(projects->changes, projects->n_registries, want[0]);
	struct watch_in_lockfile watch;
	bool wanted = false;

	if (!changes)
		return 0; /* not configured any more */
	int rc = watches_add_in_lockfile(projects->db, want[0], want[1], LISTED_CHECK, projects->now_ms, &watch, err);
	if (!rc && watch.crate && want[2][0])
		rc = demands_want(projects->db, watch.crate, want[2], &wanted, err);
	if (rc || !watch.crate)
		return rc;
	bool told = true;
	if (watch.added)
		told = watch_changes_add(changes, want[1], CRATE_UNKNOWN, false, false, NULL);
	else if (wanted && watch.is_known)
		told = watch_changes_afresh(changes, want[1]);
	else
		return 0;
	if (!told)
		return err_nomem(err);
	watch_changes_set_spare(changes); /* unless somebody else lists it: the poller knows */
	return 0;
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_check *job = CONTAINER_OF(base, struct job_check, job);

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = projects_changes_new(tracker, &job->ret_changes, &job->n_changes, err);
	if (rc)
		return rc;
	const struct projects projects = projects_now(tracker, job->ret_changes, job->n_changes);
	for (size_t i = 0; i < job->n_wants && !rc; i++)
		rc = want(&projects, job->wants[i], err);
	for (size_t i = 0; i < job->n_changes; i++)
		watch_changes_sort(&job->ret_changes[i]);
	return rc;
}

void job_check_release(struct job_check *job)
{
	projects_changes_free(TAKE(job->ret_changes), job->n_changes);
}

const struct job_kind job_check_kind = {.name = "check", .apply = apply};
