/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h: the one source of time. Intervals are measured on the monotonic
 * clock, stored times are wall clock. A test binary links another clock.c in
 * its place to run faster or to step; nothing else asks the system.
 */
#pragma once

#include <stdint.h>

int64_t clock_mono_us(void); /* microseconds since some fixed point; never goes back */
int64_t clock_mono_ms(void);
int64_t clock_cpu_us(void);  /* processor time that this thread has used */
int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01 UTC */

/* How long to sleep at most before this clock is asked again: one that a test moves jumps. */
int64_t clock_nap_ms(void);
