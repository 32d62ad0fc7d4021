/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vigil.h: for how long somebody has looked after the outbox without a break. Notifications
 * grow old while the daemon is down or its machine sleeps, and at once when the clock is
 * stepped; none is to be given up for that before it was tried again. Pure.
 */
#pragma once

#include "base/defs.h"

#define VIGIL_MS (INT64_C(60) * 60 * 1000) /* after a break: so long nothing is given up */
#define VIGIL_STEP_MS INT64_C(60000)       /* by so much the two clocks may differ from one look to the next */

struct vigil {
	bool kept;         /* false: a look is never young (a process that ends by itself) */
	int64_t since_ms;  /* monotonic clock */
	int64_t offset_ms; /* of the wall clock from the monotonic one, at the last look */
};

struct vigil vigil_begin(int64_t wall_ms, int64_t mono_ms);

/* Is it young, and so nothing to be given up? To be asked at least every few minutes. */
bool vigil_is_young(struct vigil *vigil, int64_t wall_ms, int64_t mono_ms);
