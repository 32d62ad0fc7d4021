/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole mails, held against tests/golden/email/. With YANKWATCH_GOLDEN=write in the
 * environment the files are written instead: look at the difference before you
 * commit it. test_email_golden.py reads the same files as a mail reader does.
 */
#include "email/mail.h"
#include "yank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(rows) (sizeof(rows) / sizeof(rows)[0])
#define HOSTILE \
	"x\r\nBcc: evil@example.com\r\n\r\n.\r\n<script>alert('1')</script> \xe2\x80\xaegnp.exe =?UTF-8?Q?x?= \xff"

static const struct address recipients[] = {
	{.spec = "sec@example.com"},
	{.spec = "night@example.com",
	 .name = "Nachtw\xc3\xa4"
		 "chter"},
};

static const struct mail_frame frame = {
	.notifier = "sec-mail",
	.from = {.spec = "yankwatch@example.com", .name = "yankwatch"},
	.to = recipients,
	.n_to = ROWS(recipients),
};

static char *golden_path(const char *name, char buf[static 4096])
{
	(void)snprintf(buf, 4096, "%s/../golden/email/%s.eml", TESTS_DIR, name);
	return buf;
}

static void write_golden(const char *name, const char *mail, size_t len)
{
	char path[4096];
	FILE *file = fopen(golden_path(name, path), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(mail, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static char *read_golden(const char *name)
{
	char path[4096], *text = NULL;
	size_t len = 0;
	FILE *file = fopen(golden_path(name, path), "r");

	assert_non_null(file);
	assert_true(getdelim(&text, &len, '\0', file) > 0);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void expect_golden(const char *name, const struct yw_message *message)
{
	size_t len, again_len;
	char *mail = mail_render(message, &frame, &len);
	char *again = mail_render(message, &frame, &again_len);

	assert_non_null(mail);
	assert_int_equal(strlen(mail), len);
	assert_string_equal(mail, again);
	if (getenv("YANKWATCH_GOLDEN"))
		write_golden(name, mail, len);
	char *golden = read_golden(name);
	assert_string_equal(mail, golden);
	free(golden);
	free(again);
	free(mail);
}

/* ---- messages ---- */

static const struct yw_fact yank_facts[] = {
	{"severity", "high"},
	{"when", "2026-11-21T09:30:00Z"},
	{"why", "unsound: Vec::drain reads after free (by alice, an owner of the crate) \xf0\x9f\xa6\x80"},
	{"projects", "payments (team sec) locks it: high"},
	{"projects", "edge (team web) may take it, by ^1.2: medium"},
	{"instead", "1.2.4"},
	{"run", "cargo update -p demo-crate --precise 1.2.4"},
	{"look", "yankwatch show demo-crate@1.2.3"},
};

static const struct yw_event yank = {YANK_EVENT(yank_facts)};

static struct yw_message message_of(const struct yw_event *const *events, size_t n)
{
	return (struct yw_message){
		.size = sizeof(struct yw_message),
		.id = "ntf_0123456789abcdef",
		.attempt = 1,
		.subject = "[high] demo-crate 1.2.3 yanked: payments locks it",
		.document = "{\"events\":[]}",
		.document_len = 13,
		.events = events,
		.n_events = n,
		.severity = "high",
		.created_at = "2026-11-21T09:30:01.000Z",
		.state = "",
		.text = "[high] demo-crate 1.2.3 yanked: payments locks it\n\n"
			"demo-crate 1.2.3 was yanked from crates-io\n"
			"  when: 2026-11-21T09:30:00Z\n"
			"  why: \xe2\x80\x9cunsound: Vec::drain reads after free\xe2\x80\x9d, says alice\n"
			"  run: cargo update -p demo-crate --precise 1.2.4\n",
	};
}

static void a_yank_with_findings_reason_and_replacement(void **state)
{
	(void)state;
	static const struct yw_event *const events[] = {&yank};
	struct yw_message message = message_of(events, 1);

	expect_golden("yank", &message);
}

/* And one that only says who it is: of a host without words of its own. */
static void a_group_of_a_hundred(void **state)
{
	(void)state;
	static char headlines[100][80];
	static struct yw_event group[100];
	static const struct yw_event *events[100];

	for (size_t i = 0; i < 100; i++) {
		group[i] = yank;
		(void)snprintf(headlines[i], sizeof headlines[i], "demo-crate 0.%zu.0 was yanked from crates-io", i);
		group[i].headline = headlines[i];
		group[i].n_facts = 2;
		group[i].severity = i % 3 == 0 ? "critical" : "low";
		events[i] = &group[i];
	}
	struct yw_message message = message_of(events, 100);
	message.subject = "[critical] 100 versions of demo-crate yanked";
	message.severity = "critical";
	message.text = NULL;
	expect_golden("group-of-100", &message);
}

static void an_unyank_follows_its_yank(void **state)
{
	(void)state;
	static const struct yw_fact facts[] = {{"when", "2026-11-21T11:00:00Z"},
					       {"look", "yankwatch show demo-crate@1.2.3"}};
	struct yw_event unyank = yank;
	const struct yw_event *const events[] = {&unyank};

	unyank.event = "unyanked";
	unyank.severity = "info";
	unyank.headline = "demo-crate 1.2.3 was un-yanked in crates-io and can be used again";
	unyank.facts = facts;
	unyank.n_facts = ROWS(facts);
	struct yw_message message = message_of(events, 1);
	message.id = "ntf_fedcba9876543210";
	message.follows = "ntf_0123456789abcdef";
	message.subject = "[info] demo-crate 1.2.3 un-yanked";
	message.severity = "info";
	message.text = "[info] demo-crate 1.2.3 un-yanked\n";
	expect_golden("unyank", &message);
}

static void a_heartbeat(void **state)
{
	(void)state;
	static const struct yw_fact facts[] = {{"watching", "3 registries, 160,000 crates"},
					       {"events", "12 since 2026-11-14T09:30:00Z"},
					       {"look", "yankwatch status"}};
	struct yw_message message = message_of(NULL, 0);

	message.kind = YW_MESSAGE_HEARTBEAT;
	message.subject = "still watching: 3 registries, 160,000 crates";
	message.severity = NULL;
	message.facts = facts;
	message.n_facts = ROWS(facts);
	message.text = "still watching: 3 registries, 160,000 crates\n\nwatching: 3 registries, 160,000 crates\n";
	expect_golden("heartbeat", &message);
}

/* The host cleans texts; here it is taken to have forgotten. */
static void everything_is_hostile(void **state)
{
	(void)state;
	static const struct yw_fact facts[] = {
		{"why", HOSTILE}, {HOSTILE, "</table>"}, {"run", "a && b \"c\" 'd'\r\n.\r\n"}};
	struct yw_event event = yank;
	const struct yw_event *const events[] = {&event};

	event.headline = HOSTILE;
	event.severity = HOSTILE;
	event.facts = facts;
	event.n_facts = ROWS(facts);
	struct yw_message message = message_of(events, 1);
	message.subject = HOSTILE;
	message.severity = HOSTILE;
	message.follows = HOSTILE;
	message.created_at = HOSTILE;
	message.text = "Text\n.\n.\r\nFrom me\n" HOSTILE "\n--=_yankwatch_ntf_0123456789abcdef--\n";
	expect_golden("hostile", &message);
}

/* ---- without files ---- */

static void a_message_of_an_older_host_is_a_mail_too(void **state)
{
	(void)state;
	static const struct yw_event *const events[] = {&yank};
	struct yw_message message = message_of(events, 1);
	size_t len;

	message.size = offsetof(struct yw_message, kind);
	message.kind = YW_MESSAGE_TEST;
	message.follows = message.severity = message.text = (const char *)1; /* beyond its end: not to be looked at */
	message.n_facts = 1;
	message.created_at = (const char *)1;
	char *mail = mail_render(&message, &frame, &len);
	assert_non_null(mail);
	assert_non_null(strstr(mail, "\r\nMessage-ID: <ntf_0123456789abcdef@yankwatch.example.com>\r\n"));
	assert_non_null(strstr(mail, "Date: Sat, 21 Nov 2026 09:30:00 +0000\r\n"));
	assert_non_null(strstr(mail, "\r\ndemo-crate 1.2.3 was yanked from crates-io\r\n"));
	assert_null(strstr(mail, "In-Reply-To"));
	assert_null(strstr(mail, "X-Yankwatch-Severity"));
	free(mail);
}

/* 10 MB of words, and 5,000 events with 1 MB of facts: what every server takes. */
static void what_is_too_long_is_cut(void **state)
{
	(void)state;
	static const struct yw_event *events[5000];
	static char text[10000001], value[1 << 20];
	struct yw_fact fact = {"why", value};
	struct yw_event event = yank;
	size_t len;

	memset(value, '\xe9', sizeof value - 1); /* no UTF-8: the worst case in bytes */
	event.facts = &fact;
	event.n_facts = 1;
	for (size_t i = 0; i < ROWS(events); i++)
		events[i] = &event;
	memset(text, '\x01', sizeof text - 1);
	for (size_t i = 99; i < sizeof text - 1; i += 100)
		text[i] = '\n';
	struct yw_message message = message_of(events, ROWS(events));
	message.text = text;
	char *mail = mail_render(&message, &frame, &len);
	assert_non_null(mail);
	assert_in_range(len, 100000, 2000000);
	assert_non_null(strstr(mail, "Too long for a mail, cut here."));
	assert_non_null(strstr(mail, "and 4800 more:"));
	free(mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_yank_with_findings_reason_and_replacement),
		cmocka_unit_test(a_group_of_a_hundred),
		cmocka_unit_test(an_unyank_follows_its_yank),
		cmocka_unit_test(a_heartbeat),
		cmocka_unit_test(everything_is_hostile),
		cmocka_unit_test(a_message_of_an_older_host_is_a_mail_too),
		cmocka_unit_test(what_is_too_long_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
