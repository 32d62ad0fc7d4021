/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.h: rounds that poll every watch of a registry. One cursor goes around its
 * watches; a round that joins is served from where the cursor stands until it is
 * there again. So to ask for a round costs the same however many watches there are,
 * and rounds share the requests of the time that they have in common. Internal to
 * poll/.
 */
#pragma once

#include "poll/registry.h"

struct sweep {
	struct sweep *next;
	struct poll_round *round;
	size_t to_take; /* watches from the cursor on, around the end */
};

/* The round waits for a poll of every watch there is; OOM is told by false. */
MUST_CHECK bool sweep_join(struct registry *registry, struct poll_round *round);

/* The watch at the cursor, which moves on; the rounds wait for it now. There is a sweep. */
struct watch *sweep_take(struct registry *registry);

/* registry->watches has a new one at `i`, or has no more the one that was at `i`. */
void sweep_added(struct registry *registry, size_t i);
void sweep_removed(struct registry *registry, size_t i);

/* What the rounds have still to ask for fails. */
void sweep_fail(struct registry *registry, const struct err *why);
