/* SPDX-License-Identifier: Apache-2.0 */
/* job_watch.c: watches that come and go by the socket. */
#include "base/log.h"
#include "model/index_path.h"
#include "store/watches.h"
#include "track/jobs.h"

#include <string.h>

static int fill_registry(const struct config *config, struct job_watch *job, struct err *err)
{
	if (job->registry)
		return 0;
	if (config->n_registries != 1)
		return err_set(err, ERR_BAD, "there are %zu registries: say which", config->n_registries);
	job->registry = strdup(config->registries[0].name);
	return job->registry ? 0 : err_nomem(err);
}

static int remove_watch(struct db *db, struct job_watch *job, const char *crate, struct err *err)
{
	bool gone = false;

	int rc = watches_remove(db, job->registry, crate, &gone, err);
	if (rc || !gone) /* a lockfile may hold it, too */
		return rc;
	return watch_changes_remove(&job->ret_changes, crate) ? 0 : err_nomem(err);
}

static int add_watch(struct db *db, struct job_watch *job, const char *crate, bool *ret_added, struct err *err)
{
	bool promoted = false;

	int rc = watches_add(db, job->registry, crate, LISTED_SOCKET, ret_added, &promoted, err);
	if (rc || !*ret_added)
		return rc;
	if (promoted)
		return watch_changes_afresh(&job->ret_changes, crate) ? 0 : err_nomem(err);
	return watch_changes_add(&job->ret_changes, crate, CRATE_UNKNOWN, false, false, NULL) ? 0 : err_nomem(err);
}

static int change(struct db *db, struct job_watch *job, size_t i, struct err *err)
{
	if (!crate_name_valid(job->crates[i]))
		return err_set(err, ERR_BAD, "not a crate's name: ASCII letters, digits, - and _, at most %d",
			       CRATE_NAME_MAX);
	if (job->remove)
		return remove_watch(db, job, job->crates[i], err);
	return add_watch(db, job, job->crates[i], &job->ret_added[i], err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_watch *job = CONTAINER_OF(base, struct job_watch, job);

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = fill_registry(tracker_config(tracker), job, err);
	for (size_t i = 0; i < job->n_crates && !rc; i++)
		rc = change(tracker_db(tracker), job, i, err);
	if (rc)
		return rc;
	job->ret_changes.registry = strdup(job->registry);
	watch_changes_sort(&job->ret_changes);
	return job->ret_changes.registry ? 0 : err_nomem(err);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_watch *job = CONTAINER_OF(base, struct job_watch, job);
	(void)tracker;

	for (size_t i = 0; i < job->n_crates; i++)
		if (job->remove || job->ret_added[i])
			log_info("watch: %s in %s %s by the socket", job->crates[i], job->registry,
				 job->remove ? "removed" : "added");
}

const struct job_kind job_watch_kind = {.name = "watch", .apply = apply, .committed = committed};
