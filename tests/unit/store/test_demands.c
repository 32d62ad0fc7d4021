/* SPDX-License-Identifier: Apache-2.0 */
/* What versions demand of others: wanted, filled from the crate's file, wanted again. */
#include "fixture.h"

#include "store/demands.h"

#define SUM "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LINE(vers, deps) \
	"{\"name\":\"demo\",\"vers\":\"" vers "\",\"deps\":[" deps "],\"cksum\":\"" SUM "\",\"features\":{}}\n"
#define DEP(name, req, more) "{\"name\":\"" name "\",\"req\":\"" req "\"" more "}"

static bool want(struct fixture *f, const char *version)
{
	struct err err = {0};
	bool is_new = false;

	ok(demands_want(f->db, f->crate, version, &is_new, &err));
	return is_new;
}

static bool are_wanted(struct fixture *f)
{
	struct err err = {0};
	bool wanted = false;

	ok(demands_are_wanted(f->db, f->crate, &wanted, &err));
	return wanted;
}

static void fill(struct fixture *f, const char *body)
{
	struct err err = {0};

	ok(demands_fill(f->db, f->crate, body, strlen(body), &err));
}

/* Its list; "wanted", or "none". */
static void check(struct fixture *f, const char *version, const char *expected)
{
	struct err err = {0};
	OWNED_JSON cJSON *list = NULL;
	bool wanted = true;

	ok(demands_load(f->db, f->crate, version, &list, &wanted, &err));
	OWNED_MEM char *text = list ? cJSON_PrintUnformatted(list) : strdup(wanted ? "wanted" : "none");
	assert_string_equal(text, expected);
}

static void a_version_is_wanted_once(void **state)
{
	struct fixture *f = *state;

	assert_false(are_wanted(f));
	check(f, "1.0.0", "none");
	assert_true(want(f, "1.0.0"));
	assert_false(want(f, "1.0.0"));
	assert_true(are_wanted(f));
	check(f, "1.0.0", "wanted");
	check(f, "1.0.1", "none");
	fill(f, LINE("1.0.0", ""));
	check(f, "1.0.0", "[]");
	assert_false(are_wanted(f));
	assert_false(want(f, "1.0.0"));
	assert_false(are_wanted(f));
}

static void the_files_lines_fill_what_is_wanted(void **state)
{
	static const char body[] = LINE("1.0.0", DEP("a", "^1", "")) "\r\n\n" LINE(
		"1.1.0", DEP("x", "^2", ",\"package\":\"b\",\"registry\":\"https://example.com/i\"") "," DEP(
				 "t", "*", ",\"kind\":\"dev\"")) "no JSON\n" LINE("1.0.0+b", DEP("a", "\\u003e=1", ""))
		LINE("1.0.0", DEP("second", "^9", "")) LINE("1.2.0", "1") LINE(
			"1.3.0\\u002bc",
			DEP("a", "~3", "")) "{\"name\":\"other\",\"vers\":\"1.4.0\",\"deps\":[],\"cksum\":\"" SUM
					    "\"}\n"
					    "{\"v\":3,\"name\":\"demo\",\"vers\":\"1.5.0\",\"deps\":[],\"cksum\":\"" SUM
					    "\"}\n" LINE("1.6.0", DEP("last", "^6", ""));
	static const char *const versions[] = {"1.6.0", "1.0.0", "1.1.0",   "1.0.0+b", "1.2.0",
					       "1.4.0", "1.5.0", "1.3.0+c", "9.9.9"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		assert_true(want(f, versions[i]));
	fill(f, body);
	assert_false(are_wanted(f));
	check(f, "1.0.0", "[[\"a\",\"^1\"]]"); /* of two lines the first */
	check(f, "1.1.0", "[[\"b\",\"^2\",\"https://example.com/i\"]]");
	check(f, "1.0.0+b", "[[\"a\",\">=1\"]]");
	check(f, "1.3.0+c", "[[\"a\",\"~3\"]]");
	check(f, "1.6.0", "[[\"last\",\"^6\"]]");
	check(f, "1.2.0", "none"); /* cannot be read */
	check(f, "1.4.0", "none"); /* about another crate */
	check(f, "1.5.0", "none"); /* of a later format */
	check(f, "9.9.9", "none"); /* not there */
}

static void only_what_is_wanted_is_filled(void **state)
{
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");
	struct err err = {0};
	bool is_new;

	want(f, "1.0.0");
	ok(demands_want(f->db, other, "1.0.0", &is_new, &err));
	fill(f, LINE("1.0.0", DEP("a", "^1", "")) LINE("1.1.0", ""));
	assert_int_equal(number(f->db, "SELECT count(*) FROM demands"), 2);
	fill(f, LINE("1.0.0", DEP("b", "^1", "")));
	check(f, "1.0.0", "[[\"a\",\"^1\"]]");
	ok(demands_are_wanted(f->db, other, &is_new, &err));
	assert_true(is_new);
}

static void a_line_that_changes_is_wanted_again(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	ok(demands_changed(f->db, f->crate, "1.0.0", &err)); /* nobody cares */
	assert_false(are_wanted(f));
	want(f, "1.0.0");
	want(f, "1.1.0");
	fill(f, LINE("1.0.0", DEP("a", "^1", "")));
	check(f, "1.1.0", "none");
	ok(demands_changed(f->db, f->crate, "1.0.0", &err));
	check(f, "1.0.0", "wanted");
	ok(demands_changed(f->db, f->crate, "1.1.0", &err)); /* it has come after all */
	fill(f, LINE("1.0.0", DEP("a", "^2", "")) LINE("1.1.0", ""));
	check(f, "1.0.0", "[[\"a\",\"^2\"]]");
	check(f, "1.1.0", "[]");
}

static void of_a_crate_that_is_gone_nothing_is_to_be_had(void **state)
{
	struct fixture *f = *state;

	want(f, "1.0.0");
	fill(f, "");
	assert_false(are_wanted(f));
	check(f, "1.0.0", "none");
}

static void a_damaged_list_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	cJSON *list = NULL;
	bool wanted;

	want(f, "1.0.0");
	ok(db_script(f->db, "UPDATE demands SET list = '[['", &err));
	assert_int_equal(demands_load(f->db, f->crate, "1.0.0", &list, &wanted, &err), ERR_BAD);
	assert_null(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_version_is_wanted_once),
		store_test(the_files_lines_fill_what_is_wanted),
		store_test(only_what_is_wanted_is_filled),
		store_test(a_line_that_changes_is_wanted_again),
		store_test(of_a_crate_that_is_gone_nothing_is_to_be_had),
		store_test(a_damaged_list_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
