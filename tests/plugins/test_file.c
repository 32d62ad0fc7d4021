/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a line of the plugin file; what the disk does is in the integration tests. */
#include "file/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct yw_event first = {.size = sizeof first, .document = "{\"id\":\"evt_1\",\n \"crate\":\"a\\n\"}"};
static const struct yw_event second = {.size = sizeof second, .document = "{ }"};
static const struct yw_event *const events[] = {&first, &second};

static void expect(const struct yw_message *message, const char *expected)
{
	size_t len;
	char *lines = lines_make(message, &len);

	assert_non_null(lines);
	assert_string_equal(lines, expected);
	assert_int_equal(len, strlen(expected));
	free(lines);
}

static void each_event_is_a_line_with_its_notification(void **state)
{
	(void)state;
	expect(&(struct yw_message){.id = "ntf_1", .events = events, .n_events = 2},
	       "{\"notification\":\"ntf_1\",\"id\":\"evt_1\",  \"crate\":\"a\\n\"}\n{\"notification\":\"ntf_1\" }\n");
	expect(&(struct yw_message){.id = "ntf_1", .kind = YW_MESSAGE_UNDELIVERED, .events = events, .n_events = 1},
	       "{\"notification\":\"ntf_1\",\"kind\":\"undelivered\",\"id\":\"evt_1\",  \"crate\":\"a\\n\"}\n");
	expect(&(struct yw_message){.id = "ntf_1", .kind = YW_MESSAGE_REMINDER, .events = events, .n_events = 1},
	       "{\"notification\":\"ntf_1\",\"kind\":\"reminder\",\"id\":\"evt_1\",  \"crate\":\"a\\n\"}\n");
	expect(
		&(struct yw_message){
			.id = "ntf_1", .kind = (enum yw_message_kind)99, .events = events + 1, .n_events = 1},
		"{\"notification\":\"ntf_1\" }\n");
}

static void what_has_no_events_is_a_line_of_its_own(void **state)
{
	(void)state;
	expect(&(struct yw_message){.id = "ntf_1",
				    .kind = YW_MESSAGE_HEARTBEAT,
				    .document = "{\"kind\":\"heartbeat\",\"events\":[]}"},
	       "{\"notification\":\"ntf_1\",\"kind\":\"heartbeat\",\"events\":[]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_event_is_a_line_with_its_notification),
		cmocka_unit_test(what_has_no_events_is_a_line_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
