/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: what is rendered, and what is said of those that are none. */
#include "lib/mustache.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool any_name(const char *name)
{
	return strcmp(name, "unknown") != 0;
}

/* <value> or, raw, =value= */
static void put_marked(void *arg, FILE *out, const char *value, bool raw)
{
	(void)arg;
	(void)fprintf(out, raw ? "=%s=" : "<%s>", value);
}

static void expect(const char *text, const char *json, const char *expected)
{
	char error[MUSTACHE_ERROR_MAX] = "";
	struct mustache *template = mustache_parse(text, any_name, error);
	cJSON *view = cJSON_Parse(json);
	char *made = NULL;
	size_t len;

	assert_string_equal(error, "");
	assert_non_null(view);
	FILE *out = open_memstream(&made, &len);
	mustache_render(template, view, put_marked, NULL, out);
	made = text_end(out, &made);
	assert_string_equal(made, expected);
	free(made);
	cJSON_Delete(view);
	mustache_free(template);
}

static void values_are_put_where_their_tags_stand(void **state)
{
	(void)state;
	expect("", "{}", "");
	expect("no tags } { }}", "{}", "no tags } { }}");
	expect("a{{x}}b{{{x}}}c{{&x}}d{{ x }}", "{\"x\":\"1\"}", "a<1>b=1=c=1=d<1>");
	expect("{{n}} {{m}}", "{\"n\":42,\"m\":-7}", "<42> <-7>");
	expect("{{x}}|{{y}}|{{z}}", "{\"x\":null,\"y\":{},\"z\":[1]}", "||");
	expect("{{! a comment\n with lines }}a", "{}", "a");
	expect("{{x}}", "{\"x\":\"{{y}}\",\"y\":\"no\"}", "<{{y}}>");
}

static void sections_repeat_and_hide(void **state)
{
	(void)state;
	expect("{{#l}}({{.}}){{/l}}", "{\"l\":[\"a\",2]}", "(<a>)(<2>)");
	expect("{{#l}}{{x}}{{/l}}", "{\"l\":[{\"x\":\"1\"},{\"x\":\"2\"}]}", "<1><2>");
	expect("{{#o}}{{x}}{{/o}}", "{\"o\":{\"x\":\"1\"}}", "<1>");
	expect("{{#s}}{{s}}{{/s}}", "{\"s\":\"t\"}", "<t>");
	expect("{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":false}", "0");
	expect("{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":[]}", "0");
	expect("{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":\"\"}", "0");
	expect("{{#a}}1{{/a}}{{^a}}0{{/a}}", "{\"a\":true}", "1");
	expect("{{#a}}1{{/a}}{{^a}}0{{/a}}", "{}", "0");
}

static void names_are_looked_for_outwards(void **state)
{
	(void)state;
	expect("{{#o}}{{#l}}{{x}}{{y}}{{/l}}{{/o}}", "{\"x\":\"0\",\"o\":{\"y\":\"1\",\"l\":[{},{\"x\":\"2\"}]}}",
	       "<0><1><2><1>");
	expect("{{#a}}{{#b}}{{/b}}{{/a}}{{x}}", "{\"a\":{\"x\":\"no\"},\"x\":\"0\"}", "<0>");
}

static void expect_error(const char *text, const char *expected)
{
	char error[MUSTACHE_ERROR_MAX] = "";

	assert_null(mustache_parse(text, any_name, error));
	assert_string_equal(error, expected);
}

static void faults_are_told_with_their_line(void **state)
{
	(void)state;
	expect_error("\n\n{{x", "line 3: a tag is opened by {{ and not closed by }}");
	expect_error("{{{x}}", "line 1: a tag is opened by {{ and not closed by }}}");
	expect_error("{{#a}}\n{{#b}}{{/b}}", "line 1: {{#a}} is never closed");
	expect_error("{{#a}}\n{{#b}}{{/a}}", "line 2: {{/a}} closes nothing that is open here");
	expect_error("{{!\n\n}}{{/a}}", "line 3: {{/a}} closes nothing that is open here");
	expect_error("{{unknown}}", "line 1: {{unknown}} is nothing that a template can show");
	expect_error("{{}}", "line 1: {{}} is nothing that a template can show");
	expect_error("{{> partial}}", "line 1: {{> partial}} is nothing that a template can show");
	expect_error("{{=<% %>=}}", "line 1: {{=<% %>=}} is nothing that a template can show");
}

static void sections_go_as_deep_as_the_limit(void **state)
{
	(void)state;
	char text[32 * MUSTACHE_DEPTH_MAX];
	char error[MUSTACHE_ERROR_MAX] = "";
	size_t len = 0;

	for (int i = 0; i < 2 * MUSTACHE_DEPTH_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, i < MUSTACHE_DEPTH_MAX ? "{{#a}}" : "{{/a}}");
	struct mustache *template = mustache_parse(text, any_name, error);
	assert_non_null(template);
	mustache_free(template);
	memmove(text + strlen("{{#a}}"), text, strlen(text) + 1);
	expect_error(text, "line 1: {{#a}} is too deep in other sections");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_put_where_their_tags_stand),
		cmocka_unit_test(sections_repeat_and_hide),
		cmocka_unit_test(names_are_looked_for_outwards),
		cmocka_unit_test(faults_are_told_with_their_line),
		cmocka_unit_test(sections_go_as_deep_as_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
