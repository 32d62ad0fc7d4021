/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roster.c: which registries there are and which watches each has. Old and new
 * lists are sorted by crate, so a new roster is one merge of the two.
 */
#include "base/clock.h"
#include "poll/parts.h"

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
	watch->pending = seed->pending;
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

static void leave(struct registry *registry, struct watch *watch)
{
	watch->removed = true;
	watch->next_leaving = registry->leaving;
	registry->leaving = watch;
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
		registry_note_unparsed(registry, watch, false);
		if (watch->stage == WATCH_SCHEDULED)
			watch_end(watch);
		else
			leave(registry, watch);
	}
}

int registry_set_watches(struct registry *registry, struct watch_seed *seeds, size_t n, struct err *err)
{
	struct watch **merged = calloc(n + 1, sizeof(void *));

	if (!merged || !heap_reserve(&registry->schedule, registry->n_watches + n) ||
	    !merge(registry, seeds, n, merged)) {
		for (size_t i = 0; merged && i < n && merged[i]; i++)
			if (!is_old(registry, merged[i]))
				watch_free(merged[i]);
		free(merged);
		return err_nomem(err);
	}
	for (size_t i = 0; i < n; i++)
		if (!is_old(registry, merged[i])) {
			heap_put(&registry->schedule, &merged[i]->due, clock_mono_ms());
			registry_note_unparsed(registry, merged[i], seeds[i].unparsed);
		}
	end_missing(registry, seeds, n);
	free(registry->watches);
	registry->watches = merged;
	registry->n_watches = n;
	return 0;
}

/* ---- registries ---- */

struct registry *poller_find(const struct poller *poller, const char *name)
{
	for (size_t i = 0; i < poller->n_registries; i++)
		if (strcmp(poller->registries[i]->name, name) == 0)
			return poller->registries[i];
	return NULL;
}

static int add_registry(struct poller *poller, const char *name, struct registry **ret, struct err *err)
{
	struct registry **longer = reallocarray(poller->registries, poller->n_registries + 1, sizeof(void *));
	if (!longer)
		return err_nomem(err);
	poller->registries = longer;
	*ret = registry_new(poller, name);
	if (!*ret)
		return err_nomem(err);
	poller->registries[poller->n_registries++] = *ret;
	return 0;
}

/* The seeds of one registry: they stand together. */
static struct watch_seed *seeds_of(const struct watch_seeds *seeds, const char *registry, size_t *ret_n)
{
	size_t first = 0;
	size_t end;

	while (first < seeds->count && strcmp(seeds->items[first].registry, registry) != 0)
		first++;
	for (end = first; end < seeds->count && strcmp(seeds->items[end].registry, registry) == 0; end++)
		;
	*ret_n = end - first;
	return seeds->items + first;
}

/* A registry that is not configured any more stays as a name without watches. */
static int drop_unconfigured(struct poller *poller, const struct config *config, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < poller->n_registries && !rc; i++) {
		struct registry *registry = poller->registries[i];
		bool configured = false;
		for (size_t k = 0; k < config->n_registries; k++)
			configured |= strcmp(registry->name, config->registries[k].name) == 0;
		registry->configured = configured;
		if (!configured)
			rc = registry_set_watches(registry, NULL, 0, err);
	}
	return rc;
}

int poller_configure(struct poller *poller, const struct config *config, struct watch_seeds *seeds, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < config->n_registries && !rc; i++) {
		const struct config_registry *wanted = &config->registries[i];
		struct registry *registry = poller_find(poller, wanted->name);
		size_t n;
		if (!registry)
			rc = add_registry(poller, wanted->name, &registry, err);
		if (!rc)
			rc = registry_set(registry, wanted, err);
		if (rc)
			break;
		struct watch_seed *own = seeds_of(seeds, wanted->name, &n);
		rc = registry_set_watches(registry, own, n, err);
	}
	if (!rc)
		rc = drop_unconfigured(poller, config, err);
	poller_pump(poller);
	return rc;
}
