/* SPDX-License-Identifier: Apache-2.0 */
/* pace.c: see pace.h. */
#include "model/pace.h"

/* ms ± a share of it: random 0 gives the least, UINT32_MAX the most. */
static int64_t jitter(int64_t ms, int64_t share, uint32_t random)
{
	int64_t width = ms / share * 2;
	return ms - ms / share + (int64_t)((double)width * ((double)random / (double)UINT32_MAX));
}

int64_t pace_backoff_ms(unsigned failures, int64_t first_ms, int64_t max_ms, uint32_t random)
{
	int64_t ms = first_ms;

	for (unsigned i = 1; i < failures && ms < max_ms; i++)
		ms *= 2;
	return jitter(ms < max_ms ? ms : max_ms, 4, random);
}

int64_t pace_poll_ms(int64_t interval_ms, uint32_t random)
{
	return jitter(interval_ms, 10, random);
}

int64_t pace_clamp_ms(int64_t wish_ms, int64_t min_ms, int64_t max_ms)
{
	if (wish_ms < min_ms)
		return min_ms;
	return wish_ms > max_ms ? max_ms : wish_ms;
}
