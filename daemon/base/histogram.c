/* SPDX-License-Identifier: Apache-2.0 */
/* histogram.c: see histogram.h. Below 8 each value has a bucket, then each power of two has eight. */
#include "base/histogram.h"

#define PART_BITS 3
#define PARTS (1u << PART_BITS)

static size_t bucket_of(uint64_t value)
{
	if (value < PARTS)
		return (size_t)value;
	unsigned shift = (unsigned)(63 - __builtin_clzll(value)) - PART_BITS;
	size_t bucket = (size_t)(shift + 1) * PARTS + ((value >> shift) & (PARTS - 1));
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that is counted in it. */
static int64_t bucket_end(size_t bucket)
{
	if (bucket < PARTS)
		return (int64_t)bucket;
	unsigned shift = (unsigned)(bucket / PARTS - 1);
	return (int64_t)((((uint64_t)(bucket % PARTS) + PARTS + 1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, int64_t value)
{
	histogram->counts[bucket_of(value > 0 ? (uint64_t)value : 0)]++;
	histogram->total++;
}

int64_t histogram_quantile(const struct histogram *histogram, unsigned permille)
{
	uint64_t rank = histogram->total / 1000 * permille + (histogram->total % 1000 * permille + 999) / 1000;
	uint64_t seen = 0;

	if (histogram->total == 0)
		return 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen >= rank)
			return bucket_end(i);
	}
	return bucket_end(HISTOGRAM_BUCKETS - 1);
}
