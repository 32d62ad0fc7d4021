/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts, what a plugin leaves for the next one, repeats, and what is looked up at each claim. */
#include "outbox_fixture.h"

static int64_t attempts_where(struct fixture *f, const char *condition)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM attempt WHERE %s", condition);
	return number(f->db, sql);
}

/* ---- attempts ---- */

static void every_attempt_is_stored(void **state)
{
	struct fixture *f = *state;
	struct delivery_result result = {.row = 1,
					 .attempt = 1,
					 .outcome = FRAME_RETRY,
					 .started_ms = NOW + 7,
					 .duration_ms = 42,
					 .text = "HTTP 503"};
	const struct outbox outbox = outbox_of(f, NOW + 50);

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(attempts_where(f, "number = 1 AND outcome IS NULL AND started_ms > 0"), 1);
	(void)record_at(&outbox, &result);
	assert_int_equal(claim_row(f, NOW + MINUTE), 1);
	result = (struct delivery_result){.row = 1, .attempt = 2, .outcome = FRAME_OK, .text = "HTTP 204"};
	(void)record_at(&outbox, &result);
	assert_int_equal(attempts_where(f, "1"), 2);
	assert_int_equal(attempts_where(f, "number = 1 AND outcome = 1 AND text = 'HTTP 503' AND duration_ms = 42"
					   " AND started_ms = 1795253400007 AND due_ms = 1795253401050"),
			 1);
	/* A runner that does not say when it began: the claim's time. */
	assert_int_equal(attempts_where(f, "number = 2 AND outcome = 0 AND text = 'HTTP 204' AND due_ms IS NULL"
					   " AND started_ms = 1795253460000"),
			 1);
}

static void an_attempt_that_a_crash_cut_off_says_so(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW + MINUTE);
	struct err err = {0};
	int64_t recovered;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	ok(outbox_recover(&outbox, &recovered, &err));
	assert_int_equal(attempts_where(f, "number = 1 AND outcome = 1 AND text LIKE 'yankwatchd ended%'"), 1);
	assert_int_equal(claim_row(f, NOW + MINUTE), 1);
	assert_int_equal(attempts_where(f, "number = 2 AND outcome IS NULL"), 1);
}

static void a_plugins_state_comes_back_at_the_next_attempt(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW);
	const struct delivery_result result = {
		.row = 1, .attempt = 1, .outcome = FRAME_RETRY, .text = "", .state = "to: bob@example.com"};

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW);
	assert_null(first.notification.state);
	assert_int_equal(first.notification.created_ms, NOW);
	(void)record_at(&outbox, &result);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + HOUR);
	assert_string_equal(second.notification.state, "to: bob@example.com");
	(void)record(f, 1, 2, FRAME_RETRY, NOW + HOUR); /* it left nothing */
	OWNED_CLAIM struct outbox_claim third = claim_for(f, "hook", NOW + 2 * HOUR);
	assert_null(third.notification.state);
}

static void only_the_last_attempts_are_kept(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW);

	add(f, f->crate, "1");
	for (unsigned i = 1; i <= OUTBOX_ATTEMPTS_KEPT + 20; i++) {
		const struct delivery_result again = {
			.row = 1, .attempt = i, .outcome = FRAME_OK, .again_after_ms = SECOND, .text = ""};
		assert_int_equal(claim_row(f, NOW + i * MINUTE), 1);
		(void)record_at(&outbox, &again);
	}
	assert_int_equal(attempts_where(f, "1"), OUTBOX_ATTEMPTS_KEPT);
	assert_int_equal(number(f->db, "SELECT max(number) FROM attempt"), OUTBOX_ATTEMPTS_KEPT + 20);
}

/* ---- repeats ---- */

static enum notification_state record_again(struct fixture *f, unsigned attempt, int64_t again_ms, int64_t now_ms)
{
	const struct outbox outbox = outbox_of(f, now_ms);
	const struct delivery_result result = {
		.row = 1, .attempt = attempt, .outcome = FRAME_OK, .again_after_ms = again_ms, .text = ""};

	return record_at(&outbox, &result).state;
}

static void a_receiver_that_forgets_is_told_again(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW);
	assert_int_equal(record_again(f, 1, MINUTE, NOW), NOTIFICATION_DELIVERED);
	assert_int_equal(claim_row(f, NOW), 2); /* it holds nobody up */
	(void)record(f, 2, 1, FRAME_OK, NOW);
	OWNED_CLAIM struct outbox_claim none = claim_for(f, "hook", NOW);
	assert_int_equal(none.notification.row, 0);
	assert_int_equal(none.next_due_ms, NOW + MINUTE);
	assert_false(none.undelivered);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + MINUTE);
	assert_int_equal(second.notification.row, 1);
	assert_int_equal(second.notification.attempt, 2);
	assert_string_equal(first.notification.document, second.notification.document);
	assert_int_equal(record(f, 1, 2, FRAME_RETRY, NOW + GIVE_UP), NOTIFICATION_DELIVERED);
	assert_int_equal(due_of(f, 1), NOW + GIVE_UP + SECOND);
	assert_int_equal(claim_row(f, NOW + GIVE_UP + MINUTE), 1);
	assert_int_equal(record_again(f, 3, 0, NOW + GIVE_UP + MINUTE), NOTIFICATION_DELIVERED);
	assert_int_equal(claim_row(f, NOW + YEAR), 0);
}

static void a_repeat_that_a_crash_cut_off_stays_delivered(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW + 2 * MINUTE);
	struct err err = {0};
	int64_t recovered;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	(void)record_again(f, 1, MINUTE, NOW);
	assert_int_equal(claim_row(f, NOW + MINUTE), 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_IN_FLIGHT);
	ok(outbox_recover(&outbox, &recovered, &err));
	assert_int_equal(recovered, 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DELIVERED);
	assert_int_equal(claim_row(f, NOW + 2 * MINUTE), 1);
}

static void what_was_taken_back_since_is_told_at_each_attempt(void **state)
{
	struct fixture *f = *state;
	int64_t yank = happen(f, f->crate, EVENT_YANKED, "1", NOW);

	tell(f, "hook", f->crate, yank, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW);
	assert_null(first.notification.ended);
	(void)record_again(f, 1, MINUTE, NOW);
	(void)happen(f, f->crate, EVENT_UNYANKED, "2", NOW + SECOND); /* another version */
	(void)happen(f, f->crate, EVENT_UNYANKED, "1", NOW + 2 * SECOND);
	(void)happen(f, f->crate, EVENT_YANKED, "1", NOW + 3 * SECOND);
	(void)happen(f, f->crate, EVENT_UNYANKED, "1", NOW + 4 * SECOND);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + MINUTE);
	assert_string_equal(second.notification.ended, "{\"evt_1\":\"2026-11-21T09:30:02.000Z\"}");
}

/* Registry events carry since when; two troubles may last at once. */
static int64_t registry_event(struct fixture *f, enum event_kind kind, int64_t since_ms, int64_t at_ms)
{
	struct registry_record record;
	struct err err = {0};
	struct event event = {.at_ms = at_ms,
			      .observed_at_ms = at_ms,
			      .registry = "r",
			      .index_url = INDEX_URL,
			      .kind = kind,
			      .severity = severity_of(kind, false),
			      .since_ms = since_ms};

	ok(state_registry(f->db, "r", INDEX_URL, &record, &err));
	ok(history_next_seq(f->db, &event.seq, &err));
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)event.seq);
	ok(history_append(f->db, record.crate, &event, &err));
	tell(f, "hook", record.crate, event.seq, NULL, NULL, at_ms);
	return event.seq;
}

static void the_end_of_one_trouble_is_not_that_of_another(void **state)
{
	struct fixture *f = *state;

	(void)registry_event(f, EVENT_REGISTRY_BLIND, NOW - HOUR, NOW);
	(void)registry_event(f, EVENT_REGISTRY_INCIDENT, NOW - MINUTE, NOW);
	(void)registry_event(f, EVENT_REGISTRY_BACK, NOW - MINUTE, NOW + SECOND); /* of the incident */
	for (unsigned row = 1; row <= 3; row++) {
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + MINUTE);
		assert_int_equal(claim.notification.row, row);
		if (row == 2)
			assert_string_equal(claim.notification.ended, "{\"evt_2\":\"2026-11-21T09:30:01.000Z\"}");
		else
			assert_null(claim.notification.ended);
		assert_int_equal(claim.notification.follows[0] != 0, row == 3);
		(void)record(f, row, 1, FRAME_OK, NOW + MINUTE);
	}
}

static void an_unyank_follows_the_notification_of_its_yank(void **state)
{
	struct fixture *f = *state;

	tell(f, "hook", f->crate, happen(f, f->crate, EVENT_YANKED, "1", NOW), NULL, NULL, NOW);
	tell(f, "mail", f->crate, 1, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim yank = claim_for(f, "hook", NOW);
	assert_string_equal(yank.notification.follows, "");
	(void)record(f, 1, 1, FRAME_OK, NOW);
	tell(f, "hook", f->crate, happen(f, f->crate, EVENT_UNYANKED, "1", NOW), NULL, NULL, NOW);
	tell(f, "none", f->crate, 2, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim unyank = claim_for(f, "hook", NOW);
	assert_string_equal(unyank.notification.follows, yank.notification.id);
	OWNED_CLAIM struct outbox_claim nobody = claim_for(f, "none", NOW); /* was not told of the yank */
	assert_string_equal(nobody.notification.follows, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(every_attempt_is_stored),
		store_test(an_attempt_that_a_crash_cut_off_says_so),
		store_test(a_plugins_state_comes_back_at_the_next_attempt),
		store_test(only_the_last_attempts_are_kept),
		store_test(a_receiver_that_forgets_is_told_again),
		store_test(a_repeat_that_a_crash_cut_off_stays_delivered),
		store_test(what_was_taken_back_since_is_told_at_each_attempt),
		store_test(the_end_of_one_trouble_is_not_that_of_another),
		store_test(an_unyank_follows_the_notification_of_its_yank),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
