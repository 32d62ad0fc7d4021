/* SPDX-License-Identifier: Apache-2.0 */
/* text_span.h: bytes that stand somewhere else: held against each other, and sorted. Borrowed, always. */
#pragma once

#include "base/defs.h"

#include <endian.h>
#include <string.h>

struct text_span {
	const char *at;
	size_t len;
};

/* memcmp() == 0; most names and keys are so short that a call takes longer than the comparison. */
static inline bool bytes_same(const char *a, const char *b, size_t len)
{
	uint64_t x[2];
	uint64_t y[2];

	if (len < 8 || len > 16)
		return len == 0 || (*a == *b && memcmp(a, b, len) == 0);
	memcpy(&x[0], a, 8);
	memcpy(&y[0], b, 8);
	memcpy(&x[1], a + len - 8, 8); /* overlaps */
	memcpy(&y[1], b + len - 8, 8);
	return x[0] == y[0] && x[1] == y[1];
}

static inline bool text_span_same(struct text_span a, struct text_span b)
{
	return a.len == b.len && bytes_same(a.at, b.at, a.len);
}

/* As memcmp(), the shorter one first. */
static inline int text_span_compare(struct text_span a, struct text_span b)
{
	if (a.len >= 8 && b.len >= 8) { /* decides nearly always */
		uint64_t x;
		uint64_t y;
		memcpy(&x, a.at, sizeof x);
		memcpy(&y, b.at, sizeof y);
		if (x != y)
			return be64toh(x) < be64toh(y) ? -1 : 1;
	}
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* In the order of text_span_compare(). */
void text_spans_sort(struct text_span *spans, size_t count);
