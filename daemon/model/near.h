/* SPDX-License-Identifier: Apache-2.0 */
/* near.h: how far one crate name is from another, for "did you mean serde_json?". Pure. */
#pragma once

#include "base/defs.h"

#define NEAR_DISTANCE_MAX 2 /* further apart is not near */

/* Letters to insert, remove, replace or swap; `-` and `_` count as equal. Above
 * NEAR_DISTANCE_MAX the result is only known to be above it. */
unsigned near_distance(const char *a, const char *b);
