/* SPDX-License-Identifier: Apache-2.0 */
/* randoms.h: every poll wants a random number; the system is asked for many at once. Internal to poll/. */
#pragma once

#include "base/defs.h"

struct randoms { /* zeroed at first */
	uint32_t numbers[64];
	size_t left; /* the first so many are not used yet */
};

uint32_t randoms_draw(struct randoms *randoms);
