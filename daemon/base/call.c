/* SPDX-License-Identifier: Apache-2.0 */
/* call.c: see call.h. */
#include "base/call.h"

#include "base/clock.h"

#include <time.h>

#define LOOK_UP_MS 100 /* how often a waiter looks whether it should give up */

void call_init(struct call *call, void (*release)(struct call *call))
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&call->lock, NULL);
	pthread_cond_init(&call->changed, &attr);
	pthread_condattr_destroy(&attr);
	call->done = false;
	atomic_init(&call->refs, 2);
	call->release = release;
}

void call_put(struct call *call)
{
	if (atomic_fetch_sub(&call->refs, 1) != 1)
		return;
	pthread_cond_destroy(&call->changed);
	pthread_mutex_destroy(&call->lock);
	call->release(call);
}

void call_finish(struct call *call)
{
	pthread_mutex_lock(&call->lock);
	call->done = true;
	pthread_cond_signal(&call->changed);
	pthread_mutex_unlock(&call->lock);
	call_put(call);
}

static void wait_a_little(struct call *call)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_UP_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&call->changed, &call->lock, &until);
}

bool call_wait(struct call *call, int64_t timeout_ms, const atomic_bool *give_up)
{
	int64_t end_ms = clock_mono_ms() + timeout_ms;

	pthread_mutex_lock(&call->lock);
	while (!call->done && clock_mono_ms() < end_ms && !atomic_load(give_up))
		wait_a_little(call);
	bool done = call->done;
	pthread_mutex_unlock(&call->lock);
	return done;
}
