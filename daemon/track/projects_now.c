/* SPDX-License-Identifier: Apache-2.0 */
/* projects_now.c: see projects_now.h. */
#include "track/projects_now.h"

#include "base/clock.h"

#include <string.h>

struct projects projects_now(struct tracker *tracker, struct watch_changes *changes, size_t n_registries)
{
	return (struct projects){
		.db = tracker_db(tracker),
		.sources = &tracker_config(tracker)->sources,
		.now_ms = clock_wall_ms(),
		.changes = changes,
		.n_registries = n_registries,
	};
}

int projects_changes_new(struct tracker *tracker, struct watch_changes **ret, size_t *ret_n, struct err *err)
{
	const struct config *config = tracker_config(tracker);

	*ret = calloc(config->n_registries + 1, sizeof **ret);
	if (!*ret)
		return err_nomem(err);
	*ret_n = config->n_registries;
	for (size_t i = 0; i < *ret_n; i++) {
		(*ret)[i].registry = strdup(config->registries[i].name);
		if (!(*ret)[i].registry)
			return err_nomem(err);
	}
	return 0;
}

void projects_changes_free(struct watch_changes *changes, size_t n)
{
	for (size_t i = 0; changes && i < n; i++)
		watch_changes_release(&changes[i]);
	free(changes);
}

struct watch_changes *projects_changes_of(struct watch_changes *changes, size_t n, const char *registry)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(changes[i].registry, registry) == 0)
			return &changes[i];
	return NULL;
}
