/* SPDX-License-Identifier: Apache-2.0 */
/* sweep.c: see sweep.h. A round is kept alive by its sweep, then by its links. */
#include "poll/sweep.h"

bool sweep_join(struct registry *registry, struct poll_round *round)
{
	if (registry->n_watches == 0)
		return true;
	struct sweep *sweep = malloc(sizeof *sweep);
	if (!sweep)
		return false;
	*sweep = (struct sweep){.next = registry->sweeps, .round = round, .to_take = registry->n_watches};
	registry->sweeps = sweep;
	round->polled += registry->n_watches;
	round->left++;
	return true;
}

/* Those that have nothing to take any more end. */
static void end_finished(struct registry *registry)
{
	struct sweep **at = &registry->sweeps;

	while (*at) {
		struct sweep *sweep = *at;
		if (sweep->to_take > 0) {
			at = &sweep->next;
			continue;
		}
		*at = sweep->next;
		round_put(sweep->round);
		free(sweep);
	}
}

struct watch *sweep_take(struct registry *registry)
{
	struct watch *watch = registry->watches[registry->cursor];
	struct err err;

	registry->cursor = (registry->cursor + 1) % registry->n_watches;
	for (struct sweep *sweep = registry->sweeps; sweep; sweep = sweep->next) {
		sweep->to_take--;
		if (!watch_wait(watch, sweep->round)) {
			(void)err_nomem(&err);
			round_count_failure(sweep->round, watch, &err);
		}
	}
	end_finished(registry);
	return watch;
}

/* How far behind the cursor it is, going around; n = watches there are with it. */
static size_t distance(const struct registry *registry, size_t i, size_t n)
{
	return i >= registry->cursor ? i - registry->cursor : i + n - registry->cursor;
}

/* One that is added in the middle of what a round has still to take is taken, too. */
void sweep_added(struct registry *registry, size_t i)
{
	if (i <= registry->cursor && registry->sweeps)
		registry->cursor++;
	for (struct sweep *sweep = registry->sweeps; sweep; sweep = sweep->next)
		if (distance(registry, i, registry->n_watches) < sweep->to_take)
			sweep->to_take++;
}

void sweep_removed(struct registry *registry, size_t i)
{
	for (struct sweep *sweep = registry->sweeps; sweep; sweep = sweep->next)
		if (distance(registry, i, registry->n_watches + 1) < sweep->to_take)
			sweep->to_take--;
	if (i < registry->cursor)
		registry->cursor--;
	if (registry->cursor == registry->n_watches)
		registry->cursor = 0;
	end_finished(registry);
}

void sweep_fail(struct registry *registry, const struct err *why)
{
	while (registry->sweeps) {
		struct sweep *sweep = registry->sweeps;
		struct poll_round *round = sweep->round;
		size_t i = registry->cursor;
		registry->sweeps = sweep->next;
		for (; sweep->to_take > 0 && round->n_errors < POLLER_ERRORS_MAX; sweep->to_take--) {
			round_count_failure(round, registry->watches[i], why);
			i = (i + 1) % registry->n_watches;
		}
		round->failed += sweep->to_take;
		free(sweep);
		round_put(round);
	}
}
