/* SPDX-License-Identifier: Apache-2.0 */
/* What is not delivered: the fallback, a notifier out of service or removed, a person's retry, a test. */
#include "outbox_fixture.h"

#include "store/notifiers.h"

static const char *const served[] = {"hook", "mail"};

/* Records it with a fallback, "mail". */
static struct outbox_outcome record_fallback(struct fixture *f, int64_t row, unsigned attempt,
					     enum frame_outcome outcome, int64_t now_ms)
{
	const struct delivery_result result = {.row = row, .attempt = attempt, .outcome = outcome, .text = "said"};
	const struct outbox outbox = outbox_with_fallback(f, now_ms);

	return record_at(&outbox, &result);
}

/* ---- the fallback ---- */

static void a_dead_ones_events_go_to_the_fallback(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim dead = claim_for(f, "hook", NOW);
	const struct outbox_outcome outcome = record_fallback(f, 1, 1, FRAME_REJECT, NOW);
	assert_int_equal(outcome.state, NOTIFICATION_DEAD);
	assert_true(outcome.told_fallback);
	OWNED_CLAIM struct outbox_claim told = claim_for(f, "mail", NOW);
	assert_string_equal(told.notification.subject, "not delivered to hook: [high] demo 1 yanked");
	char begin[256];
	(void)snprintf(begin, sizeof begin,
		       "{\"kind\":\"undelivered\",\"undelivered\":{\"notifier\":\"hook\",\"notification\":\"%s\","
		       "\"attempts\":1,\"text\":\"said\"},\"events\":[{\"id\":\"evt_1\",",
		       dead.notification.id);
	assert_memory_equal(told.notification.document, begin, strlen(begin));
	/* and that is the end of it */
	assert_false(record_fallback(f, 2, 1, FRAME_REJECT, NOW).told_fallback);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 2);
}

static void the_fallbacks_own_and_what_has_no_events_do_not_fall_back(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_with_fallback(f, NOW);
	struct err err = {0};
	char id[NOTIFICATION_ID_MAX];
	int64_t row;

	add_for(f, "mail", f->crate, "1", NOW);
	ok(outbox_add_plain(&outbox, "hook", NOTIFICATION_HEARTBEAT, "s", "{\"events\":[]}", &row, id, &err));
	OWNED_CLAIM struct outbox_claim mail = claim_for(f, "mail", NOW);
	OWNED_CLAIM struct outbox_claim beat = claim_for(f, "hook", NOW);
	assert_false(record_fallback(f, mail.notification.row, 1, FRAME_REJECT, NOW).told_fallback);
	assert_false(record_fallback(f, beat.notification.row, 1, FRAME_REJECT, NOW).told_fallback);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 2);
}

static void the_fallback_is_told_once_however_often_it_is_tried(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_with_fallback(f, NOW);
	struct err err = {0};

	add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_true(record_fallback(f, 1, 1, FRAME_REJECT, NOW).told_fallback);
	ok(outbox_retry(&outbox, claim.notification.id, &err));
	assert_int_equal(claim_row(f, NOW), 1);
	assert_false(record_fallback(f, 1, 2, FRAME_REJECT, NOW).told_fallback);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 2);
}

/* ---- out of service ---- */

static void a_receiver_that_is_gone_puts_its_notifier_out_of_service(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t since_ms;
	bool was;

	add(f, f->crate, "1");
	add_for(f, "mail", f->crate, "1", NOW);
	assert_int_equal(claim_row(f, NOW), 1);
	const struct outbox_outcome outcome = record_fallback(f, 1, 1, FRAME_DISABLE, NOW + SECOND);
	assert_true(outcome.disabled);
	assert_int_equal(outcome.state, NOTIFICATION_DUE);
	OWNED_MEM char *text = NULL;
	ok(notifiers_disabled(f->db, "hook", &since_ms, &text, &err));
	assert_int_equal(since_ms, NOW + SECOND);
	assert_string_equal(text, "said");
	ok(notifiers_disable(f->db, "hook", "again", NOW + HOUR, &err)); /* it keeps its time */
	ok(notifiers_disabled(f->db, "hook", &since_ms, NULL, &err));
	assert_int_equal(since_ms, NOW + SECOND);
	OWNED_CLAIM struct outbox_claim none = claim_for(f, "hook", NOW + DAY);
	assert_int_equal(none.notification.row, 0);
	assert_int_equal(none.next_due_ms, 0);
	assert_true(none.undelivered);
	OWNED_CLAIM struct outbox_claim other = claim_for(f, "mail", NOW);
	assert_int_equal(other.notification.row, 2);
	ok(notifiers_enable(f->db, "hook", &was, &err));
	assert_true(was);
	assert_int_equal(claim_row(f, NOW + DAY), 1);
	ok(notifiers_enable(f->db, "hook", &was, &err));
	assert_false(was);
}

static struct outbox_swept sweep(struct fixture *f, size_t n_served, int64_t now_ms)
{
	const struct outbox outbox = outbox_with_fallback(f, now_ms);
	struct outbox_swept swept;
	struct err err = {0};

	ok(outbox_sweep(&outbox, served, n_served, &swept, &err));
	return swept;
}

static void what_waits_for_a_notifier_out_of_service_is_given_up_in_time(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	ok(notifiers_disable(f->db, "hook", "HTTP 410", NOW, &err));
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP - 1).given_up, 0);
	const struct outbox_swept swept = sweep(f, 2, NOW + GIVE_UP);
	assert_int_equal(swept.given_up, 2);
	assert_true(swept.grew);
	assert_false(swept.more);
	assert_int_equal(state_of(f, 1), NOTIFICATION_DEAD);
	assert_int_equal(state_of(f, 2), NOTIFICATION_DEAD);
	assert_int_equal(number(f->db,
				"SELECT last_text LIKE '%given up after 3d: this notifier is out of service since"
				" 2026-11-21T09:30:00.000Z' FROM notification WHERE id = 1"),
			 1);
	OWNED_CLAIM struct outbox_claim told = claim_for(f, "mail", NOW + GIVE_UP);
	assert_string_equal(told.notification.subject, "not delivered to hook: [high] demo 1 yanked");
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP).given_up, 0);
}

static void a_removed_notifiers_notifications_go_to_the_fallback(void **state)
{
	static const struct grouping wait = {.by = GROUP_BY_CRATE, .wait_ms = MINUTE};
	struct fixture *f = *state;

	add_for(f, "removed", f->crate, "1", NOW);
	tell(f, "removed", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &wait, "demo", NOW);
	assert_int_equal(sweep(f, 2, NOW + 2 * MINUTE).given_up, 0); /* but the group is closed */
	assert_int_equal(state_of(f, 2), NOTIFICATION_DUE);
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP).given_up, 1);
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP + 2 * MINUTE).given_up, 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE notifier = 'mail' AND kind = 3"), 2);
}

static void a_notifier_that_takes_nothing_is_given_an_hour_more(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP + OUTBOX_UNSERVED_MS - 1).given_up, 0);
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP + OUTBOX_UNSERVED_MS).given_up, 1);
}

static void after_a_break_nothing_is_given_up_for_its_age(void **state)
{
	const int64_t late_ms = NOW + 10 * GIVE_UP;
	struct fixture *f = *state;
	struct outbox outbox = outbox_with_fallback(f, late_ms);
	const struct delivery_result failed = {.row = 1, .attempt = 1, .outcome = FRAME_RETRY, .text = "said"};
	struct outbox_swept swept;
	struct err err = {0};

	outbox.lenient = true;
	add(f, f->crate, "1");
	add_for(f, "removed", f->crate, "1", NOW);
	ok(outbox_sweep(&outbox, served, 2, &swept, &err));
	assert_int_equal(swept.given_up, 0);
	assert_int_equal(claim_row(f, late_ms), 1);
	assert_int_equal(record_at(&outbox, &failed).state, NOTIFICATION_DUE);
	outbox.lenient = false;
	ok(outbox_sweep(&outbox, served, 2, &swept, &err));
	assert_int_equal(swept.given_up, 1); /* the removed one's: the other has just been tried */
	assert_int_equal(state_of(f, 2), NOTIFICATION_DEAD);
}

static void a_notifier_that_is_slow_is_left_its_backlog(void **state)
{
	const int64_t last_ms = NOW + INT64_C(99) * 90 * MINUTE;
	struct fixture *f = *state;

	for (unsigned i = 0; i < 100; i++)
		add_for(f, "hook", f->crate, "1", NOW);
	for (unsigned i = 1; i <= 99; i++) { /* one an hour and a half */
		int64_t now_ms = NOW + (int64_t)i * 90 * MINUTE;
		assert_int_equal(claim_row(f, now_ms), i);
		assert_int_equal(record(f, i, 1, FRAME_OK, now_ms), NOTIFICATION_DELIVERED);
		assert_int_equal(sweep(f, 2, now_ms).given_up, 0);
	}
	assert_int_equal(sweep(f, 2, last_ms + GIVE_UP).given_up, 0);
	assert_int_equal(sweep(f, 2, last_ms + GIVE_UP + OUTBOX_UNSERVED_MS).given_up, 1);
}

/* A backlog behind a receiver that is down: few of it are tried at all. */
static void what_waits_behind_others_that_fail_is_given_up_in_time(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	add(f, watch(f->db, "other"), "1");
	for (int64_t now_ms = NOW; now_ms < NOW + GIVE_UP; now_ms += HOUR) {
		int64_t row = claim_row(f, now_ms);
		assert_int_equal(row, 1);
		(void)record(f, row, (unsigned)((now_ms - NOW) / HOUR) + 1, FRAME_RETRY, now_ms);
		assert_int_equal(column(f, "state", 2), NOTIFICATION_DUE);
		ok(db_script(f->db, "UPDATE notification SET due_ms = 1 WHERE id = 1", &err)); /* always first */
	}
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP).given_up, 0);
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP + OUTBOX_UNSERVED_MS).given_up, 2);
}

static void a_sweep_leaves_what_is_tried_alone(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW + GIVE_UP - 1), 1);
	assert_int_equal(sweep(f, 2, NOW + 2 * GIVE_UP).given_up, 0); /* in flight */
	assert_int_equal(record(f, 1, 1, FRAME_RETRY, NOW + GIVE_UP - 1), NOTIFICATION_DUE);
	assert_int_equal(sweep(f, 2, NOW + GIVE_UP + OUTBOX_UNSERVED_MS).given_up, 0); /* due a while ago only */
}

static void a_sweep_does_a_bounded_part_at_a_time(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < OUTBOX_TURN_MAX + 5; i++)
		add_for(f, "removed", f->crate, "1", NOW);
	const struct outbox_swept first = sweep(f, 2, NOW + GIVE_UP);
	assert_int_equal(first.given_up, OUTBOX_TURN_MAX);
	assert_true(first.more);
	const struct outbox_swept second = sweep(f, 2, NOW + GIVE_UP);
	assert_int_equal(second.given_up, 5);
	assert_false(second.more);
}

/* ---- by a person ---- */

static int retry(struct fixture *f, int64_t row, int64_t now_ms, struct err *ret_err)
{
	static const char find[] = "SELECT public_id FROM notification WHERE id = :id";
	const struct outbox outbox = outbox_of(f, now_ms);
	char id[NOTIFICATION_ID_MAX] = "";
	struct err err = {0};

	struct stmt st = stmt_use(f->db, find);
	stmt_put_int(&st, ":id", row);
	if (stmt_row(&st))
		(void)snprintf(id, sizeof id, "%s", stmt_text(&st, 0));
	ok(stmt_done(&st, &err));
	return outbox_retry(&outbox, id, ret_err);
}

static void a_dead_one_is_tried_again_when_a_person_asks(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_REJECT, NOW), NOTIFICATION_DEAD);
	add(f, f->crate, "2");
	ok(retry(f, 1, NOW + YEAR, &err));
	assert_int_equal(claim_row(f, NOW + YEAR), 2); /* which became due before it did */
	(void)record(f, 2, 1, FRAME_OK, NOW + YEAR);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + YEAR);
	assert_int_equal(claim.notification.row, 1);
	assert_int_equal(claim.notification.attempt, 2);
	/* its time begins anew, and its pauses */
	assert_int_equal(record(f, 1, 2, FRAME_RETRY, NOW + YEAR + MINUTE), NOTIFICATION_DUE);
	assert_int_equal(due_of(f, 1), NOW + YEAR + MINUTE + SECOND);
	ok(retry(f, 1, NOW + YEAR + MINUTE, &err)); /* and one that pauses is due at once */
	assert_int_equal(claim_row(f, NOW + YEAR + MINUTE), 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM outbox_line"), 1);
}

static void only_dead_and_due_ones_can_be_tried_again(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_of(f, NOW);
	struct err err = {0};

	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(retry(f, 1, NOW, &err), ERR_REFUSED);
	assert_non_null(strstr(err.text, "in_flight"));
	(void)record(f, 1, 1, FRAME_OK, NOW);
	assert_int_equal(retry(f, 1, NOW, &err), ERR_REFUSED);
	assert_int_equal(outbox_retry(&outbox, "ntf_none", &err), ERR_ABSENT);
}

static void a_test_goes_ahead_and_is_tried_once(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_with_fallback(f, NOW);
	struct err err = {0};
	char id[NOTIFICATION_ID_MAX];
	int64_t row;

	add_for(f, "hook", f->crate, "1", NOW - HOUR);
	add(f, f->crate, "2");
	ok(outbox_add_plain(&outbox, "hook", NOTIFICATION_TEST, "a test", "{\"events\":[]}", &row, id, &err));
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_int_equal(claim.notification.row, row);
	assert_string_equal(claim.notification.id, id);
	assert_string_equal(claim.notification.subject, "a test");
	assert_string_equal(claim.notification.document, "{\"events\":[]}");
	const struct outbox_outcome outcome = record_fallback(f, row, 1, FRAME_RETRY, NOW);
	assert_int_equal(outcome.state, NOTIFICATION_DEAD);
	assert_false(outcome.told_fallback);
	assert_int_equal(claim_row(f, NOW), 1);
}

static void note_name(void *ctx, const char *notifier)
{
	strbuf_adds(ctx, notifier);
}

static void who_was_told_is_known(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	OWNED_STRBUF struct strbuf names = {0};
	const struct event event = append_event(f->db, f->crate, "1", NOW);

	tell(f, "dead", f->crate, event.seq, NULL, NULL, NOW);
	tell(f, "hook", f->crate, event.seq, NULL, NULL, NOW);
	tell(f, "mail", f->crate, event.seq, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "dead", NOW);
	(void)record(f, 1, 1, FRAME_REJECT, NOW);
	ok(outbox_told(f->db, event.seq, note_name, &names, &err));
	assert_true(strcmp(strbuf_str(&names), "hookmail") == 0 || strcmp(strbuf_str(&names), "mailhook") == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_dead_ones_events_go_to_the_fallback),
		store_test(the_fallbacks_own_and_what_has_no_events_do_not_fall_back),
		store_test(the_fallback_is_told_once_however_often_it_is_tried),
		store_test(a_receiver_that_is_gone_puts_its_notifier_out_of_service),
		store_test(what_waits_for_a_notifier_out_of_service_is_given_up_in_time),
		store_test(a_removed_notifiers_notifications_go_to_the_fallback),
		store_test(a_notifier_that_takes_nothing_is_given_an_hour_more),
		store_test(after_a_break_nothing_is_given_up_for_its_age),
		store_test(a_notifier_that_is_slow_is_left_its_backlog),
		store_test(what_waits_behind_others_that_fail_is_given_up_in_time),
		store_test(a_sweep_leaves_what_is_tried_alone),
		store_test(a_sweep_does_a_bounded_part_at_a_time),
		store_test(a_dead_one_is_tried_again_when_a_person_asks),
		store_test(only_dead_and_due_ones_can_be_tried_again),
		store_test(a_test_goes_ahead_and_is_tried_once),
		store_test(who_was_told_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
