/* SPDX-License-Identifier: Apache-2.0 */
/* job_watch.c: watches that come and go by the socket. */
#include "base/log.h"
#include "model/index_path.h"
#include "track/jobs.h"

static int only_registry(const struct config *config, const char **ret, struct err *err)
{
	if (config->n_registries != 1)
		return err_set(err, ERR_BAD, "there are %zu registries: say which", config->n_registries);
	*ret = config->registries[0].name;
	return 0;
}

static int change(struct db *db, const struct job_watch *job, const char *registry, size_t i, struct err *err)
{
	if (!crate_name_valid(job->crates[i]))
		return err_set(err, ERR_BAD, "not a crate's name: ASCII letters, digits, - and _, at most %d",
			       CRATE_NAME_MAX);
	if (job->remove)
		return state_watch_remove(db, registry, job->crates[i], err);
	return state_watch_add(db, registry, job->crates[i], LISTED_SOCKET, &job->ret_added[i], err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_watch *job = CONTAINER_OF(base, struct job_watch, job);
	const char *registry = job->registry;

	if (!tracker_config(tracker))
		return err_set(err, ERR_BUSY, "yankwatchd is starting");
	int rc = registry ? 0 : only_registry(tracker_config(tracker), &registry, err);
	for (size_t i = 0; i < job->n_crates && !rc; i++)
		rc = change(tracker_db(tracker), job, registry, i, err);
	return rc ? rc : state_watches(tracker_db(tracker), &job->ret_seeds, err);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_watch *job = CONTAINER_OF(base, struct job_watch, job);
	(void)tracker;

	for (size_t i = 0; i < job->n_crates; i++)
		log_info("watch: %s %s by the socket", job->crates[i], job->remove ? "removed" : "added");
}

const struct job_kind job_watch_kind = {.name = "watch", .apply = apply, .committed = committed};
