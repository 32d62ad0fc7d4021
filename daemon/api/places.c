/* SPDX-License-Identifier: Apache-2.0 */
/* places.c: see places.h. */
#include "api/places.h"

#include "base/clock.h"

#include <time.h>

#define LOOK_UP_MS 100 /* how often a waiter looks whether it should give up */

void places_init(struct places *places)
{
	pthread_mutex_init(&places->lock, NULL);
	pthread_cond_init(&places->freed, NULL);
	places->taken = 0;
}

void places_release(struct places *places)
{
	pthread_cond_destroy(&places->freed);
	pthread_mutex_destroy(&places->lock);
}

static void wait_a_little(struct places *places)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_UP_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	(void)pthread_cond_timedwait(&places->freed, &places->lock, &until);
}

bool places_take(struct places *places, int64_t wait_ms, const atomic_bool *give_up)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;

	pthread_mutex_lock(&places->lock);
	while (places->taken == PLACES && clock_mono_ms() < end_ms && !atomic_load(give_up))
		wait_a_little(places);
	bool is_free = places->taken < PLACES;
	places->taken += is_free;
	pthread_mutex_unlock(&places->lock);
	return is_free;
}

void places_give_back(struct places *places)
{
	pthread_mutex_lock(&places->lock);
	places->taken--;
	pthread_cond_signal(&places->freed);
	pthread_mutex_unlock(&places->lock);
}
