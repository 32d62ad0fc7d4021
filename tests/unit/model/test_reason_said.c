/* SPDX-License-Identifier: Apache-2.0 */
/* What a document says of a reason, and people read; what is kept of a text. */
#include "model/reason_said.h"
#include "model/reason_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define STRANGER ", not an owner of the crate: probably a registry administrator"

static void a_reason_makes_members_and_a_sentence(void **state)
{
	(void)state;
	static const struct {
		struct reason_said said;
		const char *json, *sentence;
	} rows[] = {
		{{0}, "{}", ""},
		{{.has_text = true}, "{\"text\":null}", "no reason given"},
		{{.has_text = true, .text = "leaks"}, "{\"text\":\"leaks\"}", "leaks"},
		{{.has_text = true, .text = "leaks", .cut = true, .by = "al"},
		 "{\"text\":\"leaks\",\"cut\":true,\"by\":\"al\"}",
		 "leaks (by al)"},
		{{.has_text = true, .text = "leaks", .by = "al", .owner = REASON_OWNER, .at_ms = 1795253400000},
		 "{\"text\":\"leaks\",\"by\":\"al\",\"by_owner\":true,\"at\":\"2026-11-21T09:30:00.000Z\"}",
		 "leaks (by al, an owner of the crate)"},
		{{.has_text = true, .by = "al", .owner = REASON_NO_OWNER},
		 "{\"text\":null,\"by\":\"al\",\"by_owner\":false}",
		 "no reason given (by al" STRANGER ")"},
		{{.by = "al", .owner = REASON_NO_OWNER}, "{\"by\":\"al\",\"by_owner\":false}", "by al" STRANGER},
		{{.owner = REASON_OWNER}, "{}", ""}, /* nobody owns nothing */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf json = {0};
		OWNED_STRBUF struct strbuf sentence = {0};
		OWNED_JSON cJSON *document = NULL;
		struct json_writer w = {.out = &json};
		struct err err;
		reason_put(&w, NULL, &rows[i].said);
		assert_string_equal(strbuf_str(&json), rows[i].json);
		assert_int_equal(json_parse(strbuf_str(&json), json.len, &document, &err), 0);
		reason_sentence(&sentence, document, strbuf_adds, strbuf_adds);
		assert_string_equal(strbuf_str(&sentence), rows[i].sentence);
	}
}

static void an_edit_behind_the_cut_is_another_text(void **state)
{
	(void)state;
	char text[REASON_TEXT_MAX + 2];
	struct reason_text a, b, none = {0};
	struct err err;

	memset(text, 'a', sizeof text);
	assert_int_equal(reason_text_keep(text, sizeof text, &a, &err), 0);
	text[sizeof text - 1] = 'b';
	assert_int_equal(reason_text_keep(text, sizeof text, &b, &err), 0);
	assert_true(a.cut && b.cut);
	assert_string_equal(a.text, b.text);
	assert_false(reason_text_same(&a, &b));
	assert_true(reason_text_same(&a, &a));
	assert_false(reason_text_same(&a, &none));
	assert_true(reason_text_same(NULL, &none));
	reason_text_release(&a);
	reason_text_release(&b);
	text[REASON_TEXT_MAX - 1] = (char)0xc3; /* a character on the edge */
	text[REASON_TEXT_MAX] = (char)0xa9;
	assert_int_equal(reason_text_keep(text, sizeof text, &a, &err), 0);
	assert_int_equal(strlen(a.text), REASON_TEXT_MAX - 1);
	reason_text_release(&a);
	assert_int_equal(reason_text_keep("", 0, &a, &err), 0);
	assert_null(a.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_makes_members_and_a_sentence),
		cmocka_unit_test(an_edit_behind_the_cut_is_another_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
