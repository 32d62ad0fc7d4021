/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of events: what stands together, until when, how much, and what comes of it. */
#include "outbox_fixture.h"

#include "base/json.h"

static const struct grouping half_minute = {.by = GROUP_BY_CRATE, .wait_ms = 30 * SECOND};
static const struct grouping hourly = {.by = GROUP_BY_CRATE, .digest = DIGEST_HOURLY};

static void gather(struct fixture *f, const char *key, const char *version, int64_t now_ms)
{
	const struct event event = append_event(f->db, f->crate, version, now_ms);

	tell(f, "hook", f->crate, event.seq, &half_minute, key, now_ms);
}

/* How many events the document tells; their seq must go up. */
static int64_t events_in(const char *document)
{
	OWNED_JSON cJSON *json = NULL;
	struct err err = {0};
	const cJSON *event;
	int64_t last = 0;
	int64_t n = 0;

	ok(json_parse(document, strlen(document), &json, &err));
	cJSON_ArrayForEach (event, json_member(json, "events")) {
		assert_true(json_int(event, "seq", 0) > last);
		last = json_int(event, "seq", 0);
		n++;
	}
	return n;
}

static void a_burst_within_the_wait_is_one_notification_in_order(void **state)
{
	struct fixture *f = *state;
	char version[16];

	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(version, sizeof version, "0.%u.%u", i / 10, i % 10);
		gather(f, "demo", version, NOW + (int64_t)i * 250);
	}
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_GATHERING);
	OWNED_CLAIM struct outbox_claim early = claim_for(f, "hook", NOW + 30 * SECOND - 1);
	assert_int_equal(early.notification.row, 0);
	assert_int_equal(early.next_due_ms, NOW + 30 * SECOND); /* later events do not prolong it */
	assert_false(early.undelivered);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + 30 * SECOND);
	assert_int_equal(claim.notification.row, 1);
	assert_int_equal(events_in(claim.notification.document), 100);
	assert_string_equal(claim.notification.subject, "[high] demo: 100 versions yanked (0.0.0 to 0.9.9)");
	assert_int_equal(record(f, 1, 1, FRAME_OK, NOW + 31 * SECOND), NOTIFICATION_DELIVERED);
}

static void an_event_after_the_wait_begins_another_group(void **state)
{
	struct fixture *f = *state;

	gather(f, "demo", "1", NOW);
	assert_int_equal(claim_row(f, NOW + 30 * SECOND), 1);
	gather(f, "demo", "2", NOW + 31 * SECOND); /* while the first is in flight */
	assert_int_equal(state_of(f, 2), NOTIFICATION_GATHERING);
	assert_int_equal(claim_row(f, NOW + 62 * SECOND), 0); /* it waits for the first: one crate */
	(void)record(f, 1, 1, FRAME_OK, NOW + 62 * SECOND);
	assert_int_equal(claim_row(f, NOW + 62 * SECOND), 2);
}

static void groups_of_other_keys_and_notifiers_stand_apart(void **state)
{
	struct fixture *f = *state;
	const struct event event = append_event(f->db, f->crate, "1", NOW);

	tell(f, "hook", f->crate, event.seq, &half_minute, "a", NOW);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &half_minute, "b", NOW);
	tell(f, "mail", f->crate, event.seq, &half_minute, "a", NOW);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE state = 4"), 3);
}

static void without_a_key_each_event_waits_by_itself(void **state)
{
	struct fixture *f = *state;

	gather(f, NULL, "1", NOW);
	gather(f, NULL, "2", NOW + 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE state = 4"), 2);
	assert_int_equal(claim_row(f, NOW + 30 * SECOND), 1);
}

static void what_takes_an_event_back_joins_it_while_it_gathers(void **state)
{
	static const struct grouping at_once = {0};
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW);
	struct err err = {0};

	gather(f, NULL, "1", NOW);
	int64_t unyank = happen(f, f->crate, EVENT_UNYANKED, "1", NOW + 1);
	const struct outbox_entry entry = {
		.notifier = "hook", .event = unyank, .crate = f->crate, .follows = 1, .grouping = &at_once};
	ok(outbox_add(&outbox, &entry, &err));
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 1);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + 30 * SECOND);
	assert_string_equal(claim.notification.subject, "[high] demo 1: yanked, then un-yanked");
	assert_string_equal(claim.notification.ended, "{\"evt_1\":\"2026-11-21T09:30:00.001Z\"}");
}

static void a_full_group_is_due_at_once_and_the_next_begins(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < GROUP_EVENTS_MAX + 10; i++)
		gather(f, "demo", "1", NOW);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DUE);
	assert_int_equal(column(f, "events", 1), GROUP_EVENTS_MAX);
	assert_int_equal(state_of(f, 2), NOTIFICATION_GATHERING);
	assert_int_equal(column(f, "events", 2), 10);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_int_equal(claim.notification.row, 1);
	assert_int_equal(events_in(claim.notification.document), GROUP_EVENTS_MAX);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification_event"), GROUP_EVENTS_MAX + 10);
}

/* An event with a line of a megabyte as evidence. */
static int64_t append_large(struct fixture *f, int64_t at_ms)
{
	OWNED_MEM char *line = malloc(1u << 20);
	struct err err = {0};
	struct event event = {.at_ms = at_ms,
			      .observed_at_ms = at_ms,
			      .registry = "r",
			      .index_url = INDEX_URL,
			      .crate = "demo",
			      .version = "1",
			      .kind = EVENT_YANKED,
			      .severity = SEVERITY_HIGH};

	assert_non_null(line);
	memset(line, 'x', 1u << 20);
	event.line = line;
	event.line_len = 1u << 20;
	ok(history_next_seq(f->db, &event.seq, &err));
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)event.seq);
	ok(history_append(f->db, f->crate, &event, &err));
	return event.seq;
}

static void a_group_is_closed_before_it_is_too_large_for_a_frame(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 10; i++)
		tell(f, "hook", f->crate, append_large(f, NOW), &half_minute, "demo", NOW);
	assert_int_equal(number(f->db, "SELECT sum(events) FROM notification"), 10);
	assert_true(number(f->db, "SELECT max(bytes) FROM notification") <= GROUP_BYTES_MAX);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE state = 4"), 1);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_true(strlen(claim.notification.document) < FRAME_MAX / 2 + 1000);
	assert_int_equal(events_in(claim.notification.document), column(f, "events", 1));
}

static void open_groups_survive_a_crash(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t recovered;

	gather(f, "demo", "1", NOW);
	gather(f, "demo", "2", NOW);
	ok(db_commit(f->db, &err));
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	const struct outbox outbox = outbox_of(f, NOW + SECOND);
	ok(outbox_recover(&outbox, &recovered, &err));
	assert_int_equal(recovered, 0);
	gather(f, "demo", "3", NOW + 2 * SECOND);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + 30 * SECOND);
	assert_int_equal(events_in(claim.notification.document), 3);
}

static void a_digest_waits_for_the_full_hour(void **state)
{
	struct fixture *f = *state;
	const struct event event = append_event(f->db, f->crate, "1", NOW);

	tell(f, "hook", f->crate, event.seq, &hourly, "demo", NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + 29 * MINUTE);
	assert_int_equal(claim.next_due_ms, NOW + 30 * MINUTE);
	assert_int_equal(claim_row(f, NOW + 30 * MINUTE), 1);
}

static void who_does_not_wait_gets_groups_at_once_but_no_digests(void **state)
{
	struct fixture *f = *state;
	const struct grouping daily = {.by = GROUP_BY_CRATE, .digest = DIGEST_DAILY, .digest_minute = 480};
	const struct grouping hour = {.by = GROUP_BY_CRATE, .wait_ms = 60 * MINUTE};
	struct outbox outbox = outbox_of(f, NOW + SECOND);
	OWNED_CLAIM struct outbox_claim first = {0};
	OWNED_CLAIM struct outbox_claim second = {0};
	OWNED_CLAIM struct outbox_claim none = {0};
	struct err err = {0};

	tell(f, "hook", f->crate, append_event(f->db, f->crate, "1", NOW).seq, &hourly, "a", NOW);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &daily, "b", NOW);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "3", NOW).seq, &hour, NULL, NOW);
	gather(f, "c", "4", NOW);
	gather(f, "c", "5", NOW + SECOND);
	assert_int_equal(claim_row(f, NOW + SECOND), 0);
	outbox.no_wait = true;
	ok(outbox_claim(&outbox, "hook", &first, &err));
	assert_int_equal(first.notification.row, 4);
	assert_int_equal(events_in(first.notification.document), 2);
	(void)record(f, 4, 1, FRAME_OK, NOW + SECOND);
	ok(outbox_claim(&outbox, "hook", &second, &err));
	assert_int_equal(second.notification.row, 3);
	(void)record(f, 3, 1, FRAME_OK, NOW + SECOND);
	ok(outbox_claim(&outbox, "hook", &none, &err));
	assert_int_equal(none.notification.row, 0);
	assert_int_equal(none.next_due_ms, NOW + 30 * MINUTE);
}

static void a_group_from_the_future_is_due_now(void **state)
{
	struct fixture *f = *state;

	gather(f, "demo", "1", NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW - 10 * SECOND);
	assert_int_equal(claim.notification.row, 1); /* 40 s away, its wait is 30 s: the clock was stepped back */
}

static void a_group_counts_its_time_from_when_it_was_due(void **state)
{
	struct fixture *f = *state;

	gather(f, "demo", "1", NOW);
	assert_int_equal(claim_row(f, NOW + GIVE_UP), 1); /* yankwatchd did not run that long */
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW + GIVE_UP + MINUTE), NOTIFICATION_DUE);
	assert_int_equal(claim_row(f, NOW + 2 * GIVE_UP), 1);
	assert_int_equal(record(f, 1, 2, FRAME_RETRY, NOW + 2 * GIVE_UP), NOTIFICATION_DEAD);
}

static void the_same_bytes_go_out_whatever_happens_between(void **state)
{
	struct fixture *f = *state;

	gather(f, "demo", "1", NOW);
	gather(f, "demo", "2", NOW);
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW + MINUTE);
	(void)record(f, 1, 1, FRAME_RETRY, NOW + MINUTE);
	gather(f, "demo", "3", NOW + MINUTE);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + HOUR);
	assert_int_equal(second.notification.row, 1);
	assert_string_equal(first.notification.document, second.notification.document);
	assert_string_equal(first.notification.subject, second.notification.subject);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_burst_within_the_wait_is_one_notification_in_order),
		store_test(an_event_after_the_wait_begins_another_group),
		store_test(groups_of_other_keys_and_notifiers_stand_apart),
		store_test(without_a_key_each_event_waits_by_itself),
		store_test(what_takes_an_event_back_joins_it_while_it_gathers),
		store_test(a_full_group_is_due_at_once_and_the_next_begins),
		store_test(a_group_is_closed_before_it_is_too_large_for_a_frame),
		store_test(open_groups_survive_a_crash),
		store_test(a_digest_waits_for_the_full_hour),
		store_test(who_does_not_wait_gets_groups_at_once_but_no_digests),
		store_test(a_group_from_the_future_is_due_now),
		store_test(a_group_counts_its_time_from_when_it_was_due),
		store_test(the_same_bytes_go_out_whatever_happens_between),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
