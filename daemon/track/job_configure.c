/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job_configure.c: the registries and watches of a configuration become the
 * database's. What is there already is not written again, and after the first
 * configuration only the difference goes to the poller.
 */
#include "base/log.h"
#include "base/memory.h"
#include "store/watches.h"
#include "track/jobs.h"

#include <string.h>

/* The watches of one registry: they stand together. */
struct section {
	size_t begin, end; /* in config->watches */
};

/* The poller has those watches of the registry that the configuration before gave it: none, if this is the first
 * or that one had no such registry. */
static int configure_registry(struct tracker *tracker, const struct config_registry *registry, bool *ret_whole,
			      struct err *err)
{
	struct registry_before before;

	int rc = watches_configure_registry(tracker_db(tracker), registry->name, registry->index_url, &before, err);
	*ret_whole = !tracker_config(tracker) || !before.configured;
	if (!rc && before.moved)
		log_warning("registry %s has another index than before, %s: its crates start with a new baseline",
			    registry->name, registry->index_url);
	return rc;
}

static int configure_crates(struct tracker *tracker, const struct config *config, struct section section, bool whole,
			    struct watch_changes *changes, struct err *err)
{
	size_t n = section.end - section.begin;
	OWNED_MEM struct listed_crate *list = calloc(n + 1, sizeof *list);

	if (!list)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const struct config_watch *watch = &config->watches[section.begin + i];
		list[i] = (struct listed_crate){watch->crate, watch->bulk ? LISTED_FILE : LISTED_CONFIGURATION};
	}
	return watches_configure(tracker_db(tracker), changes->registry, list, n, whole, changes, err);
}

static int configure_registries(struct tracker *tracker, const struct config *config, struct watch_changes *changes,
				struct err *err)
{
	struct section section = {0};
	bool whole;
	int rc = 0;

	for (size_t i = 0; i < config->n_registries && !rc; i++) {
		section.begin = section.end;
		while (section.end < config->n_watches && config->watches[section.end].registry == i)
			section.end++;
		changes[i].registry = strdup(config->registries[i].name);
		if (!changes[i].registry)
			return err_nomem(err);
		rc = configure_registry(tracker, &config->registries[i], &whole, err);
		if (!rc)
			rc = configure_crates(tracker, config, section, whole, &changes[i], err);
	}
	return rc;
}

static int drop_others(struct db *db, const struct config *config, struct err *err)
{
	OWNED_MEM const char **names = calloc(config->n_registries + 1, sizeof *names);

	if (!names)
		return err_nomem(err);
	for (size_t i = 0; i < config->n_registries; i++)
		names[i] = config->registries[i].name;
	return watches_configure_end(db, names, config->n_registries, err);
}

static int apply(struct tracker *tracker, struct job *base, struct err *err)
{
	struct job_configure *job = CONTAINER_OF(base, struct job_configure, job);

	job->ret_changes = calloc(job->config->n_registries + 1, sizeof *job->ret_changes);
	if (!job->ret_changes)
		return err_nomem(err);
	int rc = configure_registries(tracker, job->config, job->ret_changes, err);
	return rc ? rc : drop_others(tracker_db(tracker), job->config, err);
}

static void committed(struct tracker *tracker, struct job *base)
{
	struct job_configure *job = CONTAINER_OF(base, struct job_configure, job);

	tracker_set_config(tracker, config_ref(job->config));
	memory_give_back(); /* a configuration takes much more to read than to keep */
}

void job_configure_release(struct job_configure *job)
{
	for (size_t i = 0; job->ret_changes && i < job->config->n_registries; i++)
		watch_changes_release(&job->ret_changes[i]);
	free(TAKE(job->ret_changes));
}

const struct job_kind job_configure_kind = {.name = "configure", .apply = apply, .committed = committed};
