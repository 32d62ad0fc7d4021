/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin chat's pure parts: markup, limits, addresses, answers, and how a message is made to fit. */
#include "chat/fit.h"
#include "chat/outcome.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PART "\xe2\x80\x8b"

static void expect_marked(enum markup markup, const char *text, const char *expected)
{
	char *made = NULL;
	size_t len;
	FILE *out = open_memstream(&made, &len);

	markup_put(out, markup, text);
	made = text_end(out, &made);
	assert_string_equal(made, expected);
	free(made);
}

static void each_markup_is_taken_out_of_force(void **state)
{
	(void)state;
	static const char text[] = "<!here> @all *a* my_crate _x_ `c` [l](u) & \"q\" #1";

	expect_marked(MARKUP_NONE, text, text);
	expect_marked(MARKUP_HTML, text, "&lt;!here&gt; @all *a* my_crate _x_ `c` [l](u) &amp; &#34;q&#34; #1");
	expect_marked(MARKUP_SLACK, text,
		      "&lt;!here&gt; @all " PART "*a" PART "* my_crate " PART "_x" PART "_ " PART "`c" PART
		      "` [l](u) &amp; \"q\" #1");
	expect_marked(MARKUP_MATTERMOST, text,
		      "&lt;\\!here&gt; @" PART "all \\*a\\* my\\_crate \\_x\\_ \\`c\\` \\[l\\](u) &amp; \"q\" \\#1");
	expect_marked(MARKUP_DISCORD, text,
		      "\\<!here\\> @" PART "all \\*a\\* my\\_crate \\_x\\_ \\`c\\` \\[l\\](u) & \"q\" \\#1");
	expect_marked(MARKUP_CARD, text, "<!here> @all \\*a\\* my\\_crate \\_x\\_ \\`c\\` \\[l\\](u) & \"q\" \\#1");
}

static void expect_clean(const char *text, size_t max, int lines, const char *expected)
{
	char *made = markup_clean(text, max, lines);

	assert_string_equal(made, expected);
	free(made);
}

static void values_are_one_line_without_addresses(void **state)
{
	(void)state;
	expect_clean("plain", 10, 0, "plain");
	expect_clean("a\r\nb\tc\x7f", 10, 0, "a  b c ");
	expect_clean("a\nb", 10, 1, "a\nb");
	expect_clean("\xe2\x80\xaex\xe2\x81\xa6y\xc2\x85z\xef\xbb\xbf", 10, 0, " x y z ");
	expect_clean("https://x and ftp://y", 99, 0, "https:" PART "//x and ftp:" PART "//y");
	expect_clean("www.x WWW.y wwwz", 99, 0, "www" PART ".x WWW" PART ".y wwwz");
	expect_clean("a: // b", 99, 0, "a: // b");
}

static void a_cut_is_between_characters_and_seen(void **state)
{
	(void)state;
	expect_clean("abc", 3, 0, "abc");
	expect_clean("abcd", 3, 0, "abc\xe2\x80\xa6");
	expect_clean("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 3, 0, "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x80\xa6");
	expect_clean("", 0, 0, "");
}

static size_t broken_max(const struct limit *limit, const char *json)
{
	struct limit rows[] = {*limit, *limit, {0, 0, NULL}};
	cJSON *body = cJSON_Parse(json);

	assert_non_null(body);
	const struct limit *broken = limits_broken(rows, body, strlen(json));
	cJSON_Delete(body);
	return broken ? broken->max : 0;
}

static void limits_are_looked_for_in_the_json(void **state)
{
	(void)state;
	static const char json[] = "{\"t\":\"\xc3\xa4\xf0\x9f\x98\x80\",\"l\":[{\"type\":\"a\",\"x\":{\"y\":\"123\"}},"
				   "{\"type\":\"b\",\"x\":{\"y\":\"12345\"}}]}";
	static const struct {
		struct limit limit;
		bool broken;
	} rows[] = {
		{{LIMIT_TEXT, 3, "t"}, false},
		{{LIMIT_TEXT, 2, "t"}, true},
		{{LIMIT_BYTES, 6, "t"}, false},
		{{LIMIT_BYTES, 5, "t"}, true},
		{{LIMIT_ITEMS, 2, "l"}, false},
		{{LIMIT_ITEMS, 1, "l"}, true},
		{{LIMIT_TEXT, 5, "l[].x.y"}, false},
		{{LIMIT_TEXT, 4, "l[].x.y"}, true},
		{{LIMIT_TEXT, 4, "l[a].x.y"}, false},
		{{LIMIT_TEXT, 4, "l[b].x.y"}, true},
		{{LIMIT_TEXT, 1, "l[c].x.y"}, false},
		{{LIMIT_TEXT, 1, "none.of[].these"}, false},
		{{LIMIT_TEXT, 1, "t[].x"}, false},
		{{LIMIT_BODY, sizeof json - 1, ""}, false},
		{{LIMIT_BODY, sizeof json - 2, ""}, true},
		/* Both rows together: 8 units each. */
		{{LIMIT_TOTAL, 16, "l[].x.y"}, false},
		{{LIMIT_TOTAL, 15, "l[].x.y"}, true},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(broken_max(&rows[i].limit, json), rows[i].broken ? rows[i].limit.max : 0);
}

static void expect_url(const char *service, const char *url, const char *expected)
{
	char *made = service_url(service_find(service), url, "!r/o:x", "ntf_1");

	assert_string_equal(made, expected);
	free(made);
}

static void addresses_are_made_of_url_room_and_id(void **state)
{
	(void)state;
	expect_url("slack", "https://x/a/", "https://x/a/");
	expect_url("discord", "https://x/a", "https://x/a?wait=true");
	expect_url("discord", "https://x/a?thread_id=1", "https://x/a?thread_id=1&wait=true");
	expect_url("ntfy", "https://x", "https://x/");
	expect_url("ntfy", "https://x//", "https://x/");
	expect_url("gotify", "https://x/sub/", "https://x/sub/message");
	expect_url("matrix", "https://x/", "https://x/_matrix/client/v3/rooms/%21r%2Fo%3Ax/send/m.room.message/ntf_1");
}

static void expect_outcome(const char *service, long status, const char *body, enum yw_outcome outcome,
			   int64_t pause_ms)
{
	struct http_answer answer = {.status = status, .body_len = strlen(body)};
	struct yw_result result = {.size = sizeof result};

	memcpy(answer.body, body, answer.body_len);
	outcome_fill(service_find(service), &answer, &result);
	assert_int_equal(result.outcome, outcome);
	assert_int_equal(result.retry_after_ms, pause_ms);
}

static void answers_mean_what_the_service_says(void **state)
{
	(void)state;
	expect_outcome("slack", 200, "ok", YW_OK, 0);
	expect_outcome("slack", 200, "{\"ok\":true}", YW_OK, 0);
	expect_outcome("slack", 200, "{\"ok\":false}", YW_REJECT, 0);
	expect_outcome("slack", 200, "", YW_RETRY, 0);
	expect_outcome("slack", 200, "<html>ok", YW_RETRY, 0);
	expect_outcome("teams", 202, "", YW_OK, 0);
	expect_outcome("teams", 400, "WorkflowTriggerIsNotEnabled", YW_DISABLE, 0);
	expect_outcome("teams", 400, "", YW_REJECT, 0);
	expect_outcome("mattermost", 400, "{\"id\":\"web.incoming_webhook.invalid.app_error\"}", YW_DISABLE, 0);
	expect_outcome("mattermost", 400, "{\"id\":\"web.incoming_webhook.text.app_error\"}", YW_REJECT, 0);
	expect_outcome("discord", 404, "{\"code\":10015}", YW_DISABLE, 0);
	expect_outcome("discord", 429, "{\"retry_after\":0.3}", YW_RETRY, 1000);
	expect_outcome("matrix", 429, "{\"retry_after_ms\":1500}", YW_RETRY, 2000);
	expect_outcome("gotify", 503, "down", YW_RETRY, 0);
}

static bool known(const char *name)
{
	return view_knows(name);
}

/* The body that a template gives for `n` equal events of a service that takes `max` bytes. */
static char *fitted(const char *text, size_t n, size_t max, char error[FIT_ERROR_MAX])
{
	const struct limit limits[] = {{LIMIT_BODY, max, ""}, {0, 0, NULL}};
	const struct service service = {.name = "tests", .markup = MARKUP_NONE, .limits = limits};
	static const struct yw_fact facts[] = {{"why", "r"}};
	static const struct yw_event event = {.size = sizeof event, .headline = "h", .facts = facts, .n_facts = 1};
	const struct yw_event *events[256];
	struct yw_message message = {
		.size = sizeof message, .id = "ntf_1", .subject = "s", .events = events, .n_events = n};
	struct mustache *template = mustache_parse(text, known, error);

	for (size_t i = 0; i < n; i++)
		events[i] = &event;
	assert_non_null(template);
	char *body = fit_body(template, &service, &(struct view_options){0}, &message, error);
	mustache_free(template);
	return body;
}

static void expect_fit(size_t n, size_t max, const char *expected)
{
	static const char text[] =
		"{\"t\":\"{{#events}}E{{#facts}}F{{/facts}}{{/events}}{{#pages}}{{#lines}}L{{/lines}}{{/pages}}"
		"{{#more}}+{{count}}{{/more}}\"}";
	char error[FIT_ERROR_MAX];
	char *body = fitted(text, n, max, error);

	assert_non_null(body);
	assert_string_equal(body, expected);
	free(body);
}

static void as_much_is_told_as_fits(void **state)
{
	(void)state;
	expect_fit(0, 8, "{\"t\":\"\"}");
	expect_fit(3, 99, "{\"t\":\"EFEFEF\"}");
	expect_fit(3, 14, "{\"t\":\"EFEFEF\"}");
	expect_fit(3, 13, "{\"t\":\"EFEFL\"}");
	expect_fit(3, 12, "{\"t\":\"EFLL\"}");
	expect_fit(3, 11, "{\"t\":\"LLL\"}");
	expect_fit(3, 10, "{\"t\":\"+3\"}");
	expect_fit(30, 999, "{\"t\":\"EFEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFEFLLLLLLLLLL\"}");
}

static void what_never_fits_is_told(void **state)
{
	(void)state;
	char error[FIT_ERROR_MAX];

	assert_null(fitted("{\"t\":\"0123456789\"}", 1, 10, error));
	assert_string_equal(error, "the template's body is longer than the 10 that tests takes, even without events");
	assert_null(fitted("{\"t\":{{id}}}", 1, 100, error));
	assert_string_equal(error, "the template gives no JSON: it is wrong after: {\"t\":");
}

static void every_service_has_a_template_that_works(void **state)
{
	(void)state;
	static const char *const names[] = {"slack", "mattermost", "discord", "teams", "matrix", "ntfy", "gotify"};
	char error[FIT_ERROR_MAX] = "";

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct service *service = service_find(names[i]);
		assert_non_null(service);
		assert_non_null(strstr(service_names(), names[i]));
		struct mustache *template = mustache_parse(service->template, known, error);
		const struct view_options options = {.topic = "t", .link = "https://example.com/"};
		assert_string_equal(error, "");
		assert_true(fit_try(template, service, &options, error));
		mustache_free(template);
	}
	assert_null(service_find("irc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_markup_is_taken_out_of_force),
		cmocka_unit_test(values_are_one_line_without_addresses),
		cmocka_unit_test(a_cut_is_between_characters_and_seen),
		cmocka_unit_test(limits_are_looked_for_in_the_json),
		cmocka_unit_test(addresses_are_made_of_url_room_and_id),
		cmocka_unit_test(answers_mean_what_the_service_says),
		cmocka_unit_test(as_much_is_told_as_fits),
		cmocka_unit_test(what_never_fits_is_told),
		cmocka_unit_test(every_service_has_a_template_that_works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
