/* SPDX-License-Identifier: Apache-2.0 */
/*
 * histogram.h: how long something took, counted in buckets that grow with the
 * value: each is at most an eighth wider than its lower end, so that a quantile is
 * told to within 12.5 %. Pure; a zeroed struct is empty.
 */
#pragma once

#include "base/defs.h"

#define HISTOGRAM_BUCKETS 256 /* the last one holds all above 2^34 */

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t total;
};

void histogram_add(struct histogram *histogram, int64_t value); /* negative counts as 0 */

/* The upper end of the bucket below which `permille` of 1000 values lie; 0 when it is empty. */
int64_t histogram_quantile(const struct histogram *histogram, unsigned permille);
