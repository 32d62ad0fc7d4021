/* SPDX-License-Identifier: Apache-2.0 */
/* job_watch.c: watches that come and go by the socket. */
#include "base/log.h"
#include "model/index_path.h"
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

static int change(struct db *db, const struct job_watch *job, size_t i, struct err *err)
{
	if (!crate_name_valid(job->crates[i]))
		return err_set(err, ERR_BAD, "not a crate's name: ASCII letters, digits, - and _, at most %d",
			       CRATE_NAME_MAX);
	if (job->remove)
		return state_watch_remove(db, job->registry, job->crates[i], err);
	return state_watch_add(db, job->registry, job->crates[i], LISTED_SOCKET, &job->ret_added[i], err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_watch *job = CONTAINER_OF(base, struct job_watch, job);

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = fill_registry(tracker_config(tracker), job, err);
	for (size_t i = 0; i < job->n_crates && !rc; i++)
		rc = change(tracker_db(tracker), job, i, err);
	return rc ? rc : state_watches(tracker_db(tracker), &job->ret_seeds, err);
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
