/* SPDX-License-Identifier: Apache-2.0 */
/* What the socket asks of the outbox: filters, pages, one notification whole, notifiers. */
#include "fixture.h"

#include "base/json.h"
#include "store/query.h"
#include "store/query_outbox.h"

/* Six notifications of three notifiers; the events are seq 1 and 2 of demo, seq 3 of other. */
static const char ROWS[] =
	"INSERT INTO silence (id, public_id, created_ms, ends_ms, author, comment, crate)"
	" VALUES (1, 'sil_1', 0, 9, 'me', 'why', 'demo');"
	"INSERT INTO notification (id, public_id, notifier, kind, state, attempt, created_ms, ready_ms, due_ms, again,"
	" origin, events, subject, last_text) VALUES"
	" (1, 'ntf_1', 'hook', 0, 2, 1, 1000, 1000, 1000, 0, NULL, 2, 'two yanks', 'fine'),"
	" (2, 'ntf_2', 'hook', 0, 3, 3, 2000, 2000, 5000, 0, NULL, 1, 'a yank', 'no ' || char(27) || 'x'),"
	" (3, 'ntf_3', 'mail', 3, 0, 0, 3000, 3000, 3000, 0, 2, 1, NULL, NULL),"
	" (4, 'ntf_4', 'mail', 0, 4, 0, 4000, 9000, 9000, 0, NULL, 1, NULL, NULL),"
	" (5, 'ntf_5', 'chat', 0, 2, 1, 5000, 5000, 8000, 1, NULL, 1, 's', ''),"
	" (6, 'ntf_6', 'chat', 0, 5, 0, 6000, 6000, 6000, 0, NULL, 1, NULL, NULL);"
	"INSERT INTO notification_event (notification, event, crate, silence) VALUES"
	" (1, 1, 1, NULL), (1, 2, 1, NULL), (2, 1, 1, NULL), (3, 1, 1, NULL), (4, 3, 2, NULL), (5, 3, 2, NULL),"
	" (6, 2, 1, 1);"
	"INSERT INTO attempt VALUES (2, 1, 2000, 30, 1, 2500, 'status 500'), (2, 2, 2500, 40, 1, 3000, 'status 500'),"
	" (2, 3, 3000, 0, NULL, NULL, NULL);"
	"INSERT INTO notifier VALUES ('chat', 7000, '410 Gone'), ('gone', 7500, 'enough');";

static int setup_outbox(void **state)
{
	struct err err = {0};

	setup_database(state);
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");
	(void)append_event(f->db, f->crate, "1", 1000);
	(void)append_event(f->db, f->crate, "2", 2000);
	(void)append_event(f->db, other, "1", 3000);
	ok(db_script(f->db, ROWS, &err));
	return 0;
}
#define outbox_test(test) cmocka_unit_test_setup_teardown(test, setup_outbox, teardown)

static cJSON *parsed(const struct strbuf *text)
{
	struct err err = {0};
	cJSON *value = NULL;

	ok(json_parse(text->data, text->len, &value, &err));
	return value;
}

/* "6 5 4, next 4": the ids of a page. */
static void check_page(struct db *db, const struct notification_filter *filter, const char *expected)
{
	OWNED_STRBUF struct strbuf out = {0};
	OWNED_STRBUF struct strbuf told = {0};
	struct err err = {0};
	const cJSON *item;

	ok(query_notifications(db, filter, &out, &err));
	OWNED_JSON cJSON *page = parsed(&out);
	cJSON_ArrayForEach (item, json_member(page, "notifications"))
		strbuf_addf(&told, "%s%s", told.len ? " " : "", json_string(item, "id") + strlen("ntf_"));
	if (json_string(page, "next"))
		strbuf_addf(&told, ", next %s", json_string(page, "next"));
	assert_string_equal(strbuf_str(&told), expected);
}

static void notifications_are_filtered_newest_first(void **state)
{
	struct fixture *f = *state;
	static const struct {
		struct notification_filter filter;
		const char *expected;
	} rows[] = {
		{{.state = -1, .limit = 1000}, "6 5 4 3 2 1"},
		{{.state = -1, .limit = 4}, "6 5 4 3, next 3"},
		{{.state = -1, .limit = 4, .after = 3}, "2 1"},
		{{.state = -1, .limit = 6}, "6 5 4 3 2 1"},
		{{.state = NOTIFICATION_DEAD, .limit = 9}, "2"},
		{{.state = NOTIFICATION_DELIVERED, .limit = 1}, "5, next 5"},
		{{.state = NOTIFICATION_DELIVERED, .limit = 1, .after = 5}, "1"},
		{{.state = NOTIFICATION_DUE, .notifier = "hook", .limit = 9}, ""},
		{{.state = -1, .notifier = "mail", .limit = 9}, "4 3"},
		{{.state = -1, .crate = "other", .limit = 9}, "5 4"},
		{{.state = -1, .crate = "demo", .notifier = "hook", .limit = 9}, "2 1"},
		{{.state = NOTIFICATION_DEAD, .crate = "demo", .limit = 9}, "2"},
		{{.state = NOTIFICATION_DEAD, .crate = "other", .limit = 9}, ""},
		{{.state = -1, .crate = "nobody", .limit = 9}, ""},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_page(f->db, &rows[i].filter, rows[i].expected);
}

static void one_is_told_with_its_events_and_every_attempt(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	ok(query_notification(f->db, "ntf_2", &out, &err));
	OWNED_JSON cJSON *it = parsed(&out);
	assert_string_equal(json_string(it, "state"), "dead");
	assert_string_equal(json_string(it, "kind"), "events");
	assert_string_equal(json_string(it, "last_text"), "no \033x");
	assert_non_null(strstr(strbuf_str(&out), "no \\u001bx"));
	assert_null(json_member(it, "due_at"));
	assert_int_equal(json_int(it, "attempt", 0), 3);
	const cJSON *attempts = json_member(it, "attempts");
	assert_int_equal(cJSON_GetArraySize(attempts), 3);
	const cJSON *first = cJSON_GetArrayItem(attempts, 0);
	assert_string_equal(json_string(first, "outcome"), "retry");
	assert_string_equal(json_string(first, "at"), "1970-01-01T00:00:02.000Z");
	assert_string_equal(json_string(first, "due_at"), "1970-01-01T00:00:02.500Z");
	assert_int_equal(json_int(first, "duration_ms", 0), 30);
	const cJSON *last = cJSON_GetArrayItem(attempts, 2);
	assert_null(json_member(last, "outcome"));
	assert_null(json_member(last, "due_at"));
	const cJSON *events = json_member(it, "events");
	assert_int_equal(cJSON_GetArraySize(events), 1);
	assert_int_equal(json_int(cJSON_GetArrayItem(events, 0), "seq", 0), 1);
}

static void what_is_absent_is_left_out(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *id, *there, *absent;
	} rows[] = {
		{"ntf_1", "subject", "due_at"},   {"ntf_1", "last_text", "origin"}, {"ntf_3", "origin", "subject"},
		{"ntf_3", "due_at", "last_text"}, {"ntf_4", "due_at", "origin"},    {"ntf_5", "due_at", "origin"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf out = {0};
		struct err err = {0};
		ok(query_notification(f->db, rows[i].id, &out, &err));
		OWNED_JSON cJSON *it = parsed(&out);
		assert_non_null(json_member(it, rows[i].there));
		assert_null(json_member(it, rows[i].absent));
	}
}

static void events_that_were_held_back_name_their_silence(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	ok(query_notification(f->db, "ntf_6", &out, &err));
	OWNED_JSON cJSON *it = parsed(&out);
	assert_string_equal(json_string(json_member(it, "silenced"), "evt_2"), "sil_1");
}

static void an_id_that_nobody_has_is_absent(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf out = {0};
	struct err err = {0};

	assert_int_equal(query_notification(f->db, "ntf_7", &out, &err), ERR_ABSENT);
	assert_string_equal(err.text, "there is no notification ntf_7");
}

static void notifiers_have_what_waits_what_is_dead_and_why_they_are_off(void **state)
{
	struct fixture *f = *state;
	OWNED(notifiers_counts_release) struct notifiers_counts counts = {0};
	struct err err = {0};
	static const struct notifier_counts expected[] = {
		{.name = (char *)"hook", .dead = 1},
		{.name = (char *)"mail", .waiting = 2},
		{.name = (char *)"chat", .disabled_ms = 7000, .disabled_text = (char *)"410 Gone"},
		{.name = (char *)"gone", .disabled_ms = 7500, .disabled_text = (char *)"enough"},
	};

	ok(query_notifiers(f->db, &counts, &err));
	assert_int_equal(counts.count, ARRAY_LEN(expected));
	for (size_t i = 0; i < counts.count; i++) {
		assert_string_equal(counts.items[i].name, expected[i].name);
		assert_int_equal(counts.items[i].waiting, expected[i].waiting);
		assert_int_equal(counts.items[i].dead, expected[i].dead);
		assert_int_equal(counts.items[i].disabled_ms, expected[i].disabled_ms);
		if (expected[i].disabled_text)
			assert_string_equal(counts.items[i].disabled_text, expected[i].disabled_text);
		else
			assert_null(counts.items[i].disabled_text);
	}
}

static void tests_and_heartbeats_are_no_dead_letters(void **state)
{
	static const enum notification_kind kinds[] = {NOTIFICATION_TEST, NOTIFICATION_HEARTBEAT};
	struct fixture *f = *state;
	struct err err = {0};
	char sql[64];

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		OWNED(notifiers_counts_release) struct notifiers_counts counts = {0};
		struct database_counts all;
		(void)snprintf(sql, sizeof sql, "UPDATE notification SET kind = %d WHERE state = 3", (int)kinds[i]);
		ok(db_script(f->db, sql, &err));
		ok(query_notifiers(f->db, &counts, &err));
		for (size_t n = 0; n < counts.count; n++)
			assert_int_equal(counts.items[n].dead, 0);
		ok(query_counts(f->db, &all, &err));
		assert_int_equal(all.notifications[NOTIFICATION_DEAD], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		outbox_test(notifications_are_filtered_newest_first),
		outbox_test(one_is_told_with_its_events_and_every_attempt),
		outbox_test(what_is_absent_is_left_out),
		outbox_test(events_that_were_held_back_name_their_silence),
		outbox_test(an_id_that_nobody_has_is_absent),
		outbox_test(notifiers_have_what_waits_what_is_dead_and_why_they_are_off),
		outbox_test(tests_and_heartbeats_are_no_dead_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
