/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the distance of two names, held against its plain definition. */
#include "model/near.h"

#include "model/index_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void distance_counts_single_edits(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned expected;
	} rows[] = {
		{"serde", "serde", 0},
		{"serde_json", "serde-json", 0},
		{"serde", "serd", 1},
		{"serde", "sserde", 1},
		{"serde", "serbe", 1},
		{"serde", "sedre", 1}, /* a swap is one edit */
		{"serde", "serde_", 1},
		{"serde", "sreed", 2},
		{"serde-json", "serdejson", 1},
		{"a-b", "_ab", 1}, /* a swap across the two dashes */
		{"tokio", "tkoi", 2},
		{"ab", "ba", 1},
		{"a", "b", 1},
		{"", "", 0},
		{"", "a", 1},
		{"", "ab", 2},
		{"Serde", "serde", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(near_distance(rows[i].a, rows[i].b), rows[i].expected);
		assert_int_equal(near_distance(rows[i].b, rows[i].a), rows[i].expected);
	}
}

static void what_is_far_is_only_known_to_be_far(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
	} rows[] = {{"serde", "tokio"}, {"serde", "se"}, {"", "abc"}, {"abc", "xyz"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(near_distance(rows[i].a, rows[i].b) > NEAR_DISTANCE_MAX);
}

static void names_of_the_greatest_length_have_room(void **state)
{
	(void)state;
	char a[CRATE_NAME_MAX + 2];
	char b[CRATE_NAME_MAX + 2];

	memset(a, 'a', sizeof a);
	memset(b, 'a', sizeof b);
	a[CRATE_NAME_MAX] = b[CRATE_NAME_MAX] = '\0';
	assert_int_equal(near_distance(a, b), 0);
	b[CRATE_NAME_MAX - 1] = 'b';
	assert_int_equal(near_distance(a, b), 1);
	a[CRATE_NAME_MAX] = 'a';
	a[CRATE_NAME_MAX + 1] = '\0';
	assert_true(near_distance(a, b) > NEAR_DISTANCE_MAX);
	assert_true(near_distance(b, a) > NEAR_DISTANCE_MAX);
}

/* The definition: optimal string alignment by recursion. */
static unsigned plain(const char *a, size_t n, const char *b, size_t m)
{
	if (n == 0 || m == 0)
		return (unsigned)(n + m);
	unsigned best = plain(a, n - 1, b, m) + 1;
	unsigned other = plain(a, n, b, m - 1) + 1;
	best = other < best ? other : best;
	other = plain(a, n - 1, b, m - 1) + (a[n - 1] != b[m - 1]);
	best = other < best ? other : best;
	if (n > 1 && m > 1 && a[n - 1] == b[m - 2] && a[n - 2] == b[m - 1]) {
		other = plain(a, n - 2, b, m - 2) + 1;
		best = other < best ? other : best;
	}
	return best;
}

static void random_name(unsigned *seed, char *name)
{
	size_t len = (size_t)rand_r(seed) % 7;

	for (size_t i = 0; i < len; i++)
		name[i] = (char)('a' + rand_r(seed) % 3);
	name[len] = '\0';
}

static void distance_agrees_with_its_definition(void **state)
{
	(void)state;
	unsigned seed = 3;
	char a[8] = "";
	char b[8] = "";

	for (unsigned i = 0; i < 3000; i++) {
		random_name(&seed, a);
		random_name(&seed, b);
		unsigned expected = plain(a, strlen(a), b, strlen(b));
		unsigned got = near_distance(a, b);
		if (expected <= NEAR_DISTANCE_MAX)
			assert_int_equal(got, expected);
		else
			assert_true(got > NEAR_DISTANCE_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_single_edits),
		cmocka_unit_test(what_is_far_is_only_known_to_be_far),
		cmocka_unit_test(names_of_the_greatest_length_have_room),
		cmocka_unit_test(distance_agrees_with_its_definition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
