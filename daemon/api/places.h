/* SPDX-License-Identifier: Apache-2.0 */
/*
 * places.h: how many large bodies (lockfiles) may be in memory at a time. Small ones need no place.
 * Used by the socket's threads; who finds none free waits.
 */
#pragma once

#include "base/defs.h"

#include <pthread.h>
#include <stdatomic.h>

#define PLACES 2

struct places {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	unsigned taken;
};

void places_init(struct places *places);
void places_release(struct places *places);

/* False: none became free within `wait_ms`, or *give_up became true. */
bool places_take(struct places *places, int64_t wait_ms, const atomic_bool *give_up);
void places_give_back(struct places *places);
