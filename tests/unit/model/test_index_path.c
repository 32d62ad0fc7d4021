/* SPDX-License-Identifier: Apache-2.0 */
/* Where a sparse index keeps a crate's file, for names of every length. */
#include "model/index_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void path_follows_the_cargo_book(void **state)
{
	(void)state;
	static const struct {
		const char *name, *path;
	} rows[] = {
		{"a", "1/a"},
		{"Z", "1/z"},
		{"ab", "2/ab"},
		{"A_", "2/a_"},
		{"abc", "3/a/abc"},
		{"SYN", "3/s/syn"},
		{"cargo", "ca/rg/cargo"},
		{"serde_json", "se/rd/serde_json"},
		{"serde-json", "se/rd/serde-json"}, /* another crate's file, never folded */
		{"a-_b", "a-/_b/a-_b"},
		{"OpenSSL-Sys", "op/en/openssl-sys"},
		{"0123", "01/23/0123"},
	};
	char buf[INDEX_PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(index_path(rows[i].name, buf), rows[i].path);
}

static void a_name_of_any_length_has_its_path(void **state)
{
	(void)state;
	char name[CRATE_NAME_MAX + 1] = "";

	for (size_t len = 1; len <= CRATE_NAME_MAX; len++) {
		char buf[INDEX_PATH_MAX];
		name[len - 1] = (char)('A' + len % 26);
		assert_true(crate_name_valid(name));
		index_path(name, buf);
		const char *file = strrchr(buf, '/') + 1;
		assert_int_equal(strcasecmp(file, name), 0);
		assert_int_equal(strspn(buf, "abcdefghijklmnopqrstuvwxyz123/"), strlen(buf));
		assert_int_equal(file - buf, len < 3 ? 2 : len == 3 ? 4 : 6);
	}
}

static void names_are_what_a_url_takes_as_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool valid;
	} rows[] = {
		{"a", true},
		{"serde_json", true},
		{"-", true},
		{"0", true},
		{"Az09-_", true},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", true},
		{"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm", false},
		{"", false},
		{"a b", false},
		{"a/b", false},
		{"..", false},
		{"a.b", false},
		{"a\n", false},
		{"a%2f", false},
		{"gr\xc3\xbc", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(crate_name_valid(rows[i].name), rows[i].valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_follows_the_cargo_book),
		cmocka_unit_test(a_name_of_any_length_has_its_path),
		cmocka_unit_test(names_are_what_a_url_takes_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
