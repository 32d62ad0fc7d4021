/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin alertmanager's pure parts: spans of time, and the alerts of a message. */
#include "alertmanager/alerts.h"
#include "alertmanager/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNTIL "2026-11-22T09:30:00Z"

static void spans_are_written_as_in_the_configuration(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"30s", 30},     {"10m", 600},
		{"2h", 7200},    {"7d", 604800},
		{"0s", 0},       {"", 0},
		{"5", 0},        {"m", 0},
		{"5 m", 0},      {"-5m", 0},
		{"5min", 0},     {"1w", 0},
		{"1.5h", 0},     {"999999d", INT64_C(86399913600)},
		{"1000000s", 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(span_parse(rows[i].text), rows[i].seconds);
}

static void moments_come_back_as_they_were(void **state)
{
	(void)state;
	char text[SPAN_TIME_MAX];
	time_t at = 0;

	assert_string_equal(span_format(1795339800, text), UNTIL);
	assert_true(span_parse_time(text, &at));
	assert_int_equal(at, 1795339800);
	assert_false(span_parse_time("", &at));
	assert_false(span_parse_time("tomorrow", &at));
	assert_false(span_parse_time(UNTIL "x", &at));
}

static void expect_alerts(const struct yw_message *message, size_t n, size_t standing, const char *body)
{
	struct alerts alerts;

	assert_true(alerts_make(message, UNTIL, NULL, &alerts));
	assert_string_equal(alerts.body, body);
	assert_int_equal(alerts.n, n);
	assert_int_equal(alerts.standing, standing);
	free(alerts.body);
}

static void expect_event(struct yw_event event, size_t n, size_t standing, const char *body)
{
	const struct yw_event *const events[] = {&event};

	event.size = sizeof event;
	expect_alerts(&(struct yw_message){.size = sizeof(struct yw_message),
					   .id = "ntf_1",
					   .subject = "s",
					   .events = events,
					   .n_events = 1},
		      n, standing, body);
}

static void an_event_is_an_alert_if_it_is_a_state_of_things(void **state)
{
	(void)state;
	static const struct yw_fact facts[] = {{"why", "it panics"}, {"run", "cargo update"}};
	static const struct yw_event yank = {.id = "evt_1",
					     .at = "2026-11-21T09:30:00.123Z",
					     .registry = "r",
					     .crate = "c",
					     .version = "1.0.0",
					     .event = "yanked",
					     .severity = "high",
					     .headline = "h",
					     .facts = facts,
					     .n_facts = 2};

	expect_event(yank, 1, 1,
		     "[{\"startsAt\":\"2026-11-21T09:30:00.123Z\",\"endsAt\":\"" UNTIL
		     "\",\"labels\":{\"alertname\":\"YankwatchYanked\",\"severity\":\"high\",\"registry\":\"r\","
		     "\"crate\":\"c\","
		     "\"version\":\"1.0.0\"},\"annotations\":{\"summary\":\"h\",\"description\":\"why: it "
		     "panics\\nrun: cargo "
		     "update\",\"run\":\"cargo update\",\"event\":\"evt_1\",\"notification\":\"ntf_1\"}}]");
	expect_event((struct yw_event){.event = "unyanked"}, 0, 0, "[]");
	expect_event((struct yw_event){.event = "published"}, 0, 0, "[]");
	expect_event((struct yw_event){0}, 0, 0, "[]");
}

/* Two projects' findings are two alerts, and a reminder is the same one. */
static void a_finding_is_an_alert_of_its_project(void **state)
{
	(void)state;
	static const char body[] =
		"[{\"startsAt\":\"2026-11-21T09:30:00.123Z\",\"endsAt\":\"" UNTIL
		"\",\"labels\":{\"alertname\":\"YankwatchFindingOpened\",\"severity\":\"high\",\"registry\":\"r\","
		"\"crate\":\"c\",\"version\":\"1.0.0\",\"project\":\"payments\",\"team\":\"sec\"},"
		"\"annotations\":{\"summary\":\"h\",\"event\":\"evt_1\",\"notification\":\"ntf_1\"}}]";
	static const struct yw_event finding = {.size = sizeof finding,
						.id = "evt_1",
						.at = "2026-11-21T09:30:00.123Z",
						.registry = "r",
						.crate = "c",
						.version = "1.0.0",
						.event = "finding_opened",
						.severity = "high",
						.project = "payments",
						.team = "sec",
						.headline = "h"};
	static const struct yw_event *const events[] = {&finding};

	expect_event(finding, 1, 1, body);
	expect_alerts(&(struct yw_message){.size = sizeof(struct yw_message),
					   .id = "ntf_1",
					   .subject = "s",
					   .kind = YW_MESSAGE_REMINDER,
					   .events = events,
					   .n_events = 1},
		      1, 1, body);
	expect_event((struct yw_event){.event = "finding_resolved", .project = "payments"}, 0, 0, "[]");
	expect_event((struct yw_event){.event = "replacement_available", .project = "payments"}, 0, 0, "[]");
}

static void an_event_that_was_taken_back_ends_its_alert(void **state)
{
	(void)state;
	static const char rest[] = "\",\"labels\":{\"alertname\":\"YankwatchCrateDeleted\"},\"annotations\":{"
				   "\"summary\":\"s\",\"notification\":\"ntf_1\"}}]";
	char body[512];

	(void)snprintf(body, sizeof body, "[{\"startsAt\":\"2026-01-01T00:00:00Z\",\"endsAt\":\"2026-01-02T00:00:00Z%s",
		       rest);
	expect_event((struct yw_event){.event = "crate_deleted",
				       .at = "2026-01-01T00:00:00Z",
				       .ended_at = "2026-01-02T00:00:00Z"},
		     1, 0, body);
	(void)snprintf(body, sizeof body, "[{\"startsAt\":\"2026-01-03T00:00:00Z\",\"endsAt\":\"2026-01-03T00:00:00Z%s",
		       rest);
	expect_event((struct yw_event){.event = "crate_deleted",
				       .at = "2026-01-03T00:00:00Z",
				       .ended_at = "2026-01-02T00:00:00Z"},
		     1, 0, body);
}

static void a_test_is_an_alert_that_nothing_repeats(void **state)
{
	(void)state;
	expect_alerts(&(struct yw_message){.size = sizeof(struct yw_message),
					   .id = "ntf_1",
					   .subject = "s",
					   .kind = YW_MESSAGE_TEST,
					   .created_at = "2026-01-01T00:00:00Z"},
		      1, 0,
		      "[{\"startsAt\":\"2026-01-01T00:00:00Z\",\"endsAt\":\"" UNTIL
		      "\",\"labels\":{\"alertname\":\"YankwatchTest\",\"severity\":\"info\"},\"annotations\":{"
		      "\"summary\":\"s\","
		      "\"notification\":\"ntf_1\"}}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_written_as_in_the_configuration),
		cmocka_unit_test(moments_come_back_as_they_were),
		cmocka_unit_test(an_event_is_an_alert_if_it_is_a_state_of_things),
		cmocka_unit_test(a_finding_is_an_alert_of_its_project),
		cmocka_unit_test(an_event_that_was_taken_back_ends_its_alert),
		cmocka_unit_test(a_test_is_an_alert_that_nothing_repeats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
