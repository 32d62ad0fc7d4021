/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in one pass: which nodes a text becomes, and that cJSON sees the same. What is
 * refused stands in test_json.c, since json_parse() leaves that to the scan.
 */
#include "base/json_scan.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#define OWNED_SCAN OWNED(json_scan_release)

/* From a heap copy of exactly `len` bytes, so that the sanitizer sees a read past the end. The
 * nodes point into it: the caller frees *ret_copy. */
static int scan_copy(struct json_scan *scan, const char *text, size_t len, char **ret_copy, struct err *err)
{
	*ret_copy = malloc(len ? len : 1);
	assert_non_null(*ret_copy);
	memcpy(*ret_copy, text, len);
	return json_scan(scan, *ret_copy, len, err);
}

static bool node_is(const struct json_node *string, const char *text)
{
	return string->len == strlen(text) && memcmp(string->at, text, string->len) == 0;
}

/* n, f, t, a number's text, 'string', [1 2], {'key' value}, #bytes of what is known: with the spans left out. */
static void write_value(struct strbuf *out, const struct json_node *node)
{
	switch (node->type) {
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
	case JSON_NUMBER:
		strbuf_add(out, node->at, node->len);
		break;
	case JSON_STRING:
		strbuf_addf(out, "'%.*s'", (int)node->len, node->at);
		break;
	case JSON_LIST:
		strbuf_addc(out, '[');
		json_for_each (item, node) {
			write_value(out, item);
			strbuf_addc(out, ' ');
		}
		strbuf_addc(out, ']');
		break;
	case JSON_OBJECT:
		strbuf_addc(out, '{');
		json_for_each (key, node) {
			strbuf_addf(out, "'%.*s'=", (int)key->len, key->at);
			if (key->type == JSON_KNOWN)
				strbuf_addc(out, '#');
			else
				write_value(out, json_value_of(key));
			strbuf_addc(out, ' ');
		}
		strbuf_addc(out, '}');
		break;
	case JSON_KNOWN:
		strbuf_addf(out, "#%u", node->len);
		break;
	}
}

static void a_text_becomes_its_nodes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *nodes;
		size_t count;
	} rows[] = {
		{"null", "null", 1},
		{" true ", "true", 1},
		{"-1.5e+3", "-1.5e+3", 1},
		{"\"\"", "''", 1},
		{"[]", "[]", 1},
		{"{}", "{}", 1},
		{"[1,[],[2,[3]],{}]", "[1 [] [2 [3 ] ] {} ]", 8},
		{"{\"a\":{\"b\":[true,false]},\"c\":null}", "{'a'={'b'=[true false ] } 'c'=null }", 9},
		{" [ \"a\" , { \"b\" : 1 } ] ", "['a' {'b'=1 } ]", 5},
		{"\"sixteen bytes and a few more, without any escape\"",
		 "'sixteen bytes and a few more, without any escape'", 1},
		{"\"1234567\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'1234567\"\\/\b\f\n\r\t'", 1},
		{"[\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\",\"z\"]", "['A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80' 'z' ]",
		 3},
		{"[\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"]", "['\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf' ]", 2},
		{"[\"\\ud800\\udc00\",\"\\udbff\\udfff\"]", "['\xf0\x90\x80\x80' '\xf4\x8f\xbf\xbf' ]", 3},
		{"{\"gr\xc3\xbc\xc3\x9f\":\"\\n\"}", "{'gr\xc3\xbc\xc3\x9f'='\n' }", 3},
	};
	OWNED_SCAN struct json_scan scan = {0}; /* one for all */

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf nodes = {0};
		OWNED_MEM char *copy = NULL;
		struct err err = {0};
		assert_int_equal(scan_copy(&scan, rows[i].text, strlen(rows[i].text), &copy, &err), 0);
		write_value(&nodes, scan.nodes);
		assert_string_equal(strbuf_str(&nodes), rows[i].nodes);
		assert_int_equal(scan.count, rows[i].count);
		assert_int_equal(scan.nodes->span, rows[i].count);
	}
}

/* A byte that ends the plain run is found at any place of the eight that are looked at together. */
static void an_odd_byte_is_seen_wherever_it_stands(void **state)
{
	(void)state;
	static const struct {
		const char *odd;
		int rc;
	} rows[] = {{"\x01", ERR_BAD}, {"\x1f", ERR_BAD}, {"\x80", ERR_BAD}, {"\xff", ERR_BAD}, {"\\n", 0},
		    {"\\q", ERR_BAD},  {"\xc3\xa9", 0},   {" ", 0},          {"!", 0},          {"#", 0},
		    {"[", 0},          {"]", 0},          {"\x7f", 0},       {"\"", ERR_BAD}};
	OWNED_SCAN struct json_scan scan = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int before = 0; before < 20; before++) {
			OWNED_STRBUF struct strbuf text = {0};
			OWNED_MEM char *copy = NULL;
			struct err err = {0};
			strbuf_addf(&text, "\"%.*s%s%.*s\"", before, "abcdefghijklmnopqrst", rows[i].odd, 19 - before,
				    "ABCDEFGHIJKLMNOPQRST");
			int rc = scan_copy(&scan, text.data, text.len, &copy, &err);
			assert_int_equal(rc, rows[i].rc);
		}
	}
}

static void lists_and_objects_have_their_whole_text(void **state)
{
	(void)state;
	static const char text[] = " { \"a\" : [ 1, [] ] , \"b\":{} } ";
	OWNED_SCAN struct json_scan scan = {0};
	struct err err;

	assert_int_equal(json_scan(&scan, text, strlen(text), &err), 0);
	const struct json_node *list = json_value_of(scan.nodes + 1);
	assert_int_equal(scan.nodes->len, strlen(text) - 2);
	assert_int_equal(list->len, strlen("[ 1, [] ]"));
	assert_memory_equal(list->at, "[ 1, [] ]", list->len);
}

static void a_known_member_is_not_looked_into(void **state)
{
	(void)state;
	static const struct text_span items[] = {{"{}", 2}, {"[1]", 3}, {"[2]", 3}};
	static const struct text_span members[] = {{"\"x\":[]", 6}, {"\"yy\": {}", 8}};
	static const struct json_known known[] = {
		{.key = {"a", 1}, .value = {"[1,2]", 5}},
		{.key = {"b", 1}, .value = {"{\"x\":[]}", 8}},
		{.key = {"none", 4}},
		{.key = {"l", 1}, .value = {"[{},[1],[2]]", 12}, .items = items, .n_items = 3},
		{.key = {"m", 1}, .value = {"{\"x\":[],\"yy\": {}}", 17}, .items = members, .n_items = 2},
	};
	static const struct {
		const char *text, *nodes; /* NULL: refused */
	} rows[] = {
		{"{\"a\":[1,2]}", "{'a'=#5 }"},
		{"{ \"b\" : {\"x\":[]} , \"a\" : [1,2] }", "{'b'=#8 'a'=#5 }"},
		{"{\"\\u0061\":[1,2]}", "{'a'=#5 }"},
		{"{\"b\":[1,2]}", "{'b'=[1 2 ] }"}, /* another member */
		{"{\"aa\":[1,2]}", "{'aa'=[1 2 ] }"},
		{"{\"a\":[1, 2]}", "{'a'=[1 2 ] }"}, /* not byte for byte */
		{"{\"a\":[1,2,3]}", "{'a'=[1 2 3 ] }"},
		{"[{\"a\":[1,2]}]", "[{'a'=[1 2 ] } ]"}, /* not the outermost object */
		{"{\"c\":{\"a\":[1,2]}}", "{'c'={'a'=[1 2 ] } }"},
		{"{\"none\":[]}", "{'none'=[] }"},
		{"{\"l\":[{},[1],[2]]}", "{'l'=#12 }"},
		{"{\"l\":[{}, [1] ]}", "{'l'=[#2 #3 ] }"},
		{"{\"l\":[[2]]}", "{'l'=[#3 ] }"},
		{"{\"l\":[3,{},{\"y\":1},[1],7,[2],[2]]}", "{'l'=[3 #2 {'y'=1 } #3 7 #3 [2 ] ] }"},
		{"{\"l\":[[2],[1],{}]}", "{'l'=[#3 [1 ] {} ] }"}, /* in their order alone */
		{"{\"l\":[[[1]]]}", "{'l'=[[[1 ] ] ] }"},
		{"{\"m\":{\"x\":[],\"yy\": {}}}", "{'m'=#17 }"},
		{"{\"m\":{\"x\":[] , \"z\":1,\"yy\": {}}}", "{'m'={'x'=# 'z'=1 'yy'=# } }"},
		{"{\"m\":{\"yy\": {},\"x\":[]}}", "{'m'={'yy'=# 'x'=[] } }"},
		{"{\"m\":{\"yy\":{},\"x\":[]}}", "{'m'={'yy'={} 'x'=# } }"},
		{"{\"m\":[\"x\"]}", "{'m'=['x' ] }"},
		{"{\"m\":[\"x\":[]]}", NULL}, /* no member of a list */
		{"{\"l\":{{}}}", NULL},
		{"{\"m\":{\"x\":[],\"x\":1}}", NULL}, /* twice, one of them known */
		{"{\"m\":{\"yy\":1,\"x\":[],\"yy\": {}}}", NULL},
		{"{\"m\":{\"b\":1,\"x\":[],\"b\":1}}", NULL},
		{"{\"m\":{\"x\":[]1}}", NULL},
		{"{\"m\":{\"x\":[],}}", NULL},
		{"{\"m\":{\"x\":[]", NULL},
		{"{\"l\":[{}", NULL},
		{"{\"l\":[{}[1]]}", NULL},
		{"{\"l\":[{},]}", NULL},
		{"{\"a\":[1,2]", NULL},
		{"{\"a\":[1,2", NULL},
		{"{\"a\":[1,2]]}", NULL},
		{"{\"a\":[1,2]1}", NULL},
		{"{\"a\":[1,2],\"a\":[1,2]}", NULL},
	};
	OWNED_SCAN struct json_scan scan = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf nodes = {0};
		size_t len = strlen(rows[i].text);
		struct err err = {0};
		OWNED_MEM char *copy = malloc(len);
		memcpy(copy, rows[i].text, len);
		int rc = json_scan_after(&scan, copy, len, known, ARRAY_LEN(known), &err);
		assert_int_equal(rc, rows[i].nodes ? 0 : ERR_BAD);
		if (rc)
			continue;
		write_value(&nodes, scan.nodes);
		assert_string_equal(strbuf_str(&nodes), rows[i].nodes);
	}
}

static void numbers_have_their_value_however_long(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		double value;
	} rows[] = {
		{"[0]", 0},
		{"[-25.5e1]", -255},
		{"[2E+2 ]", 200},
		{"{\"v\":2}", 2},
		{"[3.0000000000000000000000000000000000000000000000000000000000000000000000000000000000]", 3},
	};
	OWNED_SCAN struct json_scan scan = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *copy = NULL;
		struct err err = {0};
		assert_int_equal(scan_copy(&scan, rows[i].text, strlen(rows[i].text), &copy, &err), 0);
		assert_true(json_node_number(&scan.nodes[scan.count - 1]) == rows[i].value);
	}
}

/* A key twice: among few, among many, in order and out of it, the first and the last. */
static void a_key_twice_is_found_in_objects_of_any_size(void **state)
{
	(void)state;
	OWNED_SCAN struct json_scan scan = {0};

	for (int n = 2; n < 60; n++) {
		for (int step = 1; step < 8; step++) {
			for (int again = -1; again < n; again++) {
				OWNED_STRBUF struct strbuf text = {0};
				struct err err = {0};
				for (int i = 0; i < n; i++)
					strbuf_addf(&text, "%c\"k%02d\":%d", i ? ',' : '{', i * step % 61, i);
				if (again >= 0)
					strbuf_addf(&text, ",\"k%02d\":0", again * step % 61);
				strbuf_addc(&text, '}');
				int rc = json_scan(&scan, text.data, text.len, &err);
				assert_int_equal(rc, again >= 0 ? ERR_BAD : 0);
				if (rc)
					assert_memory_equal(err.text, "duplicate key", 13);
			}
		}
	}
}

static void compare_with_cjson(const struct json_node *node, const cJSON *value);

static void compare_children(const struct json_node *node, const cJSON *value)
{
	const cJSON *child = value->child;

	json_for_each (item, node) {
		assert_non_null(child);
		if (node->type == JSON_OBJECT)
			assert_true(node_is(item, child->string));
		compare_with_cjson(node->type == JSON_OBJECT ? json_value_of(item) : item, child);
		child = child->next;
	}
	assert_null(child);
}

static void compare_with_cjson(const struct json_node *node, const cJSON *value)
{
	static const int types[] = {
		[JSON_NULL] = cJSON_NULL,     [JSON_FALSE] = cJSON_False,   [JSON_TRUE] = cJSON_True,
		[JSON_NUMBER] = cJSON_Number, [JSON_STRING] = cJSON_String, [JSON_LIST] = cJSON_Array,
		[JSON_OBJECT] = cJSON_Object,
	};

	assert_int_equal(types[node->type], value->type & 0xff);
	if (node->type == JSON_NUMBER)
		assert_true(json_node_number(node) == value->valuedouble);
	if (node->type == JSON_STRING)
		assert_true(node_is(node, value->valuestring));
	compare_children(node, value);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Replaces bytes of the text by pieces that mean something to a reader of JSON. */
static size_t mangle(char *text, size_t len, size_t size, uint32_t *seed)
{
	static const char *const pieces[] = {
		"\"",      "\\", "{",  "}",   "[",       "]",   ",",    ":",    " ",    "null",
		"1",       "-0", "01", "2e3", "\\u00e9", "\\n", "true", "\x01", "\xff", "\\ud83d\\ude00",
		"\"a\":0,"};

	for (uint32_t edits = 1 + next_random(seed) % 3; edits > 0; edits--) {
		const char *piece = pieces[next_random(seed) % ARRAY_LEN(pieces)];
		size_t n = strlen(piece);
		size_t at = next_random(seed) % len;
		size_t gone = next_random(seed) % 3;
		if (at + gone > len || len + n - gone > size)
			continue;
		memmove(text + at + n, text + at + gone, len - at - gone);
		for (size_t i = 0; i < n; i++)
			text[at + i] = piece[i];
		len += n - gone;
	}
	return len;
}

static void whatever_is_taken_cjson_reads_the_same(void **state)
{
	(void)state;
	static const char text[] =
		"{\"name\":\"demo\",\"deps\":[{\"req\":\"^1\",\"f\":[\"x\",\"\\u0079\"],\"o\":false}],"
		"\"n\":[-1.5e3,0,10],\"a\":{\"b\":null}}";
	OWNED_SCAN struct json_scan scan = {0};
	uint32_t seed = 2463534242;
	unsigned taken = 0;

	for (unsigned round = 0; round < 50000; round++) {
		char mangled[sizeof text + 64];
		OWNED_MEM char *copy = NULL;
		struct err err;
		memcpy(mangled, text, sizeof text);
		size_t len = mangle(mangled, sizeof text - 1, sizeof mangled, &seed);
		if (scan_copy(&scan, mangled, len, &copy, &err) != 0)
			continue;
		cJSON *value = cJSON_ParseWithLength(copy, len);
		assert_non_null(value);
		compare_with_cjson(scan.nodes, value);
		cJSON_Delete(value);
		taken++;
	}
	/* As many as cJSON takes that a check of tokens, keys and UTF-8 of its own lets through. */
	assert_int_equal(taken, 5056);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_becomes_its_nodes),
		cmocka_unit_test(an_odd_byte_is_seen_wherever_it_stands),
		cmocka_unit_test(lists_and_objects_have_their_whole_text),
		cmocka_unit_test(a_known_member_is_not_looked_into),
		cmocka_unit_test(numbers_have_their_value_however_long),
		cmocka_unit_test(a_key_twice_is_found_in_objects_of_any_size),
		cmocka_unit_test(whatever_is_taken_cjson_reads_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
