/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h: the poller's own state, for the files that make it up: poller.c polls,
 * roster.c says what is polled, round.c and sweep.c poll at once. Internal to poll/.
 */
#pragma once

#include "poll/registry.h"

struct poller {
	struct loop *loop;
	struct http *http;
	struct poller_sink sink;
	struct loop_timer timer;
	struct registry **registries; /* owned; sorted by name */
	size_t n_registries;
	size_t out;        /* watches that are requested or at the tracker */
	size_t body_bytes; /* of observations that the tracker has not answered */
	bool paused;
	uint32_t random[64]; /* the first n_random are not used yet */
	size_t n_random;
	struct poller_change *changes; /* to be taken in; the first is under way */
	struct loop_timer change_timer;
};

void poller_change_on_fire(struct loop_timer *timer);
void poller_end_changes(struct poller *poller); /* calls done() of those that are left */

struct registry *poller_find(const struct poller *poller, const char *name); /* NULL = not there */

/* Sends what is due, as far as there is room, and arms the timer for the rest. To be
 * called after whatever may have made something due or made room. */
void poller_pump(struct poller *poller);

/* A poll is over that the tracker hears nothing of. */
void poller_ends_unseen(struct poller *poller);

/* Every poll wants a random number: the system is asked for many at once. */
uint32_t poller_random(struct poller *poller);
