/* SPDX-License-Identifier: Apache-2.0 */
/* Spans of text: the order is memcmp()'s, the shorter one first, whatever their lengths. */
#include "base/text_span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SPANS_MAX 5000
#define TEXT_MAX 40

static int by_memcmp(struct text_span a, struct text_span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int sign(int order)
{
	return (order > 0) - (order < 0);
}

/* Few letters, the highest byte among them, so that many begin alike. */
static void make_spans(char (*texts)[TEXT_MAX], struct text_span *spans, size_t count, unsigned *random)
{
	static const char letters[] = {'a', 'b', '\0', '\xff'};

	for (size_t i = 0; i < count; i++) {
		spans[i] = (struct text_span){texts[i], (*random = *random * 1103515245 + 12345) >> 16 & 31};
		for (size_t at = 0; at < spans[i].len; at++)
			texts[i][at] = letters[(*random = *random * 1103515245 + 12345) >> 16 & (at < 9 ? 1 : 3)];
	}
}

static void spans_are_compared_as_memcmp_does(void **state)
{
	(void)state;
	static char texts[300][TEXT_MAX];
	struct text_span spans[300];
	unsigned random = 1;

	make_spans(texts, spans, ARRAY_LEN(spans), &random);
	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		for (size_t k = 0; k < ARRAY_LEN(spans); k++) {
			int order = by_memcmp(spans[i], spans[k]);
			assert_int_equal(sign(text_span_compare(spans[i], spans[k])), sign(order));
			assert_int_equal(text_span_same(spans[i], spans[k]), order == 0);
		}
	}
}

/* One byte of each length that differs, at each place. */
static void no_byte_is_left_out(void **state)
{
	(void)state;
	char a[TEXT_MAX] = "";
	char b[TEXT_MAX] = "";

	for (size_t len = 0; len < sizeof a; len++) {
		assert_true(bytes_same(a, b, len));
		for (size_t at = 0; at < len; at++) {
			b[at] = 1;
			assert_false(bytes_same(a, b, len));
			b[at] = 0;
		}
	}
}

static void what_is_sorted_is_in_order_and_all_there(void **state)
{
	(void)state;
	static const size_t counts[] = {0, 1, 2, 3, 10, 17, 100, 512, 513, SPANS_MAX};
	static char texts[SPANS_MAX][TEXT_MAX];
	static struct text_span spans[SPANS_MAX];
	static bool there[SPANS_MAX];
	unsigned random = 7;

	for (size_t n = 0; n < ARRAY_LEN(counts); n++) {
		make_spans(texts, spans, counts[n], &random);
		text_spans_sort(spans, counts[n]);
		memset(there, 0, sizeof there);
		for (size_t i = 0; i < counts[n]; i++) {
			size_t which = (size_t)(spans[i].at - texts[0]) / TEXT_MAX;
			assert_false(there[which]);
			there[which] = true;
			assert_true(i == 0 || by_memcmp(spans[i - 1], spans[i]) <= 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_compared_as_memcmp_does),
		cmocka_unit_test(no_byte_is_left_out),
		cmocka_unit_test(what_is_sorted_is_in_order_and_all_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
