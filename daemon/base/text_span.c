/* SPDX-License-Identifier: Apache-2.0 */
/* text_span.c: see text_span.h. */
#include "base/text_span.h"

#define SORTED_BY_HAND_MAX 512 /* beyond it qsort(), whose time does not grow with the square */

static int compare_spans(const void *a, const void *b)
{
	const struct text_span *x = a;
	const struct text_span *y = b;
	return text_span_compare(*x, *y);
}

/* How many of the spans, which are in order, come before the one or are the same. */
static size_t place_of(const struct text_span *spans, size_t count, struct text_span one)
{
	size_t from = 0;

	while (from < count) {
		size_t middle = (from + count) / 2;
		if (text_span_compare(spans[middle], one) > 0)
			count = middle;
		else
			from = middle + 1;
	}
	return from;
}

/* Registries write much in order, and most lists are short: a dozen dependencies, two features. */
void text_spans_sort(struct text_span *spans, size_t count)
{
	if (count > SORTED_BY_HAND_MAX) {
		qsort(spans, count, sizeof *spans, compare_spans);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct text_span moved = spans[i];
		if (text_span_compare(spans[i - 1], moved) <= 0)
			continue;
		size_t to = place_of(spans, i, moved);
		memmove(&spans[to + 1], &spans[to], (i - to) * sizeof moved);
		spans[to] = moved;
	}
}
