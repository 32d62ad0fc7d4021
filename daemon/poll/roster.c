/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.c: which watches a registry has. Both lists are sorted by crate, so the
 * new roster is one merge of what is there with what shall be.
 */
#include "base/clock.h"
#include "poll/registry.h"

#include <string.h>

/* Below 0: only the old list has it; above 0: only the new one; 0: both. */
static int compare(const struct registry *registry, size_t old, const struct watch_seed *seeds, size_t n, size_t new)
{
	if (old == registry->n_watches)
		return 1;
	return new == n ? -1 : strcmp(registry->watches[old]->crate, seeds[new].crate);
}

static struct watch *watch_from_seed(struct registry *registry, struct watch_seed *seed)
{
	struct watch *watch = watch_new(registry, seed->crate);

	if (!watch)
		return NULL;
	watch->state = seed->state;
	watch->validators = seed->validators;
	seed->validators = (struct validators){0};
	return watch;
}

/* Fills merged[0..n): the watch that stays, or a new one that is in no schedule. */
static bool merge(struct registry *registry, struct watch_seed *seeds, size_t n, struct watch **merged)
{
	for (size_t old = 0, new = 0; new < n;) {
		int order = compare(registry, old, seeds, n, new);
		if (order < 0) {
			old++;
			continue;
		}
		merged[new] = order == 0 ? registry->watches[old++] : watch_from_seed(registry, &seeds[new]);
		if (!merged[new ++])
			return false;
	}
	return true;
}

static bool is_old(const struct registry *registry, const struct watch *watch)
{
	return registry_find(registry, watch->crate) == watch;
}

static void end_missing(struct registry *registry, struct watch_seed *seeds, size_t n)
{
	for (size_t old = 0, new = 0; old < registry->n_watches;) {
		int order = compare(registry, old, seeds, n, new);
		if (order > 0) {
			new ++;
			continue;
		}
		new += order == 0;
		struct watch *watch = registry->watches[old++];
		if (order == 0)
			continue;
		heap_remove(&registry->schedule, &watch->due);
		if (watch->stage == WATCH_SCHEDULED)
			watch_end(watch);
		else
			watch->removed = true;
	}
}

int registry_set_watches(struct registry *registry, struct watch_seed *seeds, size_t n, struct err *err)
{
	struct watch **merged = calloc(n + 1, sizeof *merged);

	if (!merged || !heap_reserve(&registry->schedule, n) || !merge(registry, seeds, n, merged)) {
		for (size_t i = 0; merged && i < n && merged[i]; i++)
			if (!is_old(registry, merged[i]))
				watch_free(merged[i]);
		free(merged);
		return err_nomem(err);
	}
	for (size_t i = 0; i < n; i++)
		if (!is_old(registry, merged[i]))
			heap_put(&registry->schedule, &merged[i]->due, clock_mono_ms());
	end_missing(registry, seeds, n);
	free(registry->watches);
	registry->watches = merged;
	registry->n_watches = n;
	return 0;
}
