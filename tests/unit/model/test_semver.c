/* SPDX-License-Identifier: Apache-2.0 */
/* Versions: what is one, and their order. More in tests/integration/test_semver.py. */
#include "model/semver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct semver parsed(const char *text)
{
	struct semver version;
	struct err err;

	assert_int_equal(semver_parse(text, &version, &err), 0);
	return version;
}

static void a_version_has_its_parts(void **state)
{
	(void)state;
	struct semver version = parsed("1.22.18446744073709551615-rc.1-x+001.b");

	assert_int_equal(version.major, 1);
	assert_int_equal(version.minor, 22);
	assert_true(version.patch == UINT64_MAX);
	assert_true(text_span_same(version.pre, (struct text_span){.at = "rc.1-x", .len = 6}));
	assert_true(text_span_same(version.build, (struct text_span){.at = "001.b", .len = 5}));
	version = parsed("0.0.0");
	assert_int_equal(version.pre.len + version.build.len, 0);
}

static void what_is_none_is_told_by_its_character(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"", "character 1: the major number is missing"},
		{"v1.0.0", "character 1: the major number is missing"},
		{" 1.0.0", "character 1: the major number is missing"},
		{"1", "character 2: a '.' is missing: a version has three numbers"},
		{"1.0", "character 4: a '.' is missing: a version has three numbers"},
		{"1.x.0", "character 3: the minor number is missing"},
		{"1.02.0", "character 3: the minor number has a leading zero"},
		{"1.0.18446744073709551616", "character 5: the patch number does not fit in 64 bits"},
		{"1.0.0-", "character 7: an identifier of letters, digits or '-' is missing"},
		{"1.0.0-a..b", "character 9: an identifier of letters, digits or '-' is missing"},
		{"1.0.0-a.01", "character 9: a number of the pre-release has a leading zero"},
		{"1.0.0+", "character 7: an identifier of letters, digits or '-' is missing"},
		{"1.0.0+a+b", "character 8: this does not belong to a version"},
		{"1.0.0 ", "character 6: this does not belong to a version"},
		{"1.0.0-\xc3\xa4", "character 7: an identifier of letters, digits or '-' is missing"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct semver version;
		struct err err = {0};
		assert_int_equal(semver_parse(rows[i].text, &version, &err), ERR_BAD);
		assert_string_equal(err.text, rows[i].error);
	}
}

static void versions_stand_in_their_order(void **state)
{
	(void)state;
	static const char *const rising[] = {
		"0.0.0",
		"0.0.1",
		"0.1.0-0",
		"0.1.0",
		"1.0.0-0",
		"1.0.0-1",
		"1.0.0-9",
		"1.0.0-10",
		"1.0.0-99999999999999999999",
		"1.0.0-100000000000000000000",
		"1.0.0--",
		"1.0.0-A",
		"1.0.0-a",
		"1.0.0-a.1",
		"1.0.0-a.1.0",
		"1.0.0-a.b",
		"1.0.0-aa",
		"1.0.0-b+9",
		"1.0.0",
		"1.0.0+0",
		"1.0.0+00",
		"1.0.0+1",
		"1.0.0+01",
		"1.0.0+2",
		"1.0.0+10",
		"1.0.0+a",
		"1.0.0+a.0",
		"1.0.1-a",
		"1.0.1",
		"2.0.0",
		"10.0.0",
		"18446744073709551615.0.0",
	};

	for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
		for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
			struct semver a = parsed(rising[i]);
			struct semver b = parsed(rising[j]);
			int order = semver_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

static void alike_is_what_cargo_takes_for_each_other(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool alike;
	} rows[] = {
		{"1.0.0", "1.99.0", true}, {"1.0.0", "2.0.0", false},    {"0.1.0", "0.1.9", true},
		{"0.1.0", "0.2.0", false}, {"0.0.1", "0.0.1-pre", true}, {"0.0.1", "0.0.2", false},
		{"0.0.0", "0.0.1", false}, {"0.1.0", "1.1.0", false},    {"1.0.0-a", "1.5.0+b", true},
		{"0.0.3", "0.1.3", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct semver a = parsed(rows[i].a);
		struct semver b = parsed(rows[i].b);
		assert_int_equal(semver_is_alike(&a, &b), rows[i].alike);
		assert_int_equal(semver_is_alike(&b, &a), rows[i].alike);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_version_has_its_parts),
		cmocka_unit_test(what_is_none_is_told_by_its_character),
		cmocka_unit_test(versions_stand_in_their_order),
		cmocka_unit_test(alike_is_what_cargo_takes_for_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
