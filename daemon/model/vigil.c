/* SPDX-License-Identifier: Apache-2.0 */
/* vigil.c: see vigil.h. */
#include "model/vigil.h"

struct vigil vigil_begin(int64_t wall_ms, int64_t mono_ms)
{
	return (struct vigil){.kept = true, .since_ms = mono_ms, .offset_ms = wall_ms - mono_ms};
}

/* The monotonic clock stands still while the machine sleeps, and nobody steps it. */
bool vigil_is_young(struct vigil *vigil, int64_t wall_ms, int64_t mono_ms)
{
	int64_t offset_ms = wall_ms - mono_ms;
	int64_t moved_ms = offset_ms - vigil->offset_ms;

	if (moved_ms > VIGIL_STEP_MS || moved_ms < -VIGIL_STEP_MS)
		vigil->since_ms = mono_ms;
	vigil->offset_ms = offset_ms;
	return vigil->kept && mono_ms - vigil->since_ms < VIGIL_MS;
}
