/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadline.h: how much of its time a plugin may spend. It must have its result
 * written before the host kills it, so it stops somewhat earlier by itself.
 */
#pragma once

#include <yankwatch/notifier.h>

#define DEADLINE_RESERVE_MAX_MS 1000

/* What to keep back when `left_ms` are left: a tenth, a second at the most. */
static inline int64_t deadline_reserve_ms(int64_t left_ms)
{
	int64_t tenth = left_ms / 10;
	return tenth < DEADLINE_RESERVE_MAX_MS ? tenth : DEADLINE_RESERVE_MAX_MS;
}
