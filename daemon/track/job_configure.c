/* SPDX-License-Identifier: Apache-2.0 */
/* job_configure.c: the registries and watches of a configuration become the database's. */
#include "base/log.h"
#include "track/jobs.h"

static int configure_registries(struct db *db, const struct config *config, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < config->n_registries && !rc; i++) {
		const struct config_registry *registry = &config->registries[i];
		bool moved = false;
		rc = state_configure_registry(db, registry->name, registry->index_url, &moved, err);
		if (!rc && moved)
			log_warning(
				"registry %s has another index than before, %s: its crates start with a new baseline",
				registry->name, registry->index_url);
	}
	return rc;
}

static int configure_watches(struct db *db, const struct config *config, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < config->n_watches && !rc; i++) {
		const struct config_watch *watch = &config->watches[i];
		bool added;
		rc = state_watch_add(db, config->registries[watch->registry].name, watch->crate,
				     watch->bulk ? LISTED_FILE : LISTED_CONFIGURATION, &added, err);
	}
	return rc;
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_configure *job = CONTAINER_OF(base, struct job_configure, job);
	struct db *db = tracker_db(tracker);

	int rc = state_configure_begin(db, err);
	if (!rc)
		rc = configure_registries(db, job->config, err);
	if (!rc)
		rc = configure_watches(db, job->config, err);
	if (!rc)
		rc = state_configure_end(db, err);
	return rc ? rc : state_watches(db, &job->ret_seeds, err);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_configure *job = CONTAINER_OF(base, struct job_configure, job);
	tracker_set_config(tracker, config_ref(job->config));
}

const struct job_kind job_configure_kind = {.name = "configure", .apply = apply, .committed = committed};
