/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a notification: attempts, repeats, the fallback, a notifier out of service, a person's retry, time.
 */
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
		store_test(every_attempt_is_stored),
		store_test(an_attempt_that_a_crash_cut_off_says_so),
		store_test(a_plugins_state_comes_back_at_the_next_attempt),
		store_test(only_the_last_attempts_are_kept),
		store_test(a_receiver_that_forgets_is_told_again),
		store_test(a_repeat_that_a_crash_cut_off_stays_delivered),
		store_test(what_was_taken_back_since_is_told_at_each_attempt),
		store_test(the_end_of_one_trouble_is_not_that_of_another),
		store_test(an_unyank_follows_the_notification_of_its_yank),
		store_test(a_dead_ones_events_go_to_the_fallback),
		store_test(the_fallbacks_own_and_what_has_no_events_do_not_fall_back),
		store_test(the_fallback_is_told_once_however_often_it_is_tried),
		store_test(a_receiver_that_is_gone_puts_its_notifier_out_of_service),
		store_test(what_waits_for_a_notifier_out_of_service_is_given_up_in_time),
		store_test(a_removed_notifiers_notifications_go_to_the_fallback),
		store_test(a_notifier_that_takes_nothing_is_given_an_hour_more),
		store_test(a_sweep_leaves_what_is_tried_alone),
		store_test(a_sweep_does_a_bounded_part_at_a_time),
		store_test(a_dead_one_is_tried_again_when_a_person_asks),
		store_test(only_dead_and_due_ones_can_be_tried_again),
		store_test(a_test_goes_ahead_and_is_tried_once),
		store_test(who_was_told_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
