/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements: the table that the `semver` crate agreed to, and what is said of one that is none. */
#include "model/requirement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TABLE_ROWS 233

static const char *answer(const char *requirement_text, const char *version_text)
{
	struct requirement requirement;
	struct semver version;
	struct err err;

	assert_int_equal(semver_parse(version_text, &version, &err), 0);
	if (requirement_parse(requirement_text, &requirement, &err) < 0)
		return "badreq";
	return requirement_matches(&requirement, &version) ? "yes" : "no";
}

static void the_table_holds(void **state)
{
	(void)state;
	FILE *table = fopen(TESTS_DIR "/data/semver-requirements.tsv", "re");
	char line[1024];
	unsigned n = 0;

	assert_non_null(table);
	while (fgets(line, sizeof line, table)) {
		if (*line == '#')
			continue;
		char *version = strchr(line, '\t');
		assert_non_null(version);
		*version++ = '\0';
		char *expected = strchr(version, '\t');
		assert_non_null(expected);
		*expected++ = '\0';
		expected[strcspn(expected, "\n")] = '\0';
		if (strcmp(answer(line, version), expected) != 0)
			fail_msg("'%s' of %s: %s is expected", line, version, expected);
		n++;
	}
	assert_int_equal(fclose(table), 0);
	assert_int_equal(n, TABLE_ROWS);
}

static void corners_that_the_table_has_not(void **state)
{
	(void)state;
	static const struct {
		const char *requirement, *version, *expected;
	} rows[] = {
		{"~1, >=1.2.3-alpha", "1.2.3-beta", "no"}, /* without a patch `~` means a release */
		{"^1, >=1.2.3-alpha", "1.2.3-beta", "yes"},
		{"1.*, >=1.2.3-alpha", "1.2.3-beta", "no"},
		{">=1.2.3+build", "1.2.3", "yes"},
		{"=1.2.3", "1.2.3+build", "yes"},
		{"  ^  1.2  ,  <  1.9  ", "1.8.0", "yes"},
		{"X", "1.0.0", "yes"},
		{"x ", "1.0.0", "yes"},
		{"=1.x.X", "1.5.0", "yes"},
		{">1.*", "1.5.0", "no"},
		{">1.*", "2.0.0", "yes"},
		{"1.*.0", "1.5.0", "badreq"},
		{"1.\t2", "1.2.0", "badreq"},
		{"1.2.3.4", "1.2.3", "badreq"},
		{"1.2-pre", "1.2.3", "badreq"},
		{"01", "1.0.0", "badreq"},
		{"18446744073709551616", "1.0.0", "badreq"},
		{">=18446744073709551615", "18446744073709551615.0.0", "yes"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(answer(rows[i].requirement, rows[i].version), rows[i].expected);
}

static void what_is_none_is_told_by_its_character(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"", "character 1: the major number is missing"},
		{"^1.2, ", "character 7: the major number is missing"},
		{"1 || 2", "character 3: a ',' or the end is missing"},
		{"1.*.2", "character 5: only a wildcard may follow a wildcard"},
		{"1, *", "character 4: a wildcard stands alone, or behind a number and a dot"},
		{"1.2.03", "character 5: the patch number has a leading zero"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct requirement requirement;
		struct err err = {0};
		assert_int_equal(requirement_parse(rows[i].text, &requirement, &err), ERR_BAD);
		assert_string_equal(err.text, rows[i].error);
	}
}

static void thirty_two_comparators_are_the_most(void **state)
{
	(void)state;
	char text[3 * (REQUIREMENT_COMPARATORS_MAX + 1) + 1];
	char *end = text;
	struct requirement requirement;
	struct err err;

	for (unsigned i = 0; i < REQUIREMENT_COMPARATORS_MAX; i++)
		end += sprintf(end, i ? ",>0" : ">0");
	assert_int_equal(requirement_parse(text, &requirement, &err), 0);
	assert_int_equal(requirement.count, REQUIREMENT_COMPARATORS_MAX);
	sprintf(end, ",>0");
	assert_int_equal(requirement_parse(text, &requirement, &err), ERR_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_holds),
		cmocka_unit_test(corners_that_the_table_has_not),
		cmocka_unit_test(what_is_none_is_told_by_its_character),
		cmocka_unit_test(thirty_two_comparators_are_the_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
