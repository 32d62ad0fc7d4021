/* SPDX-License-Identifier: Apache-2.0 */
/* A deliver frame as the plugin sees it; above all, the document's bytes. */
#include "message.h"
#include "raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DELIVER(id, rest) "{\"type\":\"deliver\",\"id\":\"" id "\",\"attempt\":2,\"deadline_ms\":5000," rest "}"

struct parsed {
	cJSON *frame;
	struct message *message;
	struct err err;
	int rc;
};

static struct parsed parse(const char *json)
{
	struct parsed p = {0};
	assert_int_equal(json_parse(json, strlen(json), &p.frame, &p.err), 0);
	p.rc = message_new(p.frame, json, strlen(json), "hook", &p.message, &p.err);
	return p;
}

static void parsed_release(struct parsed *p)
{
	if (p->message)
		message_free(p->message);
	cJSON_Delete(p->frame);
}

static void the_document_keeps_its_bytes(void **state)
{
	(void)state;
	static const char document[] =
		"{ \"events\" : [ {\"crate\":\"\\u0061\\\"}]\", \"seq\":1.0}, {\"seq\" : 2 } ] }";
	char json[512];

	(void)snprintf(json, sizeof json, DELIVER("n-1", "\"subject\":\"\\\"document\\\":{\",\"document\":%s"),
		       document);
	struct parsed p = parse(json);
	assert_int_equal(p.rc, 0);
	const struct yw_message *view = message_view(p.message);
	assert_string_equal(view->document, document);
	assert_int_equal(view->document_len, strlen(document));
	assert_int_equal(view->n_events, 2);
	assert_string_equal(view->events[0]->document, "{\"crate\":\"\\u0061\\\"}]\", \"seq\":1.0}");
	assert_string_equal(view->events[1]->document, "{\"seq\" : 2 }");
	parsed_release(&p);
}

static void the_document_may_stand_anywhere(void **state)
{
	(void)state;
	struct parsed p =
		parse("{\"document\":{\"a\":[[],{}],\"events\":[]},\"id\":\"n\",\"attempt\":1,\"deadline_ms\":1,"
		      "\"subject\":\"\"}");
	assert_int_equal(p.rc, 0);
	assert_string_equal(message_view(p.message)->document, "{\"a\":[[],{}],\"events\":[]}");
	assert_int_equal(message_view(p.message)->n_events, 0);
	parsed_release(&p);
}

static void event_fields_are_read_and_absent_ones_are_null(void **state)
{
	(void)state;
	struct parsed p =
		parse(DELIVER("n_1", "\"subject\":\"[high] demo\",\"document\":{\"events\":[{\"id\":\"evt_1\","
				     "\"seq\":4711,\"at\":\"2026-11-21T09:30:00.123Z\",\"crate\":\"demo\","
				     "\"event\":\"crate_deleted\",\"version\":null}]}"));
	assert_int_equal(p.rc, 0);
	const struct yw_message *view = message_view(p.message);
	assert_string_equal(view->id, "n_1");
	assert_int_equal(view->attempt, 2);
	assert_int_equal(message_deadline_ms(p.message), 5000);
	assert_string_equal(view->subject, "[high] demo");
	const struct yw_event *event = view->events[0];
	assert_int_equal(event->size, sizeof *event);
	assert_string_equal(event->id, "evt_1");
	assert_int_equal(event->seq, 4711);
	assert_string_equal(event->at, "2026-11-21T09:30:00.123Z");
	assert_string_equal(event->crate, "demo");
	assert_string_equal(event->event, "crate_deleted");
	assert_null(event->version);
	assert_null(event->checksum);
	parsed_release(&p);
}

static void an_event_of_a_registry_as_a_whole_has_no_crate(void **state)
{
	(void)state;
	struct parsed p =
		parse(DELIVER("n_1", "\"subject\":\"[critical] r\",\"document\":{\"events\":[{\"id\":\"evt_1\","
				     "\"registry\":\"r\",\"crate\":null,\"version\":null,"
				     "\"event\":\"registry_incident\"},{\"event\":\"registry_back\"}]}"));
	assert_int_equal(p.rc, 0);
	for (size_t i = 0; i < 2; i++) {
		assert_null(message_view(p.message)->events[i]->crate);
		assert_null(message_view(p.message)->events[i]->version);
	}
	parsed_release(&p);
}

static void what_may_be_absent_has_its_default(void **state)
{
	(void)state;
	struct parsed p = parse(DELIVER("n_1", "\"subject\":\"s\",\"document\":{\"events\":[]}"));
	assert_int_equal(p.rc, 0);
	const struct yw_message *view = message_view(p.message);
	assert_int_equal(view->kind, YW_MESSAGE_EVENTS);
	assert_string_equal(view->severity, "info");
	assert_string_equal(view->state, "");
	assert_null(view->follows);
	assert_int_equal(strlen(view->created_at), strlen("2026-11-21T09:30:00.123Z"));
	assert_string_equal(view->text, "s\n");
	parsed_release(&p);
}

static void what_is_there_arrives(void **state)
{
	(void)state;
	struct parsed p =
		parse(DELIVER("n_1", "\"subject\":\"a\\r\\nb\\u202e\",\"state\":\"left \\n\",\"follows\":\"n_0\","
				     "\"created_at\":\"2026-11-21T09:30:00.123Z\","
				     "\"ended\":{\"e2\":\"2026-11-21T10:00:00.000Z\"},"
				     "\"document\":{\"kind\":\"undelivered\",\"events\":["
				     "{\"id\":\"e1\",\"severity\":\"low\"},"
				     "{\"id\":\"e2\",\"severity\":\"critical\"},"
				     "{\"id\":\"e3\",\"severity\":\"high\"}]}"));
	assert_int_equal(p.rc, 0);
	const struct yw_message *view = message_view(p.message);
	assert_string_equal(view->subject, "a b\\u{202e}");
	assert_int_equal(view->kind, YW_MESSAGE_UNDELIVERED);
	assert_string_equal(view->severity, "critical");
	assert_string_equal(view->state, "left \n");
	assert_string_equal(view->follows, "n_0");
	assert_string_equal(view->created_at, "2026-11-21T09:30:00.123Z");
	assert_null(view->events[0]->ended_at);
	assert_string_equal(view->events[1]->ended_at, "2026-11-21T10:00:00.000Z");
	parsed_release(&p);
}

static void an_event_of_a_project_has_its_project_and_team(void **state)
{
	(void)state;
	struct parsed p = parse(DELIVER("n_1", "\"subject\":\"s\",\"document\":{\"kind\":\"reminder\",\"events\":["
					       "{\"project\":\"payments\",\"findings\":[{\"team\":\"sec\"}]},"
					       "{\"project\":\"edge\",\"findings\":[]},"
					       "{\"findings\":[{\"project\":\"payments\",\"team\":\"sec\"}]}]}"));
	assert_int_equal(p.rc, 0);
	const struct yw_message *view = message_view(p.message);
	assert_int_equal(view->kind, YW_MESSAGE_REMINDER);
	assert_string_equal(view->events[0]->project, "payments");
	assert_string_equal(view->events[0]->team, "sec");
	assert_string_equal(view->events[1]->project, "edge");
	assert_null(view->events[1]->team);
	assert_null(view->events[2]->project);
	assert_null(view->events[2]->team);
	parsed_release(&p);
}

static void a_frame_that_misses_something_is_refused(void **state)
{
	(void)state;
	static const char *const frames[] = {
		"{}",
		DELIVER("n", "\"subject\":\"s\""),
		DELIVER("n", "\"subject\":\"s\",\"document\":[]"),
		DELIVER("n", "\"subject\":\"s\",\"document\":{\"events\":{}}"),
		DELIVER("n", "\"subject\":\"s\",\"document\":{\"events\":[{},7]}"),
		DELIVER("n", "\"document\":{\"events\":[]}"),
		DELIVER("n", "\"subject\":\"s\",\"document\":{\"kind\":\"other\",\"events\":[]}"),
		DELIVER("n", "\"subject\":\"s\",\"follows\":\"a\\nb\",\"document\":{\"events\":[]}"),
		DELIVER("", "\"subject\":\"s\",\"document\":{\"events\":[]}"),
		DELIVER("a\\r\\nX-Evil: 1", "\"subject\":\"s\",\"document\":{\"events\":[]}"),
		"{\"id\":\"n\",\"attempt\":0,\"deadline_ms\":1,\"subject\":\"\",\"document\":{\"events\":[]}}",
		"{\"id\":\"n\",\"attempt\":1,\"subject\":\"\",\"document\":{\"events\":[]}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		struct parsed p = parse(frames[i]);
		assert_int_equal(p.rc, ERR_BAD);
		assert_null(p.message);
		parsed_release(&p);
	}
}

static void raw_walks_what_the_parser_accepts(void **state)
{
	(void)state;
	static const char text[] = " [ 1 ,\"a,]\\\\\" , [ ] , { \"k\" : [ \"}\" ] } , null,-1.5e3]";
	static const char *const values[] = {"1", "\"a,]\\\\\"", "[ ]", "{ \"k\" : [ \"}\" ] }", "null", "-1.5e3"};
	struct raw key, value;
	const char *at = NULL;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		assert_true(raw_next((struct raw){text, strlen(text)}, &at, &key, &value));
		assert_int_equal(value.len, strlen(values[i]));
		assert_memory_equal(value.text, values[i], value.len);
	}
	assert_false(raw_next((struct raw){text, strlen(text)}, &at, &key, &value));
	at = NULL;
	assert_false(raw_next((struct raw){" { } ", 5}, &at, &key, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_keeps_its_bytes),
		cmocka_unit_test(the_document_may_stand_anywhere),
		cmocka_unit_test(event_fields_are_read_and_absent_ones_are_null),
		cmocka_unit_test(an_event_of_a_registry_as_a_whole_has_no_crate),
		cmocka_unit_test(what_may_be_absent_has_its_default),
		cmocka_unit_test(what_is_there_arrives),
		cmocka_unit_test(an_event_of_a_project_has_its_project_and_team),
		cmocka_unit_test(a_frame_that_misses_something_is_refused),
		cmocka_unit_test(raw_walks_what_the_parser_accepts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
