/* SPDX-License-Identifier: Apache-2.0 */
/* What a web API says of yanks: as crates.io says it, and as somebody would who means harm. */
#include "model/reason.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROW(members) "{\"versions\":[{\"num\":\"1.0.0\",\"yanked\":true," members "}]}"
#define ACTIONS(items) ROW("\"audit_actions\":[" items "]")
#define AT(second) "\"time\":\"2026-11-21T09:30:0" second ".123456+00:00\""
#define SECOND_MS INT64_C(1795253400123) /* of AT("0") */

static int read_text(const char *json, struct reason_answer *answer)
{
	struct err err;

	*answer = (struct reason_answer){0};
	return reason_answer_read(json, strlen(json), answer, &err);
}

static struct reason_answer read_good(const char *json)
{
	struct reason_answer answer;

	assert_int_equal(read_text(json, &answer), 0);
	return answer;
}

static void an_answer_of_crates_io_is_read(void **state)
{
	(void)state;
	struct reason_answer answer =
		read_good("{\"versions\":[{\"id\":1,\"crate\":\"demo\",\"num\":\"1.0.1+b\",\"yanked\":true,"
			  "\"yank_message\":\"broken \\\"build\\\"\",\"features\":{\"a\":[\"b\"]},\"audit_actions\":["
			  "{\"action\":\"publish\",\"user\":{\"id\":7,\"login\":\"octavia\",\"name\":null}," AT(
				  "1") "},"
				       "{\"action\":\"yank\",\"user\":{\"login\":\"mallory\"}," AT(
					       "2") "}]},"
						    "{\"num\":\"1.0.0\",\"yanked\":false,\"yank_message\":null,\"audit_"
						    "actions\":[]}],"
						    "\"meta\":{\"total\":2,\"next_page\":null}}");

	assert_int_equal(answer.n, 2);
	const struct reason_version *version = reason_answer_find(&answer, "1.0.1+b");
	assert_non_null(version);
	assert_true(version->yanked);
	assert_string_equal(version->said.text, "broken \"build\"");
	assert_false(version->said.cut);
	assert_int_equal(version->n_actions, 2);
	assert_int_equal(version->actions[1].act, REASON_YANK);
	assert_string_equal(version->actions[1].by, "mallory");
	assert_int_equal(version->actions[1].at_ms, SECOND_MS + 2000);
	version = reason_answer_find(&answer, "1.0.0");
	assert_non_null(version);
	assert_false(version->yanked);
	assert_null(version->said.text);
	assert_null(reason_answer_find(&answer, "2.0.0"));
	reason_answer_release(&answer);
}

/* What is left out is not there: nothing is concluded from it. */
static void what_has_a_wrong_type_is_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		int rc;
		size_t versions;
	} rows[] = {
		{"{\"versions\":[]}", 0, 0},
		{ROW("\"x\":1"), 0, 1},
		{ROW("\"yank_message\":7"), 0, 0},
		{ROW("\"yank_message\":{\"a\":1}"), 0, 0},
		{ROW("\"audit_actions\":\"none\""), 0, 0},
		{"{\"versions\":[{\"yanked\":true}]}", 0, 0},
		{"{\"versions\":[{\"num\":\"\",\"yanked\":true}]}", 0, 0},
		{"{\"versions\":[{\"num\":1,\"yanked\":true}]}", 0, 0},
		{"{\"versions\":[{\"num\":\"1.0.0\",\"yanked\":\"true\"}]}", 0, 0},
		{"{\"versions\":[{\"num\":\"1.0.0\"}]}", 0, 0},
		{"{\"versions\":[null,[],7,\"1.0.0\",{\"num\":\"1.0.0\",\"yanked\":true}]}", 0, 1},
		{"{\"versions\":{}}", ERR_BAD, 0},
		{"{\"versions\":null}", ERR_BAD, 0},
		{"{\"errors\":[{\"detail\":\"no\"}]}", ERR_BAD, 0},
		{"[]", ERR_BAD, 0},
		{"null", ERR_BAD, 0},
		{"", ERR_BAD, 0},
		{"<html>", ERR_BAD, 0},
		{"{\"versions\":[]", ERR_BAD, 0},
		{"{\"versions\":[]}x", ERR_BAD, 0},
		{"{\"versions\":[],\"versions\":[]}", ERR_BAD, 0},
		{ROW("\"yank_message\":\"a\",\"yank_message\":\"b\""), ERR_BAD, 0},
		{ROW("\"yank_message\":\"\xff\""), ERR_BAD, 0},
		{ROW("\"yank_message\":\"\xc0\xaf\""), ERR_BAD, 0},
		{ROW("\"yank_message\":\"\\ud800\""), ERR_BAD, 0},
		{ROW("\"yank_message\":\"a\\u0000b\""), ERR_BAD, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reason_answer answer;
		print_message("%s\n", rows[i].json);
		assert_int_equal(read_text(rows[i].json, &answer), rows[i].rc);
		assert_int_equal(answer.n, rows[i].versions);
		reason_answer_release(&answer);
	}
}

static void an_empty_text_is_none(void **state)
{
	(void)state;
	static const char *const rows[] = {ROW("\"yank_message\":\"\""), ROW("\"yank_message\":null"), ROW("\"x\":1")};
	static const unsigned char nothing[REASON_DIGEST_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reason_answer answer = read_good(rows[i]);
		assert_null(answer.versions[0].said.text);
		assert_memory_equal(answer.versions[0].said.digest, nothing, sizeof nothing);
		reason_answer_release(&answer);
	}
}

static void the_first_row_of_a_version_counts(void **state)
{
	(void)state;
	struct reason_answer answer = read_good("{\"versions\":[{\"num\":\"2.0.0\",\"yanked\":true},"
						"{\"num\":\"1.0.0\",\"yanked\":true,\"yank_message\":\"first\"},"
						"{\"num\":\"1.0.0\",\"yanked\":false,\"yank_message\":\"second\"}]}");

	assert_int_equal(answer.n, 2);
	assert_string_equal(reason_answer_find(&answer, "1.0.0")->said.text, "first");
	reason_answer_release(&answer);
}

static void only_actions_that_are_whole_count(void **state)
{
	(void)state;
	char long_login[REASON_LOGIN_MAX + 200];
	struct reason_answer answer = read_good(ACTIONS("{\"action\":\"unyank\",\"user\":null," AT(
		"3") "},"
		     "{\"action\":\"delete\",\"user\":{\"login\":\"a\"}," AT(
			     "1") "},"
				  "{\"action\":\"yank\",\"user\":{\"login\":\"a\"},\"time\":\"yesterday\"},"
				  "{\"action\":\"yank\",\"user\":{\"login\":7}," AT(
					  "1") "},"
					       "{\"action\":\"yank\",\"user\":\"a\"," AT(
						       "1") "},"
							    "{\"action\":\"yank\",\"user\":{\"login\":\"\"}," AT(
								    "2") "},"
									 "[],null,"
									 "{\"action\":\"yank\",\"user\":{\"login\":"
									 "\"b\"}," AT(
										 "1") "},"
										      "{\"action\":\"publish\","
										      "\"user\":{\"login\":\"c\"}," AT(
											      "1") "}"));
	const struct reason_version *version = &answer.versions[0];

	assert_int_equal(version->n_actions, 4);
	assert_int_equal(version->actions[0].act, REASON_YANK); /* of one time as they stand */
	assert_string_equal(version->actions[0].by, "b");
	assert_string_equal(version->actions[1].by, "c");
	assert_null(version->actions[2].by);
	assert_int_equal(version->actions[3].act, REASON_UNYANK);
	assert_null(version->actions[3].by);
	reason_answer_release(&answer);

	for (int extra = 0; extra < 2; extra++) {
		(void)snprintf(long_login, sizeof long_login,
			       ACTIONS("{\"action\":\"yank\",\"user\":{\"login\":\"%0*d\"}," AT("1") "}"),
			       REASON_LOGIN_MAX + extra, 0);
		answer = read_good(long_login);
		assert_int_equal(answer.versions[0].actions[0].by == NULL, extra);
		reason_answer_release(&answer);
	}
}

/* A row's JSON with a text of `len` bytes, made of these. */
static char *with_text(const char *piece, size_t len)
{
	struct strbuf json = {0};
	size_t begin;

	strbuf_adds(&json, "{\"versions\":[{\"num\":\"1.0.0\",\"yanked\":true,\"yank_message\":\"");
	for (begin = json.len; json.len - begin + strlen(piece) <= len;)
		strbuf_adds(&json, piece);
	strbuf_adds(&json, "\"}]}");
	return strbuf_take(&json);
}

static void long_texts_are_cut_between_characters(void **state)
{
	(void)state;
	static const struct {
		const char *piece; /* as in JSON */
		size_t bytes, kept;
	} rows[] = {
		{"a", REASON_TEXT_MAX, REASON_TEXT_MAX},
		{"a", REASON_TEXT_MAX + 1, REASON_TEXT_MAX},
		{"a", 100000, REASON_TEXT_MAX},
		{"\xe2\x82\xac", 100000, REASON_TEXT_MAX - REASON_TEXT_MAX % 3}, /* the euro sign */
		{"\xf0\x9f\x92\xa9", 100000, REASON_TEXT_MAX},
		{"\\u001b\\r\\n\\u202e", 100000, REASON_TEXT_MAX - REASON_TEXT_MAX % 6},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_MEM char *json = with_text(rows[i].piece, rows[i].bytes);
		struct reason_answer answer = read_good(json);
		assert_int_equal(answer.versions[0].said.cut, rows[i].kept < rows[i].bytes);
		assert_in_range(strlen(answer.versions[0].said.text), rows[i].kept, rows[i].kept + 5);
		assert_true(strlen(answer.versions[0].said.text) <= REASON_TEXT_MAX);
		reason_answer_release(&answer);
	}
}

static void an_edit_behind_the_cut_is_seen(void **state)
{
	(void)state;
	OWNED_MEM char *one = with_text("a", 20000);
	OWNED_MEM char *other = with_text("a", 20000);
	other[strlen(other) - 5] = 'b';
	struct reason_answer a = read_good(one);
	struct reason_answer b = read_good(other);

	assert_string_equal(a.versions[0].said.text, b.versions[0].said.text);
	assert_memory_not_equal(a.versions[0].said.digest, b.versions[0].said.digest, REASON_DIGEST_SIZE);
	reason_answer_release(&a);
	reason_answer_release(&b);
}

static char *repeat(const char *before, const char *piece, size_t n, const char *after)
{
	struct strbuf json = {0};

	strbuf_adds(&json, before);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&json, "%s%s", i ? "," : "", piece);
	strbuf_adds(&json, after);
	return strbuf_take(&json);
}

static void what_is_huge_is_refused_or_cut(void **state)
{
	(void)state;
	struct reason_answer answer;
	OWNED_MEM char *rows = repeat("{\"versions\":[", "{}", REASON_ROWS_MAX, "]}");
	OWNED_MEM char *too_many = repeat("{\"versions\":[", "{}", REASON_ROWS_MAX + 1, "]}");
	OWNED_MEM char *numbers = repeat("{\"versions\":[{\"num\":\"1\",\"yanked\":true,\"x\":[", "0", 4000000, "]}]}");
	OWNED_MEM char *deep = repeat("{\"versions\":[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 1, "]}");
	OWNED_MEM char *actions = repeat("{\"versions\":[{\"num\":\"1\",\"yanked\":true,\"audit_actions\":[",
					 "{\"action\":\"yank\"," AT("1") "}", 50000, "]}]}");

	answer = read_good(rows);
	reason_answer_release(&answer);
	assert_int_equal(read_text(too_many, &answer), ERR_LIMIT);
	assert_int_equal(read_text(numbers, &answer), ERR_LIMIT);
	assert_int_equal(read_text(deep, &answer), ERR_LIMIT);
	reason_answer_release(&answer);
	answer = read_good(actions);
	assert_int_equal(answer.versions[0].n_actions, REASON_ACTIONS_MAX);
	reason_answer_release(&answer);
}

/* Every beginning of an answer, and every byte of it changed: an answer or an error, and nothing left behind. */
static void broken_answers_do_no_harm(void **state)
{
	(void)state;
	static const char whole[] = ACTIONS("{\"action\":\"yank\",\"user\":{\"login\":\"a\"}," AT("1") "}");
	static const char changes[] = {'\0', '"', '\\', '{', ']', '\xe2', '0'};
	struct reason_answer answer = {0};
	struct err err;

	for (size_t len = 0; len < sizeof whole - 1; len++)
		assert_int_equal(reason_answer_read(whole, len, &answer, &err), ERR_BAD);
	for (size_t i = 0; i < sizeof whole - 1; i++)
		for (size_t k = 0; k < sizeof changes; k++) {
			char broken[sizeof whole];
			memcpy(broken, whole, sizeof whole);
			broken[i] = changes[k];
			if (!reason_answer_read(broken, sizeof whole - 1, &answer, &err))
				reason_answer_release(&answer);
		}
}

static void owners_are_accounts(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		size_t n;
		int rc;
		bool has_teams;
	} rows[] = {
		{"{\"users\":[{\"login\":\"octavia\",\"kind\":\"user\",\"id\":1}]}", 1, 0, false},
		{"{\"users\":[{\"login\":\"Octavia\"}]}", 1, 0, false},
		{"{\"users\":[{\"login\":\"octavia\",\"kind\":null}]}", 1, 0, false},
		{"{\"users\":[{\"login\":\"octavia\"},{\"login\":\"github:a:b\",\"kind\":\"team\"}]}", 1, 0, true},
		{"{\"users\":[{\"login\":\"octavia\"},{\"login\":7}]}", 1, 0, true},
		{"{\"users\":[]}", 0, 0, false},
		{"{\"users\":{}}", 0, ERR_BAD, false},
		{"{}", 0, ERR_BAD, false},
		{"", 0, ERR_BAD, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reason_owners owners = {0};
		struct err err;
		assert_int_equal(reason_owners_read(rows[i].json, strlen(rows[i].json), &owners, &err), rows[i].rc);
		assert_int_equal(owners.n, rows[i].n);
		assert_int_equal(owners.has_teams, rows[i].has_teams);
		assert_int_equal(reason_owners_have(&owners, "OCTAVIA"), rows[i].n > 0);
		assert_false(reason_owners_have(&owners, "github:a:b"));
		reason_owners_release(&owners);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_crates_io_is_read),
		cmocka_unit_test(what_has_a_wrong_type_is_left_out),
		cmocka_unit_test(an_empty_text_is_none),
		cmocka_unit_test(the_first_row_of_a_version_counts),
		cmocka_unit_test(only_actions_that_are_whole_count),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(an_edit_behind_the_cut_is_seen),
		cmocka_unit_test(what_is_huge_is_refused_or_cut),
		cmocka_unit_test(broken_answers_do_no_harm),
		cmocka_unit_test(owners_are_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
