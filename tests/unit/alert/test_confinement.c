/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken of a runner's word, which may be a plugin's. */
#include "alert/confinement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_runners_words_come_to(void **state)
{
	(void)state;
	static const struct {
		const char *frame, *status;
	} cases[] = {
		{"{\"confined\":[\"files\",\"memory\"],\"unconfined\":[\"local_sockets\"]}",
		 "{\"confined\":[\"files\",\"memory\"],\"unconfined\":[\"local_sockets\"]}"},
		{"{\"confined\":[],\"unconfined\":[]}", "{\"confined\":[],\"unconfined\":[]}"},
		{"{}", "{}"},
		{"{\"confined\":[\"files\"],\"unconfined\":\"files\"}", "{}"},
		{"{\"unconfined\":[1,null,{},\"\",\"UP\",\"a "
		 "b\",\"\\u001b[31m\",\"net\\nwork\",\"abcdefghijklmnopqrstuvwxy\","
		 "\"abcdefghijklmnopqrstuvwx\"]}",
		 "{\"confined\":[],\"unconfined\":[\"abcdefghijklmnopqrstuvwx\"]}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		OWNED_JSON cJSON *frame = NULL;
		struct json_writer w = {.out = &out};
		struct err err;

		assert_int_equal(json_parse(cases[i].frame, strlen(cases[i].frame), &frame, &err), 0);
		const struct confinement confinement = confinement_read(frame);
		json_open(&w, NULL, '{');
		confinement_write(&confinement, &w);
		json_close(&w, '}');
		assert_string_equal(strbuf_str(&out), cases[i].status);
	}
}

static void no_more_words_are_taken_than_there_is_room_for(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf text = {0};
	OWNED_JSON cJSON *frame = NULL;
	struct err err;

	strbuf_adds(&text, "{\"unconfined\":[\"first\"");
	for (int i = 0; i < 1000; i++)
		strbuf_adds(&text, ",\"more\"");
	strbuf_adds(&text, "]}");
	assert_int_equal(json_parse(strbuf_str(&text), text.len, &frame, &err), 0);
	const struct confinement confinement = confinement_read(frame);
	assert_string_equal(confinement.unconfined[0], "first");
	assert_string_equal(confinement.unconfined[CONFINEMENT_WORDS_MAX - 1], "more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_runners_words_come_to),
		cmocka_unit_test(no_more_words_are_taken_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
