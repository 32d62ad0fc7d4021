/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what the strict reader refuses, and the exact bytes that the writer makes. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Parses a heap copy of exactly `len` bytes, so that the sanitizer sees a read past the end. */
static int parse(const char *text, size_t len, cJSON **ret, struct err *err)
{
	OWNED_MEM char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return json_parse(copy, len, ret, err);
}

static void one_value_of_any_type_is_read(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"null",
		"true",
		"-1.5e3",
		"0",
		"\"\"",
		"[]",
		"{}",
		" \t\r\n{ \"a\" : [ 1 , 2 ] } \t\r\n",
		"{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}", /* one key each, at its own depth */
		"\"gr\xc3\xbc\xc3\x9f \\u20ac \\ud83d\\ude00\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_JSON cJSON *value = NULL;
		struct err err = {0};
		assert_int_equal(parse(rows[i], strlen(rows[i]), &value, &err), 0);
		assert_non_null(value);
	}
}

static void what_is_not_one_value_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *said;
	} rows[] = {
		{"", "not JSON at byte 0"},
		{"   ", NULL},
		{"nope", "not JSON at byte 0"},
		{"\xef\xbb\xbf{}", "not JSON at byte 0"},
		{"[\"a\tb\"]", "not JSON at byte 1"},
		{"[\"\\u12G4\"]", "not JSON at byte 1"},
		{"[\"\\x\"]", "not JSON at byte 1"},
		{"[\"a\\u0000b\"]", "not JSON at byte 1"},
		{"[\x01]", "not JSON at byte 1"},
		{"[01]", "not JSON at byte 1"},
		{"[-01]", "not JSON at byte 1"},
		{"[1.]", "not JSON at byte 1"},
		{"[.5]", "not JSON at byte 1"},
		{"[1e]", "not JSON at byte 1"},
		{"[\"a", "not JSON at byte 1"},
		{"{", NULL},
		{"[1,", NULL},
		{"[1,]", NULL},
		{"{\"a\"}", NULL},
		{"{a:1}", NULL},
		{"{'a':1}", NULL},
		{"\"abc", NULL},
		{"\"\\x\"", NULL},
		{"\"\\ud83d\"", NULL},        /* half a surrogate pair */
		{"\"\\ude00\\ud83d\"", NULL}, /* the halves swapped */
		{"tru", NULL},
		{"NaN", NULL},
		{"// 1\n1", NULL},
		{"{}{}", "something follows the value at byte 2"},
		{"1 2", "something follows the value at byte 2"},
		{"{} 1", "something follows the value at byte 3"},
		{"[]]", "something follows the value at byte 2"},
		{"\"\xff\"", "not valid UTF-8"},
		{"\"\xed\xa0\x80\"", "not valid UTF-8"},
		{"\"\xc0\x80\"", "not valid UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cJSON *value = NULL;
		struct err err = {0};
		assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &value, &err), ERR_BAD);
		assert_null(value);
		if (rows[i].said)
			assert_string_equal(err.text, rows[i].said);
	}
}

static void a_nul_byte_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	char text[] = "{\"a\": \"b\"} ";

	for (size_t i = 0; i < sizeof text; i++) {
		char copy[sizeof text];
		cJSON *value = NULL;
		struct err err = {0};
		memcpy(copy, text, sizeof text);
		copy[i] = '\0';
		assert_int_equal(parse(copy, sizeof copy, &value, &err), ERR_BAD);
		assert_string_equal(err.text, "a NUL byte");
	}
}

static void duplicate_keys_are_refused_at_any_depth(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *said;
	} rows[] = {
		{"{\"a\":1,\"a\":1}", "duplicate key \"a\""},
		{"{\"a\":1,\"b\":2,\"c\":3,\"b\":4}", "duplicate key \"b\""},
		{"{\"x\":{\"a\":1,\"a\":2}}", "duplicate key \"a\""},
		{"[[{\"y\":[{\"a\":1,\"a\":2}]}]]", "duplicate key \"a\""},
		{"{\"\":1,\"\":2}", "duplicate key \"\""},
		{"{\"a\":1,\"\\u0061\":2}", "duplicate key \"a\""}, /* the same key, spelled otherwise */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cJSON *value = NULL;
		struct err err = {0};
		assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &value, &err), ERR_BAD);
		assert_null(value);
		assert_string_equal(err.text, rows[i].said);
	}
}

static void keys_differ_by_letter_case(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":1,\"A\":2}";
	OWNED_JSON cJSON *value = NULL;
	struct err err;

	assert_int_equal(parse(text, sizeof text - 1, &value, &err), 0);
	assert_int_equal(json_int(value, "a", 0), 1);
	assert_int_equal(json_int(value, "A", 0), 2);
}

/* `depth` lists or objects, one in the other. */
static void nest(struct strbuf *out, const char *open, const char *close, unsigned depth)
{
	strbuf_reset(out);
	for (unsigned i = 1; i < depth; i++)
		strbuf_adds(out, open);
	strbuf_adds(out, *open == '[' ? "[]" : "{}");
	for (unsigned i = 1; i < depth; i++)
		strbuf_adds(out, close);
}

static void depth_is_limited(void **state)
{
	(void)state;
	static const struct {
		const char *open, *close;
	} rows[] = {{"[", "]"}, {"{\"a\":", "}"}, {"[0,", "]"}};
	OWNED_STRBUF struct strbuf text = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (unsigned depth = 1; depth < JSON_DEPTH_MAX + 10; depth++) {
			OWNED_JSON cJSON *value = NULL;
			struct err err = {0};
			nest(&text, rows[i].open, rows[i].close, depth);
			int rc = parse(text.data, text.len, &value, &err);
			assert_int_equal(rc, depth <= JSON_DEPTH_MAX ? 0 : ERR_LIMIT);
			assert_int_equal(value != NULL, rc == 0);
		}
	}
}

static void an_endless_nesting_is_refused_without_harm(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf text = {0};
	cJSON *value = NULL;
	struct err err;

	for (size_t i = 0; i < 1000000; i++)
		strbuf_addc(&text, '[');
	assert_int_not_equal(parse(text.data, text.len, &value, &err), 0);
	assert_null(value);
}

static void a_cut_text_is_refused_at_every_byte(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[1,true,null,\"\\u20ac\\n\"],\"b\":{\"c\":-1.5e3}}";

	for (size_t len = 0; len < sizeof text - 1; len++) {
		cJSON *value = NULL;
		struct err err;
		assert_int_equal(parse(text, len, &value, &err), ERR_BAD);
	}
}

static void members_of_another_type_are_absent(void **state)
{
	(void)state;
	static const char text[] = "{\"s\":\"x\",\"t\":true,\"f\":false,\"n\":null,\"i\":42,\"d\":-2.75,"
				   "\"big\":9007199254740991,\"huge\":1e300,\"tiny\":-1e300}";
	OWNED_JSON cJSON *value = NULL;
	struct err err;

	assert_int_equal(parse(text, sizeof text - 1, &value, &err), 0);
	assert_string_equal(json_string(value, "s"), "x");
	assert_null(json_string(value, "i"));
	assert_null(json_string(value, "n"));
	assert_null(json_string(value, "S"));
	assert_true(json_bool(value, "t", false));
	assert_false(json_bool(value, "f", true));
	assert_true(json_bool(value, "n", true));
	assert_false(json_bool(value, "s", false));
	assert_int_equal(json_int(value, "i", -1), 42);
	assert_int_equal(json_int(value, "d", -1), -2);
	assert_int_equal(json_int(value, "s", -1), -1);
	assert_int_equal(json_int(value, "big", -1), -1); /* above what a double tells apart for sure */
	assert_int_equal(json_int(value, "huge", -1), -1);
	assert_int_equal(json_int(value, "tiny", 7), 7);
	assert_int_equal(json_int(value, "nothing", 7), 7);
	assert_null(json_member(value, "nothing"));
	assert_non_null(json_member(value, "n"));
}

static void members_of_what_is_no_object_are_absent(void **state)
{
	(void)state;
	static const char *const rows[] = {"[]", "[1,\"a\"]", "\"a\"", "null", "1"};

	assert_null(json_member(NULL, "a"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_JSON cJSON *value = NULL;
		struct err err;
		assert_int_equal(parse(rows[i], strlen(rows[i]), &value, &err), 0);
		assert_null(json_member(value, "a"));
		assert_null(json_string(value, "a"));
		assert_int_equal(json_int(value, "a", 5), 5);
	}
}

static void the_writer_puts_commas_and_keys(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	json_open(&w, NULL, '{');
	json_put_string(&w, "s", "x");
	json_put_string_or_null(&w, "n", NULL);
	json_put_string_or_null(&w, "m", "y");
	json_put_int(&w, "i", INT64_MIN);
	json_put_bool(&w, "t", true);
	json_put_null(&w, "z");
	json_put_time(&w, "at", 1795253400123);
	json_put_raw(&w, "r", "[1, 2]");
	json_open(&w, "list", '[');
	json_put_int(&w, NULL, 1);
	json_open(&w, NULL, '{');
	json_close(&w, '}');
	json_open(&w, NULL, '[');
	json_close(&w, ']');
	json_put_bool(&w, NULL, false);
	json_close(&w, ']');
	json_put_int(&w, "end", 0);
	json_close(&w, '}');
	assert_string_equal(strbuf_str(&out), "{\"s\":\"x\",\"n\":null,\"m\":\"y\",\"i\":-9223372036854775808,"
					      "\"t\":true,\"z\":null,\"at\":\"2026-11-21T09:30:00.123Z\",\"r\":[1, 2],"
					      "\"list\":[1,{},[],false],\"end\":0}");
}

static void the_writer_escapes_what_json_asks_and_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *expected;
	} rows[] = {
		{"", "\"\""},
		{"a/b'c", "\"a/b'c\""},
		{"\"\\", "\"\\\"\\\\\""},
		{"\b\f\n\r\t", "\"\\u0008\\u000c\\u000a\\u000d\\u0009\""},
		{"\x01\x1f\x7f ", "\"\\u0001\\u001f\\u007f \""},
		{"gr\xc3\xbc\xc3\x9f \xe2\x80\xae\xf0\x9f\x98\x80",
		 "\"gr\xc3\xbc\xc3\x9f \xe2\x80\xae\xf0\x9f\x98\x80\""},
		{"a\xff"
		 "b",
		 "\"a\xef\xbf\xbd"
		 "b\""},
		{"\xc3", "\"\xef\xbf\xbd\""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		struct json_writer w = {.out = &out};
		json_put_string(&w, NULL, rows[i].text);
		assert_string_equal(strbuf_str(&out), rows[i].expected);
	}
}

static void keys_are_escaped_too(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	json_put_null(&w, "a\"\n");
	assert_string_equal(strbuf_str(&out), "\"a\\\"\\u000a\":null");
}

static void random_text(unsigned *seed, char *text, size_t size)
{
	size_t len = (size_t)rand_r(seed) % size;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(1 + rand_r(seed) % (rand_r(seed) % 2 ? 127 : 255));
	text[len] = '\0';
}

static void whatever_is_written_is_read_back(void **state)
{
	(void)state;
	unsigned seed = 8259;
	char text[40];

	for (unsigned i = 0; i < 5000; i++) {
		OWNED_STRBUF struct strbuf out = {0};
		OWNED_JSON cJSON *value = NULL;
		struct json_writer w = {.out = &out};
		struct err err;
		random_text(&seed, text, sizeof text);
		json_open(&w, NULL, '{');
		json_put_string(&w, "t", text);
		json_close(&w, '}');
		assert_int_equal(parse(out.data, out.len, &value, &err), 0);
		if (strstr(json_string(value, "t"), "\xef\xbf\xbd") == NULL)
			assert_string_equal(json_string(value, "t"), text);
	}
}

static void the_writer_leaves_its_failure_to_the_buffer(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf out = {.limit = 8};
	struct json_writer w = {.out = &out};

	json_put_string(&w, NULL, "far too long");
	json_put_int(&w, NULL, 1);
	assert_true(strbuf_failed(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_of_any_type_is_read),
		cmocka_unit_test(what_is_not_one_value_is_refused),
		cmocka_unit_test(a_nul_byte_is_refused_wherever_it_stands),
		cmocka_unit_test(duplicate_keys_are_refused_at_any_depth),
		cmocka_unit_test(keys_differ_by_letter_case),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(an_endless_nesting_is_refused_without_harm),
		cmocka_unit_test(a_cut_text_is_refused_at_every_byte),
		cmocka_unit_test(members_of_another_type_are_absent),
		cmocka_unit_test(members_of_what_is_no_object_are_absent),
		cmocka_unit_test(the_writer_puts_commas_and_keys),
		cmocka_unit_test(the_writer_escapes_what_json_asks_and_no_more),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(whatever_is_written_is_read_back),
		cmocka_unit_test(the_writer_leaves_its_failure_to_the_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
