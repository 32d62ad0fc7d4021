/* SPDX-License-Identifier: Apache-2.0 */
/* TOML: what is in it, on which line, and what is said of a text that is none or would cost too much. */
#include "base/strbuf.h"
#include "base/toml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct toml_doc *parse(const char *text)
{
	struct toml_doc *doc;
	struct err err;

	if (toml_parse(text, strlen(text), &doc, &err))
		fail_msg("%s", err.text);
	return doc;
}

static void values_are_found_with_their_lines(void **state)
{
	(void)state;
	OWNED_TOML struct toml_doc *doc = parse("version = 4\n"
						"\n"
						"[[package]]\n"
						"name = \"demo\"\n"
						"list = [\n"
						"  \"one\",\n"
						"  \"two\",\n"
						"]\n"
						"[a.\"b.c\"]\n"
						"yes = true\n");
	const struct toml_node *root = toml_root(doc);
	const struct toml_node *package = toml_item(toml_get(root, "package"), 0);
	const struct toml_node *list = toml_get(package, "list");
	int64_t version = 0;

	assert_true(toml_integer(toml_get(root, "version"), &version));
	assert_int_equal(version, 4);
	assert_int_equal(toml_line(toml_get(root, "version")), 1);
	assert_true(toml_is_table(package));
	assert_int_equal(toml_line(package), 3);
	assert_string_equal(toml_string(toml_get(package, "name")), "demo");
	assert_int_equal(toml_line(toml_get(package, "name")), 4);
	assert_int_equal(toml_count(list), 2);
	assert_string_equal(toml_string(toml_item(list, 1)), "two");
	assert_int_equal(toml_line(toml_item(list, 1)), 7);
	assert_true(toml_is_table(toml_get(toml_get(root, "a"), "b.c")));
}

static void what_is_not_there_is_nothing(void **state)
{
	(void)state;
	OWNED_TOML struct toml_doc *doc = parse("text = \"a\\u0000b\"\nnumber = 1\n");
	const struct toml_node *root = toml_root(doc);
	int64_t number;

	assert_null(toml_get(root, "none"));
	assert_null(toml_get(NULL, "none"));
	assert_null(toml_get(toml_get(root, "number"), "none"));
	assert_null(toml_string(toml_get(root, "number")));
	assert_null(toml_string(toml_get(root, "text"))); /* a C string cannot hold it */
	assert_null(toml_string(NULL));
	assert_false(toml_integer(toml_get(root, "text"), &number));
	assert_false(toml_integer(NULL, &number));
	assert_null(toml_item(root, 0));
	assert_null(toml_item(NULL, 0));
	assert_int_equal(toml_count(root), 0);
	assert_int_equal(toml_line(NULL), 0);
	assert_false(toml_is_table(NULL));
	assert_false(toml_is_list(root));
}

static int add_key(void *ctx, const char *key, const struct toml_node *value)
{
	strbuf_addf(ctx, "%s:%u ", key, toml_line(value));
	return strcmp(key, "stop") == 0 ? 7 : 0;
}

static void each_member_is_told_until_one_ends_it(void **state)
{
	(void)state;
	OWNED_TOML struct toml_doc *doc = parse("b = 1\na = 2\n\"x\\u0000y\" = 3\nstop = 4\nz = 5\n");
	OWNED_STRBUF struct strbuf keys = {0};

	assert_int_equal(toml_each(toml_root(doc), add_key, &keys), 7);
	assert_string_equal(strbuf_str(&keys), "a:2 b:1 stop:4 ");
	assert_int_equal(toml_each(toml_get(toml_root(doc), "a"), add_key, &keys), 0);
}

/* `count` times, the number of the round in place of "%u". */
static char *repeat(const char *fmt, unsigned count)
{
	struct strbuf text = {0};

	for (unsigned i = 0; i < count; i++) {
		const char *number = strstr(fmt, "%u");
		if (!number) {
			strbuf_adds(&text, fmt);
			continue;
		}
		strbuf_add(&text, fmt, (size_t)(number - fmt));
		strbuf_addf(&text, "%u%s", i, number + 2);
	}
	return strbuf_take(&text);
}

static void what_costs_too_much_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		unsigned count;
		const char *fault; /* NULL: it is read */
	} rows[] = {
		{"a.", TOML_LINE_DOTS_MAX, "line 1: no TOML"},
		{"a.", TOML_LINE_DOTS_MAX + 1, "line 1: more than 250 dots in one line"},
		{"[", 100000, "no TOML"},
		{"[a%u]\n", TOML_TABLES_MAX, NULL},
		{"[a%u]\n", TOML_TABLES_MAX + 1, "line 20001: more than 20000 different tables"},
		{" [[a]]\n", TOML_TABLES_MAX + 1, NULL},
		{"a%u.b = 1\n", TOML_DOTTED_MAX + 1, "line 20001: more than 20000 different tables"},
		{"\"'\\\"\".b%u = 1\n", TOML_DOTTED_MAX + 1, "line 20001: more than 20000 different tables"},
		{"b%u = \"1.2.3\" # .\n", TOML_DOTTED_MAX + 1, NULL},
		{"b%u = '1.2.3'\n", TOML_DOTTED_MAX + 1, NULL},
		{",,,,,,,,\n", TOML_VALUES_MAX / 8 + 1, "line 125001: more than 1000000 values"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *text = repeat(rows[i].what, rows[i].count);
		OWNED_TOML struct toml_doc *doc = NULL;
		struct err err = {0};
		int rc = toml_parse(text, strlen(text), &doc, &err);
		if (rows[i].fault ? strncmp(err.text, rows[i].fault, strlen(rows[i].fault)) != 0 : rc != 0)
			fail_msg("row %zu: %d %s", i, rc, err.text);
	}
}

static void what_is_none_is_told_with_its_line(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{"a = 1\na = 2\n", "line 2: no TOML: "}, {"a = \"\n", "line 1: no TOML: "},
		{"\n\n= 1\n", "line 3: no TOML: "},      {"[!]\n", "no TOML, and its parser cannot say where"},
		{"a = \x1b[2J\n", "line 1: no TOML: "},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct toml_doc *doc = NULL;
		struct err err = {0};
		assert_int_equal(toml_parse(rows[i][0], strlen(rows[i][0]), &doc, &err), ERR_BAD);
		assert_null(doc);
		if (strncmp(err.text, rows[i][1], strlen(rows[i][1])) != 0 || strchr(err.text, '\x1b'))
			fail_msg("row %zu: %s", i, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_with_their_lines),
		cmocka_unit_test(what_is_not_there_is_nothing),
		cmocka_unit_test(each_member_is_told_until_one_ends_it),
		cmocka_unit_test(what_costs_too_much_is_refused),
		cmocka_unit_test(what_is_none_is_told_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
