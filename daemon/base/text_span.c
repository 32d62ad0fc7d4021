/* SPDX-License-Identifier: Apache-2.0 */
/* text_span.c: see text_span.h. */
#include "base/text_span.h"

#define SORTED_BY_GAPS_MAX 2048 /* beyond it qsort(), whose time is bounded whatever somebody sends */

static int compare_spans(const void *a, const void *b)
{
	const struct text_span *x = a;
	const struct text_span *y = b;
	return text_span_compare(*x, *y);
}

static bool is_sorted(const struct text_span *spans, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (text_span_compare(spans[i - 1], spans[i]) > 0)
			return false;
	return true;
}

static void insert_by_gap(struct text_span *spans, size_t count, size_t gap)
{
	for (size_t i = gap; i < count; i++) {
		struct text_span moved = spans[i];
		size_t to = i;
		for (; to >= gap && text_span_compare(spans[to - gap], moved) > 0; to -= gap)
			spans[to] = spans[to - gap];
		spans[to] = moved;
	}
}

/* Registries write much in order, and lists are short: a dozen dependencies, two features. */
void text_spans_sort(struct text_span *spans, size_t count)
{
	static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1}; /* Ciura, 2001 */

	if (is_sorted(spans, count))
		return;
	if (count > SORTED_BY_GAPS_MAX) {
		qsort(spans, count, sizeof *spans, compare_spans);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
		if (gaps[i] < count)
			insert_by_gap(spans, count, gaps[i]);
}
