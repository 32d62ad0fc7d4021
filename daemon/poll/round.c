/* SPDX-License-Identifier: Apache-2.0 */
/*
 * round.c: polls that somebody wants now and waits for: the client, --once. A
 * round ends whatever happens: a registry that pauses or fails ends it with that
 * reason.
 */
#include "base/clock.h"
#include "base/log.h"
#include "poll/parts.h"
#include "poll/sweep.h"

#include <string.h>

static void poll_one_now(struct watch *watch, struct poll_round *round)
{
	struct registry *registry = watch->registry;
	struct err why;

	round->polled++;
	if (!watch_wait(watch, round)) {
		(void)err_nomem(&why);
		round_count_failure(round, watch, &why);
	} else if (watch->stage == WATCH_SCHEDULED) {
		schedule_put(&registry->schedule, watch, WATCH_AT_ONCE);
	}
}

static void poll_all_now(struct registry *registry, struct poll_round *round)
{
	if (sweep_join(registry, round))
		return;
	log_error("out of memory: %zu watches of %s are not polled now", registry->n_watches, registry->name);
	round->polled += registry->n_watches;
	round->failed += registry->n_watches;
}

static int check_names(const struct poller *poller, const char *registry, const char *const *crates, size_t n,
		       size_t *ret_missing, struct err *err)
{
	const struct registry *named = registry ? poller_find(poller, registry) : NULL;

	*ret_missing = n;
	if (registry && !(named && named->configured))
		return err_set(err, ERR_ABSENT, "no registry is named \"%s\"", registry);
	for (size_t i = 0; i < n; i++) {
		bool found = false;
		for (size_t k = 0; k < poller->n_registries; k++)
			if (!registry || strcmp(registry, poller->registries[k]->name) == 0)
				found |= registry_find(poller->registries[k], crates[i]) != NULL;
		if (found)
			continue;
		*ret_missing = i;
		return err_set(err, ERR_ABSENT, "%s is not watched", crates[i]);
	}
	return 0;
}

static void poll_registry_now(struct registry *registry, const char *const *crates, size_t n, struct poll_round *round)
{
	struct err why;

	for (size_t i = 0; i < n; i++) {
		struct watch *watch = registry_find(registry, crates[i]);
		if (watch)
			poll_one_now(watch, round);
	}
	if (n == 0)
		poll_all_now(registry, round);
	if (registry->paused_until_ms > clock_mono_ms()) {
		(void)err_set(&why, ERR_BUSY, "the registry pauses: %s", registry->counters.last_error.text);
		registry_fail_waiting(registry, &why);
	}
	if (!registry->config_seen)
		registry->config_due_ms = 0;
}

int poller_poll_now(struct poller *poller, const char *registry, const char *const *crates, size_t n_crates,
		    struct poll_round *round, struct err *err)
{
	int rc = check_names(poller, registry, crates, n_crates, &round->missing, err);
	if (rc)
		return rc;
	round->left++; /* ours, so that it is not done before all are asked */
	for (size_t i = 0; i < poller->n_registries; i++)
		if (!registry || strcmp(registry, poller->registries[i]->name) == 0)
			poll_registry_now(poller->registries[i], crates, n_crates, round);
	round_put(round);
	poller_pump(poller);
	return 0;
}
