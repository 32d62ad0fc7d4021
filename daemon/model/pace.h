/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.h: when to do a thing again. Pure functions of what happened and of a
 * random number that the caller draws, so that the tables of the tests are exact.
 */
#pragma once

#include "base/defs.h"

/* The pause after the nth failure in a row: first, doubled each time up to `max`,
 * and a jitter of a quarter either way. `failures` counts from 1. */
int64_t pace_backoff_ms(unsigned failures, int64_t first_ms, int64_t max_ms, uint32_t random);

/* The pause until the next poll: the interval, a tenth more or less, so that
 * watches that started together spread. */
int64_t pace_poll_ms(int64_t interval_ms, uint32_t random);

/* A receiver's or registry's wish for a pause, kept to what is sensible. */
int64_t pace_clamp_ms(int64_t wish_ms, int64_t min_ms, int64_t max_ms);
