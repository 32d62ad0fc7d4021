/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin is told in plain words: tests/golden/wording/NAME.json is a deliver
 * frame, NAME.txt what is made of it. YANKWATCH_GOLDEN=write writes these anew; then
 * read the difference.
 */
#include "base/text.h"
#include "message.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN TESTS_DIR "/../golden/wording"

static char *read_file(const char *path, size_t *ret_len)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen(path, "re");

	assert_non_null(text);
	*ret_len = file ? fread(text, 1, (1 << 20) - 1, file) : 0;
	if (file)
		assert_int_equal(fclose(file), 0);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) != EOF && fclose(file) == 0);
}

static void add_facts(struct strbuf *out, const struct yw_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s = %s\n", facts[i].label, facts[i].value);
}

static void print(struct strbuf *out, const struct yw_message *message)
{
	strbuf_addf(out, "kind %d, severity %s, created %s\n", (int)message->kind, message->severity,
		    message->created_at);
	add_facts(out, message->facts, message->n_facts);
	for (size_t i = 0; i < message->n_events && i < 2; i++) {
		strbuf_addf(out, "---- %s\n", message->events[i]->headline);
		add_facts(out, message->events[i]->facts, message->events[i]->n_facts);
	}
	strbuf_addf(out, "==== text\n%s", message->text);
}

static void render(const char *path, struct strbuf *out)
{
	size_t len;
	OWNED_MEM char *json = read_file(path, &len);
	OWNED_JSON cJSON *frame = NULL;
	OWNED_MESSAGE struct message *message = NULL;
	struct err err = {0};

	if (json_parse(json, len, &frame, &err) || message_new(frame, json, len, "sec-mail", &message, &err))
		fail_msg("%s: %s", path, err.text);
	print(out, message_view(message));
	assert_true(text_is_utf8(strbuf_str(out), out->len));
}

static void check(const char *path)
{
	OWNED_STRBUF struct strbuf made = {0};
	char golden[512];
	size_t len;

	(void)snprintf(golden, sizeof golden, "%.*s.txt", (int)(strlen(path) - strlen(".json")), path);
	render(path, &made);
	if (getenv("YANKWATCH_GOLDEN"))
		write_file(golden, strbuf_str(&made));
	OWNED_MEM char *expected = read_file(golden, &len);
	if (strcmp(strbuf_str(&made), expected) != 0)
		fail_msg("%s differs from what is made now:\n%s", golden, strbuf_str(&made));
}

static void words_are_those_of_the_golden_files(void **state)
{
	(void)state;
	glob_t found;

	assert_int_equal(glob(GOLDEN "/*.json", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 10);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check(found.gl_pathv[i]);
	globfree(&found);
}

static void many_events_are_told_in_full_then_by_lines_then_by_a_number(void **state)
{
	(void)state;
	OWNED_STRBUF struct strbuf json = {0};
	OWNED_JSON cJSON *frame = NULL;
	OWNED_MESSAGE struct message *message = NULL;
	struct err err;

	strbuf_adds(&json, "{\"id\":\"ntf_9\",\"attempt\":1,\"deadline_ms\":1,\"subject\":\"many\","
			   "\"document\":{\"events\":[");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&json, "%s{\"event\":\"yanked\",\"registry\":\"r\",\"crate\":\"c\",\"version\":\"0.0.%d\"}",
			    i ? "," : "", i);
	strbuf_adds(&json, "]}}");
	assert_int_equal(json_parse(strbuf_str(&json), json.len, &frame, &err), 0);
	assert_int_equal(message_new(frame, strbuf_str(&json), json.len, "n", &message, &err), 0);
	const char *text = message_view(message)->text;
	assert_non_null(strstr(text, "events: 1,000 events\n"));
	assert_non_null(strstr(text, "\nc 0.0.19 was yanked from r\n  look: yankwatch show c@0.0.19\n"));
	assert_non_null(strstr(text, "\n\nc 0.0.20 was yanked from r\nc 0.0.21 "));
	assert_non_null(
		strstr(text, "c 0.0.219 was yanked from r\nand 780 more: yankwatch notifications show ntf_9\n"));
	assert_null(strstr(text, "0.0.220"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_golden_files),
		cmocka_unit_test(many_events_are_told_in_full_then_by_lines_then_by_a_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
