/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications on their way: order per crate, pauses, giving up, crashes, and a clock that steps. */
#include "outbox_fixture.h"

/* ---- claiming ---- */

static void an_empty_outbox_has_nothing_due(void **state)
{
	OWNED_CLAIM struct outbox_claim claim = claim_for(*state, "hook", NOW);

	assert_int_equal(claim.notification.row, 0);
	assert_int_equal(claim.next_due_ms, 0);
}

static void a_claimed_notification_is_rendered_and_in_flight(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf expected = {0};

	add(f, f->crate, "1.2.3");
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	const struct notification *n = &claim.notification;
	assert_int_equal(n->row, 1);
	assert_int_equal(n->attempt, 1);
	assert_memory_equal(n->id, "ntf_", 4);
	assert_int_equal(strspn(n->id + 4, "0123456789abcdef"), 32);
	assert_string_equal(n->subject, "[high] demo 1.2.3 yanked");
	strbuf_addf(&expected,
		    "{\"events\":[{\"id\":\"evt_1\",\"seq\":1,\"at\":\"2026-11-21T09:30:00.000Z\",\"registry\":\"r\","
		    "\"crate\":\"demo\",\"version\":\"1.2.3\",\"event\":\"yanked\",\"yanked\":true,"
		    "\"observed_at\":\"2026-11-21T09:30:00.000Z\",\"evidence\":{\"index\":\"%s\"},"
		    "\"prev_hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		    "\"hash\":\"c6aa7042c5f864b9bcca631cd910f4d43e902c830a05e8716831de8086aa8aec\","
		    "\"severity\":\"high\"}]}",
		    INDEX_URL);
	assert_string_equal(n->document, strbuf_str(&expected));
	assert_int_equal(state_of(f, 1), NOTIFICATION_IN_FLIGHT);
	assert_int_equal(claim_row(f, NOW), 0); /* nobody gets it twice */
}

static void notifications_of_one_crate_go_out_in_order(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	add(f, f->crate, "3");
	for (int64_t row = 1; row <= 3; row++) {
		assert_int_equal(claim_row(f, NOW), row);
		assert_int_equal(claim_row(f, NOW), 0); /* the next one waits for this one's result */
		assert_int_equal(record(f, row, 1, FRAME_OK, NOW), NOTIFICATION_DELIVERED);
	}
	assert_int_equal(claim_row(f, NOW), 0);
}

static void another_crate_does_not_wait(void **state)
{
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	add(f, other, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(claim_row(f, NOW), 3);
	assert_int_equal(claim_row(f, NOW), 0);
}

static void notifiers_do_not_wait_for_each_other(void **state)
{
	struct fixture *f = *state;

	add_for(f, "mail", f->crate, "1", NOW);
	add_for(f, "hook", f->crate, "1", NOW);
	OWNED_CLAIM struct outbox_claim mail = claim_for(f, "mail", NOW);
	OWNED_CLAIM struct outbox_claim hook = claim_for(f, "hook", NOW);
	OWNED_CLAIM struct outbox_claim nobody = claim_for(f, "nobody", NOW);
	assert_int_equal(mail.notification.row, 1);
	assert_int_equal(hook.notification.row, 2);
	assert_int_equal(nobody.notification.row, 0);
	assert_string_not_equal(mail.notification.id, hook.notification.id);
}

static void a_retried_notification_holds_its_crate_back_for_15_minutes(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW), NOTIFICATION_DUE);
	OWNED_CLAIM struct outbox_claim waiting = claim_for(f, "hook", NOW);
	assert_int_equal(waiting.notification.row, 0);
	assert_int_equal(waiting.next_due_ms, NOW + 1000); /* that of the first one */
	/* The first is sent again and again, and is in flight when its patience ends. */
	assert_int_equal(claim_row(f, NOW + 1000), 1);
	assert_int_equal(claim_row(f, NOW + OUTBOX_ORDER_MS - 1), 0);
	assert_int_equal(claim_row(f, NOW + OUTBOX_ORDER_MS), 2);
}

static void who_may_pass_does_not_when_the_first_is_due_too(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	add(f, f->crate, "3");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW), NOTIFICATION_DUE);
	/* Nobody ran, or the notifier was out of service. */
	for (int64_t row = 1; row <= 3; row++)
		assert_int_equal(claim_row(f, NOW + HOUR), row);
}

static void a_dead_notification_holds_nobody_back(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_REJECT, NOW), NOTIFICATION_DEAD);
	assert_int_equal(claim_row(f, NOW), 2);
}

static void a_burst_goes_out_in_order_whatever_the_results(void **state)
{
	struct fixture *f = *state;
	int64_t now_ms = NOW;
	int64_t last = 0;
	unsigned attempts[101] = {0};
	unsigned seed = 100;

	for (unsigned i = 0; i < 100; i++)
		add(f, f->crate, "1");
	while (last < 100) {
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", now_ms);
		if (claim.notification.row == 0) {
			assert_true(claim.next_due_ms > now_ms);
			now_ms = claim.next_due_ms;
			continue;
		}
		assert_int_equal(claim.notification.row, last + 1);
		assert_int_equal(claim.notification.attempt, ++attempts[last + 1]);
		bool again = rand_r(&seed) % 8 == 0 && attempts[last + 1] < 3;
		last += !again;
		(void)record(f, claim.notification.row, claim.notification.attempt, again ? FRAME_RETRY : FRAME_OK,
			     now_ms);
	}
	assert_true(now_ms < NOW + OUTBOX_ORDER_MS); /* else the order would be free */
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE state = 2"), 100);
}

static void a_notification_without_its_crates_watch_still_goes_out(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	ok(watches_configure_end(f->db, NULL, 0, &err));
	assert_int_equal(claim_row(f, NOW), 1);
}

/* ---- retries ---- */

static void pauses_grow_from_first_to_max(void **state)
{
	static const struct {
		unsigned attempt;
		int64_t pause_ms;
	} rows[] = {
		{1, 1000},   {2, 2000},   {3, 4000},    {4, 8000},     {5, 16000},        {6, 32000},        {7, 64000},
		{8, 128000}, {9, 256000}, {10, 512000}, {11, 1024000}, {12, 30 * MINUTE}, {13, 30 * MINUTE},
	};
	struct fixture *f = *state;
	int64_t now_ms = NOW;

	add(f, f->crate, "1");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", now_ms);
		assert_int_equal(claim.notification.row, 1);
		assert_int_equal(claim.notification.attempt, rows[i].attempt);
		assert_int_equal(record(f, 1, rows[i].attempt, FRAME_RETRY, now_ms), NOTIFICATION_DUE);
		assert_int_equal(due_of(f, 1), now_ms + rows[i].pause_ms);
		OWNED_CLAIM struct outbox_claim early = claim_for(f, "hook", now_ms + rows[i].pause_ms - 1);
		assert_int_equal(early.notification.row, 0);
		assert_int_equal(early.next_due_ms, now_ms + rows[i].pause_ms);
		now_ms += rows[i].pause_ms;
	}
}

static void jitter_is_a_quarter_either_way(void **state)
{
	static const struct {
		uint32_t random;
		int64_t pause_ms;
	} rows[] = {{0, 750}, {UINT32_MAX, 1250}};
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct outbox_outcome outcome;
		add_for(f, "hook", watch(f->db, i ? "b" : "a"), "1", NOW);
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
		const struct delivery_result result = {
			.row = claim.notification.row, .attempt = 1, .outcome = FRAME_RETRY};
		const struct outbox outbox = outbox_of(f, NOW);
		ok(outbox_record(&outbox, &result, rows[i].random, &outcome, &err));
		assert_int_equal(due_of(f, claim.notification.row), NOW + rows[i].pause_ms);
	}
}

static void a_receivers_wish_is_kept_to_what_is_sensible(void **state)
{
	static const struct {
		int64_t wish_ms, pause_ms;
	} rows[] = {
		{5000, 5000},      {1, 1000},                    /* not below the first pause */
		{HOUR, HOUR},                                    /* above max: the receiver knows why */
		{24 * HOUR, HOUR}, {INT64_MAX, HOUR}, {0, 1000}, /* none: the usual one */
		{-1, 1000},
	};
	struct fixture *f = *state;
	char name[8];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(name, sizeof name, "c%zu", i);
		add_for(f, "hook", watch(f->db, name), "1", NOW);
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
		const struct delivery_result result = {.row = claim.notification.row,
						       .attempt = 1,
						       .outcome = FRAME_RETRY,
						       .retry_after_ms = rows[i].wish_ms};
		const struct outbox outbox = outbox_of(f, NOW);
		assert_int_equal(record_at(&outbox, &result).state, NOTIFICATION_DUE);
		assert_int_equal(due_of(f, claim.notification.row), NOW + rows[i].pause_ms);
	}
}

static void a_retry_resends_the_very_same_bytes(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW);
	(void)record(f, 1, 1, FRAME_RETRY, NOW);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + HOUR);
	assert_int_equal(second.notification.attempt, 2);
	assert_string_equal(first.notification.id, second.notification.id);
	assert_string_equal(first.notification.subject, second.notification.subject);
	assert_string_equal(first.notification.document, second.notification.document);
}

static void the_document_of_the_first_claim_is_kept(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	ok(db_script(f->db, "UPDATE notification SET document = 'kept'", &err));
	(void)record(f, 1, 1, FRAME_RETRY, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + HOUR);
	assert_string_equal(claim.notification.document, "kept");
}

static void give_up_makes_a_dead_letter(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW + GIVE_UP - 1), NOTIFICATION_DUE);
	assert_int_equal(claim_row(f, NOW + GIVE_UP + HOUR), 1);
	assert_int_equal(record(f, 1, 2, FRAME_RETRY, NOW + GIVE_UP), NOTIFICATION_DEAD);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DEAD);
	assert_int_equal(claim_row(f, NOW + 1000 * HOUR), 0);
}

static void a_late_success_is_a_success(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_OK, NOW + 2 * GIVE_UP), NOTIFICATION_DELIVERED);
}

static void the_receivers_text_is_kept(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	(void)record(f, 1, 1, FRAME_REJECT, NOW);
	assert_int_equal(number(f->db, "SELECT last_text = 'said' FROM notification"), 1);
}

/* ---- results that are not awaited ---- */

static void check_ignored(struct fixture *f, int64_t row, unsigned attempt)
{
	const struct delivery_result result = {.row = row, .attempt = attempt, .outcome = FRAME_OK};
	const struct outbox outbox = outbox_of(f, NOW);
	struct outbox_outcome outcome;
	struct err err = {0};

	assert_int_equal(outbox_record(&outbox, &result, 0, &outcome, &err), ERR_ABSENT);
}

static void an_answer_to_an_older_attempt_is_ignored(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	check_ignored(f, 1, 0);
	check_ignored(f, 1, 1); /* not in flight yet */
	assert_int_equal(claim_row(f, NOW), 1);
	(void)record(f, 1, 1, FRAME_RETRY, NOW);
	check_ignored(f, 1, 1); /* the same answer twice */
	assert_int_equal(claim_row(f, NOW + HOUR), 1);
	check_ignored(f, 1, 1);
	check_ignored(f, 1, 3);
	check_ignored(f, 99, 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_IN_FLIGHT);
	assert_int_equal(record(f, 1, 2, FRAME_OK, NOW + HOUR), NOTIFICATION_DELIVERED);
	check_ignored(f, 1, 2);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DELIVERED);
}

/* ---- crashes ---- */

static int64_t recover(struct fixture *f, int64_t now_ms)
{
	const struct outbox outbox = outbox_of(f, now_ms);
	struct err err = {0};
	int64_t recovered = -1;

	ok(outbox_recover(&outbox, &recovered, &err));
	return recovered;
}

static void outbox_recovers_in_flight_rows_at_start(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	add(f, watch(f->db, "b"), "1");
	add(f, watch(f->db, "c"), "1");
	add(f, watch(f->db, "d"), "1");
	for (int64_t row = 1; row <= 3; row++)
		assert_int_equal(claim_row(f, NOW), row);
	(void)record(f, 1, 1, FRAME_OK, NOW);
	(void)record(f, 2, 1, FRAME_REJECT, NOW);
	ok(db_commit(f->db, &err));
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	assert_int_equal(recover(f, NOW + MINUTE), 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DELIVERED);
	assert_int_equal(state_of(f, 2), NOTIFICATION_DEAD);
	assert_int_equal(state_of(f, 3), NOTIFICATION_DUE);
	assert_int_equal(state_of(f, 4), NOTIFICATION_DUE);
	OWNED_CLAIM struct outbox_claim again = claim_for(f, "hook", NOW + MINUTE);
	assert_int_equal(again.notification.row, 3);
	assert_int_equal(again.notification.attempt, 2); /* the crashed attempt counts */
	assert_int_equal(recover(f, NOW), 1);
	assert_int_equal(recover(f, NOW), 0);
}

static void a_recovered_notification_keeps_its_id_and_bytes(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim before = claim_for(f, "hook", NOW);
	ok(db_commit(f->db, &err));
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	assert_int_equal(recover(f, NOW), 1);
	check_ignored(f, 1, 1); /* the result of before the crash comes too late */
	OWNED_CLAIM struct outbox_claim after = claim_for(f, "hook", NOW);
	assert_string_equal(before.notification.id, after.notification.id);
	assert_string_equal(before.notification.document, after.notification.document);
}

static void a_claim_that_was_not_committed_did_not_happen(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	ok(db_commit(f->db, &err));
	ok(db_begin(f->db, &err));
	assert_int_equal(claim_row(f, NOW), 1);
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	assert_int_equal(recover(f, NOW), 0);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_int_equal(claim.notification.attempt, 1);
}

/* ---- a clock that was stepped back ---- */

static void a_small_step_back_is_waited_for(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW - MINUTE);
	assert_int_equal(claim.notification.row, 0);
	assert_int_equal(claim.next_due_ms, NOW);
}

static void a_due_time_that_cannot_be_ours_is_due_now(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW - YEAR), 1);
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW - YEAR), NOTIFICATION_DUE);
	assert_int_equal(due_of(f, 1), NOW - YEAR + 1000);
	assert_int_equal(claim_row(f, NOW - YEAR + 1000), 1);
}

/* A machine that starts with the local time in its clock: an hour or two. */
static void what_was_not_tried_yet_waits_for_no_clock(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW - 2 * HOUR);

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW - 2 * HOUR), 1);
	assert_int_equal(column(f, "ready_ms", 1), outbox.now_ms);
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW), NOTIFICATION_DUE);
	assert_int_equal(claim_row(f, NOW - 2 * HOUR), 1);
}

static void order_holds_when_the_clock_steps_back(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add_for(f, "hook", f->crate, "2", NOW - 24 * HOUR); /* stepped back between the two */
	assert_int_equal(claim_row(f, NOW - 24 * HOUR), 1);
	assert_int_equal(claim_row(f, NOW - 24 * HOUR), 0);
	(void)record(f, 1, 1, FRAME_OK, NOW - 24 * HOUR);
	assert_int_equal(claim_row(f, NOW - 24 * HOUR), 2);
}

/* ---- ids ---- */

static void ids_are_unique_and_of_this_database(void **state)
{
	static const unsigned char other[LINEAGE_SIZE] = "another";
	static const struct grouping at_once = {0};
	struct fixture *f = *state;
	struct outbox outbox = outbox_of(f, NOW);
	struct err err = {0};
	const struct event event = append_event(f->db, f->crate, "1", NOW);
	const struct outbox_entry entry = {
		.notifier = "hook", .event = event.seq, .crate = f->crate, .grouping = &at_once};

	for (unsigned i = 0; i < 100; i++) {
		outbox.lineage = i % 2 ? lineage : other;
		ok(outbox_add(&outbox, &entry, &err));
	}
	assert_int_equal(number(f->db, "SELECT count(DISTINCT public_id) FROM notification"), 100);
	assert_int_equal(number(f->db, "SELECT min(public_id GLOB 'ntf_[0-9a-f]*') FROM notification"), 1);
}

static void the_outbox_outside_a_transaction_is_refused(void **state)
{
	static const struct grouping at_once = {0};
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW);
	struct err err = {0};
	struct outbox_claim claim;
	struct outbox_swept swept;
	const struct event event = append_event(f->db, f->crate, "1", NOW);
	const struct outbox_entry entry = {
		.notifier = "hook", .event = event.seq, .crate = f->crate, .grouping = &at_once};
	int64_t value;

	ok(outbox_add(&outbox, &entry, &err));
	ok(db_commit(f->db, &err));
	assert_int_equal(outbox_add(&outbox, &entry, &err), ERR_REFUSED);
	assert_int_equal(outbox_recover(&outbox, &value, &err), ERR_REFUSED);
	assert_int_equal(outbox_claim(&outbox, "hook", &claim, &err), ERR_REFUSED);
	assert_int_equal(claim.notification.row, 0);
	assert_int_equal(outbox_sweep(&outbox, NULL, 0, &swept, &err), ERR_REFUSED);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(an_empty_outbox_has_nothing_due),
		store_test(a_claimed_notification_is_rendered_and_in_flight),
		store_test(notifications_of_one_crate_go_out_in_order),
		store_test(another_crate_does_not_wait),
		store_test(notifiers_do_not_wait_for_each_other),
		store_test(a_retried_notification_holds_its_crate_back_for_15_minutes),
		store_test(who_may_pass_does_not_when_the_first_is_due_too),
		store_test(a_dead_notification_holds_nobody_back),
		store_test(a_burst_goes_out_in_order_whatever_the_results),
		store_test(a_notification_without_its_crates_watch_still_goes_out),
		store_test(pauses_grow_from_first_to_max),
		store_test(jitter_is_a_quarter_either_way),
		store_test(a_receivers_wish_is_kept_to_what_is_sensible),
		store_test(a_retry_resends_the_very_same_bytes),
		store_test(the_document_of_the_first_claim_is_kept),
		store_test(give_up_makes_a_dead_letter),
		store_test(a_late_success_is_a_success),
		store_test(the_receivers_text_is_kept),
		store_test(an_answer_to_an_older_attempt_is_ignored),
		store_test(outbox_recovers_in_flight_rows_at_start),
		store_test(a_recovered_notification_keeps_its_id_and_bytes),
		store_test(a_claim_that_was_not_committed_did_not_happen),
		store_test(a_small_step_back_is_waited_for),
		store_test(a_due_time_that_cannot_be_ours_is_due_now),
		store_test(what_was_not_tried_yet_waits_for_no_clock),
		store_test(order_holds_when_the_clock_steps_back),
		store_test(ids_are_unique_and_of_this_database),
		store_test(the_outbox_outside_a_transaction_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
