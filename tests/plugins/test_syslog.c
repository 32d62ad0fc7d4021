/* SPDX-License-Identifier: Apache-2.0 */
/* The syslog plugin's pure parts: where to, and every byte of a record. */
#include "syslog/record.h"
#include "syslog/target.h"
#include "yank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void targets_are_parsed_or_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *host, *port, *path; /* host and path NULL: refused */
	} rows[] = {
		{"unix:///dev/log", TARGET_UNIX, "", "", "/dev/log"},
		{"udp://logs.example.com", TARGET_UDP, "logs.example.com", "514", ""},
		{"tcp://logs.example.com", TARGET_TCP, "logs.example.com", "601", ""},
		{"tls://logs.example.com", TARGET_TLS, "logs.example.com", "6514", ""},
		{"tcp://10.0.0.1:10514", TARGET_TCP, "10.0.0.1", "10514", ""},
		{"tls://[::1]:6515", TARGET_TLS, "::1", "6515", ""},
		{"udp://[::1]", TARGET_UDP, "::1", "514", ""},
		{"", 0, NULL, NULL, NULL},
		{"logs.example.com", 0, NULL, NULL, NULL},
		{"http://logs", 0, NULL, NULL, NULL},
		{"unix://dev/log", 0, NULL, NULL, NULL},
		{"udp://", 0, NULL, NULL, NULL},
		{"udp://:514", 0, NULL, NULL, NULL},
		{"udp://a:0", 0, NULL, NULL, NULL},
		{"udp://a:65536", 0, NULL, NULL, NULL},
		{"udp://a:1x", 0, NULL, NULL, NULL},
		{"udp://a/path", 0, NULL, NULL, NULL},
		{"udp://user@a", 0, NULL, NULL, NULL},
		{"udp://[::1", 0, NULL, NULL, NULL},
		{"udp://[::1]x", 0, NULL, NULL, NULL},
		{"udp://a b", 0, NULL, NULL, NULL},
	};
	struct target target;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *fault = target_parse(rows[i].text, &target);
		if (!fault != !!rows[i].host)
			fail_msg("%s: %s", rows[i].text, fault ? fault : "taken");
		if (fault)
			continue;
		assert_int_equal(target.kind, rows[i].kind);
		assert_string_equal(target.host, rows[i].host);
		assert_string_equal(target.port, rows[i].port);
		assert_string_equal(target.path, rows[i].path);
	}
}

#define NOW 1795253400 /* 2026-11-21T09:30:00Z */

static const struct yw_fact facts[] = {
	{"severity", "high"},
	{"when", "2026-11-21T09:30:00Z"},
	{"why", "it \"panics\" a=b c|d [e] f\\\\g \\u{202e}h"},
	{"run", "cargo update -p demo-crate --precise 1.2.4"},
	{"look", "yankwatch show demo-crate@1.2.3"},
};

static const struct yw_event yank = {YANK_EVENT(facts)};

/* Of a registry that lets anything be a name. */
static const struct yw_event hostile = {
	.size = sizeof hostile,
	.id = "evt_2",
	.seq = 4712,
	.at = "now\n<0>",
	.registry = "r",
	.crate = "a\"]\\b\r\n<13>1 - - evil - - -",
	.version = "1\xc2\x9b"
		   "2|=",
	.event = "yanked it",
	.severity = "critical",
	.headline = "a\"]\\\\b <13>1 - - evil - - - 1\\u{9b}2|= was yanked from r",
};

static const struct yw_message message = {
	.size = sizeof message,
	.id = "ntf_1",
	.subject = "still watching",
	.severity = "info",
	.kind = YW_MESSAGE_HEARTBEAT,
	.created_at = "2026-11-21T09:30:01.000Z",
	.facts = &(const struct yw_fact){"watching", "3 registries, 160,000 crates"},
	.n_facts = 1,
};

static void expect(struct record_style style, const struct yw_event *event, const char *expected)
{
	size_t len;

	style.max = style.max ? style.max : RECORD_STREAM_MAX;
	style.hostname = "host";
	style.facility = record_facility("daemon");
	char *record = record_make(&style, &message, event, NOW, &len);
	assert_non_null(record);
	assert_string_equal(record, expected);
	assert_int_equal(len, strlen(expected));
	free(record);
}

#define YANK_TEXT                                                                                        \
	"demo-crate 1.2.3 was yanked from crates-io; why: it \"panics\" a=b c|d [e] f\\\\g \\u{202e}h; " \
	"run: cargo update -p demo-crate --precise 1.2.4"
#define YANK_DATA                                                                                  \
	"[yankwatch@32473 notification=\"ntf_1\" event=\"yanked\" severity=\"high\" id=\"evt_1\" " \
	"seq=\"4711\" registry=\"crates-io\" crate=\"demo-crate\" version=\"1.2.3\"] "

static void a_record_is_of_rfc_5424(void **state)
{
	(void)state;
	expect((struct record_style){0}, &yank,
	       "<27>1 2026-11-21T09:30:00.123Z host yankwatch - yanked " YANK_DATA YANK_TEXT);
	expect((struct record_style){0}, NULL,
	       "<30>1 2026-11-21T09:30:01.000Z host yankwatch - heartbeat [yankwatch@32473 notification=\"ntf_1\" "
	       "event=\"heartbeat\" severity=\"info\"] still watching; watching: 3 registries, 160,000 crates");
}

static void the_local_socket_gets_the_header_of_the_c_library(void **state)
{
	(void)state;
	expect((struct record_style){.local = true}, &yank, "<27>Nov 21 09:30:00 yankwatch: " YANK_DATA YANK_TEXT);
}

/* No line end, no quote that ends a value, no second record. */
static void names_are_escaped_by_the_rules_of_structured_data(void **state)
{
	(void)state;
	expect((struct record_style){0}, &hostile,
	       "<26>1 - host yankwatch - - [yankwatch@32473 notification=\"ntf_1\" event=\"yanked it\" "
	       "severity=\"critical\" id=\"evt_2\" seq=\"4712\" registry=\"r\" "
	       "crate=\"a\\\"\\]\\\\b\\\\x0d\\\\x0a<13>1 - - evil - - -\" version=\"1\\\\xc2\\\\x9b2|=\"] "
	       "a\"]\\\\b <13>1 - - evil - - - 1\\u{9b}2|= was yanked from r");
}

#define CEF "CEF:0|yankwatch|yankwatch|" YANKWATCH_VERSION "|"

static void cef_escapes_bars_in_the_header_and_equals_signs_in_values(void **state)
{
	(void)state;
	expect((struct record_style){.cef = true}, &yank,
	       "<27>1 2026-11-21T09:30:00.123Z host yankwatch - yanked - " CEF
	       "yanked|demo-crate 1.2.3 was yanked from crates-io|8|externalId=evt_1 start=1795253400123 "
	       "cs1Label=registry cs1=crates-io cs2Label=crate cs2=demo-crate cs3Label=version cs3=1.2.3 "
	       "cs4Label=notification cs4=ntf_1 msg=demo-crate 1.2.3 was yanked from crates-io; "
	       "why: it \"panics\" a\\=b c|d [e] f\\\\\\\\g \\\\u{202e}h; run: cargo update -p demo-crate "
	       "--precise 1.2.4");
	expect((struct record_style){.cef = true, .local = true}, &hostile,
	       "<26>Nov 21 09:30:00 yankwatch: " CEF
	       "yanked it|a\"]\\\\\\\\b <13>1 - - evil - - - 1\\\\u{9b}2\\|= was yanked from r|10|externalId=evt_2 "
	       "cs1Label=registry cs1=r cs2Label=crate cs2=a\"]\\\\b\\\\x0d\\\\x0a<13>1 - - evil - - - "
	       "cs3Label=version cs3=1\\\\xc2\\\\x9b2|\\= cs4Label=notification cs4=ntf_1 "
	       "msg=a\"]\\\\\\\\b <13>1 - - evil - - - 1\\\\u{9b}2|\\= was yanked from r");
}

static void a_finding_has_its_project_and_team_in_fields_of_their_own(void **state)
{
	(void)state;
	static const struct yw_event finding = {.size = sizeof finding,
						.id = "evt_3",
						.seq = 4713,
						.registry = "r",
						.crate = "c",
						.version = "1",
						.event = "finding_opened",
						.severity = "high",
						.headline = "h",
						.project = "p\"] |=\n",
						.team = "sec"};

	expect((struct record_style){0}, &finding,
	       "<27>1 2026-11-21T09:30:01.000Z host yankwatch - finding_opened [yankwatch@32473 notification=\"ntf_1\" "
	       "event=\"finding_opened\" severity=\"high\" id=\"evt_3\" seq=\"4713\" registry=\"r\" crate=\"c\" "
	       "version=\"1\" project=\"p\\\"\\] |=\\\\x0a\" team=\"sec\"] h");
	expect((struct record_style){.cef = true, .local = true}, &finding,
	       "<27>Nov 21 09:30:00 yankwatch: " CEF "finding_opened|h|8|externalId=evt_3 start=1795253401000 "
	       "cs1Label=registry cs1=r cs2Label=crate cs2=c cs3Label=version cs3=1 cs5Label=project "
	       "cs5=p\"] |\\=\\\\x0a cs6Label=team cs6=sec cs4Label=notification cs4=ntf_1 msg=h");
}

static void a_long_record_is_cut_between_characters(void **state)
{
	(void)state;
	struct yw_event event = yank;

	event.facts = NULL;
	event.n_facts = 0;
	event.headline = "\xc3\xbc\xc3\xbc\xc3\xbc";
	size_t head = strlen("<27>Nov 21 09:30:00 yankwatch: " YANK_DATA);
	expect((struct record_style){.local = true, .max = head + 3}, &event,
	       "<27>Nov 21 09:30:00 yankwatch: " YANK_DATA "\xc3\xbc");
}

/* What cannot be cut is bounded: structured data always has its end. */
static void the_longest_names_leave_room_for_text(void **state)
{
	(void)state;
	char name[5000];
	struct record_style style = {.hostname = "host", .facility = 23, .max = RECORD_UDP_MAX};
	size_t len;

	memset(name, 1, sizeof name);
	name[sizeof name - 1] = '\0';
	struct yw_event event = {.size = sizeof event,
				 .id = name,
				 .registry = name,
				 .crate = name,
				 .version = name,
				 .event = name,
				 .severity = name,
				 .at = name,
				 .headline = "headline"};
	char *record = record_make(&style, &message, &event, NOW, &len);
	assert_non_null(record);
	assert_true(len < RECORD_UDP_MAX);
	assert_string_equal(record + len - strlen("\"] headline"), "\"] headline");
	free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_parsed_or_refused),
		cmocka_unit_test(a_record_is_of_rfc_5424),
		cmocka_unit_test(the_local_socket_gets_the_header_of_the_c_library),
		cmocka_unit_test(names_are_escaped_by_the_rules_of_structured_data),
		cmocka_unit_test(cef_escapes_bars_in_the_header_and_equals_signs_in_values),
		cmocka_unit_test(a_finding_has_its_project_and_team_in_fields_of_their_own),
		cmocka_unit_test(a_long_record_is_cut_between_characters),
		cmocka_unit_test(the_longest_names_leave_room_for_text),
	};
	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
