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

static int configure_registry(struct db *db, const struct config_registry *registry, struct err *err)
{
	bool moved = false;

	int rc = watches_configure_registry(db, registry->name, registry->index_url, &moved, err);
	if (!rc && moved)
		log_warning("registry %s has another index than before, %s: its crates start with a new baseline",
			    registry->name, registry->index_url);
	return rc;
}

/* The poller has none of its watches yet. */
static bool is_new(const struct tracker *tracker, const char *registry)
{
	const struct config *before = tracker_config(tracker);

	for (size_t i = 0; before && i < before->n_registries; i++)
		if (strcmp(before->registries[i].name, registry) == 0)
			return false;
	return true;
}

static int configure_crates(struct tracker *tracker, const struct config *config, struct section section,
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
	return watches_configure(tracker_db(tracker), changes->registry, list, n, is_new(tracker, changes->registry),
				 changes, err);
}

static int configure_registries(struct tracker *tracker, const struct config *config, struct watch_changes *changes,
				struct err *err)
{
	struct section section = {0};
	int rc = 0;

	for (size_t i = 0; i < config->n_registries && !rc; i++) {
		section.begin = section.end;
		while (section.end < config->n_watches && config->watches[section.end].registry == i)
			section.end++;
		changes[i].registry = strdup(config->registries[i].name);
		if (!changes[i].registry)
			return err_nomem(err);
		rc = configure_registry(tracker_db(tracker), &config->registries[i], err);
		if (!rc)
			rc = configure_crates(tracker, config, section, &changes[i], err);
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
