/* SPDX-License-Identifier: Apache-2.0 */
/* What silences hold back when a notification is rendered or tried again, and what is known of it afterwards. */
#include "outbox_fixture.h"

#include "store/silences.h"

static const struct grouping wait = {.by = GROUP_BY_CRATE, .wait_ms = SECOND};

static void add_silence(struct fixture *f, const struct silence_match *match, int64_t ends_ms,
			char ret_id[static SILENCE_ID_MAX])
{
	const struct silence silence = {.match = *match, .ends_ms = ends_ms, .author = "eve", .comment = "known"};
	struct err err = {0};

	ok(silences_add(f->db, &silence, NOW, ret_id, &err));
}

static void silence_demo(struct fixture *f)
{
	const struct silence_match match = {.crate = "de?o"};
	char id[SILENCE_ID_MAX];

	add_silence(f, &match, NOW + HOUR, id);
}

static void a_silenced_notification_is_not_sent(void **state)
{
	struct fixture *f = *state;

	silence_demo(f);
	add(f, f->crate, "1");
	add(f, watch(f->db, "other"), "1");
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_int_equal(claim.notification.row, 2);
	assert_int_equal(claim.silenced, 1);
	assert_int_equal(state_of(f, 1), NOTIFICATION_SILENCED);
	assert_int_equal(number(f->db, "SELECT silence FROM notification_event WHERE notification = 1"), 1);
	assert_int_equal(number(f->db, "SELECT count(*) FROM attempt WHERE notification = 1"), 0);
	assert_int_equal(claim_row(f, NOW + YEAR), 0); /* nor when the silence is over */
}

static void only_what_is_silenced_is_left_out(void **state)
{
	struct fixture *f = *state;
	const struct silence_match match = {.version = "2"};
	char id[SILENCE_ID_MAX];

	add_silence(f, &match, NOW + HOUR, id);
	for (unsigned i = 1; i <= 3; i++) {
		const char *const versions[] = {"1", "2", "3"};
		tell(f, "hook", f->crate, append_event(f->db, f->crate, versions[i - 1], NOW).seq, &wait, "demo", NOW);
	}
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + SECOND);
	assert_int_equal(claim.notification.row, 1);
	assert_string_equal(claim.notification.subject, "[high] demo: 2 versions yanked (1 to 3)");
	assert_null(strstr(claim.notification.document, "\"version\":\"2\""));
	assert_int_equal(number(f->db, "SELECT event FROM notification_event WHERE silence = 1"), 2);
}

static void a_retry_is_silenced_when_all_that_it_tells_is(void **state)
{
	struct fixture *f = *state;

	add(f, f->crate, "1");
	add(f, f->crate, "2");
	assert_int_equal(claim_row(f, NOW), 1);
	(void)record(f, 1, 1, FRAME_RETRY, NOW);
	silence_demo(f);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + MINUTE);
	assert_int_equal(claim.notification.row, 0);
	assert_int_equal(claim.silenced, 2); /* the second waited for the first, which is out of its way */
	assert_int_equal(state_of(f, 1), NOTIFICATION_SILENCED);
}

static void what_is_rendered_goes_out_whole_while_any_of_it_is_heard(void **state)
{
	struct fixture *f = *state;
	const struct silence_match match = {.version = "2"};
	char id[SILENCE_ID_MAX];

	tell(f, "hook", f->crate, append_event(f->db, f->crate, "1", NOW).seq, &wait, "demo", NOW);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &wait, "demo", NOW);
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW + SECOND);
	(void)record(f, 1, 1, FRAME_RETRY, NOW + SECOND);
	add_silence(f, &match, NOW + HOUR, id);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + MINUTE);
	assert_string_equal(first.notification.document, second.notification.document);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification_event WHERE silence IS NOT NULL"), 0);
}

static void silences_end(void **state)
{
	struct fixture *f = *state;

	silence_demo(f);
	add(f, f->crate, "1");
	assert_int_equal(claim_row(f, NOW + HOUR), 1); /* its end is not part of it */
}

static void a_mass_of_silenced_ones_is_gone_through_by_turns(void **state)
{
	struct fixture *f = *state;

	silence_demo(f);
	for (unsigned i = 0; i < OUTBOX_TURN_MAX + 5; i++)
		add(f, f->crate, "1");
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW);
	assert_int_equal(first.notification.row, 0);
	assert_int_equal(first.silenced, OUTBOX_TURN_MAX);
	assert_int_equal(first.next_due_ms, NOW); /* at once again */
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW);
	assert_int_equal(second.silenced, 5);
	assert_int_equal(second.next_due_ms, 0);
	assert_true(first.undelivered);
	assert_false(second.undelivered); /* what is silenced is no failure of --once */
}

static void the_fallback_is_not_told_what_was_silenced(void **state)
{
	struct fixture *f = *state;
	const struct silence_match match = {.version = "2"};
	const struct outbox outbox = outbox_with_fallback(f, NOW + SECOND);
	const struct delivery_result result = {.row = 1, .attempt = 1, .outcome = FRAME_REJECT, .text = ""};
	char id[SILENCE_ID_MAX];

	add_silence(f, &match, NOW + HOUR, id);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "1", NOW).seq, &wait, "demo", NOW);
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &wait, "demo", NOW);
	assert_int_equal(claim_row(f, NOW + SECOND), 1);
	(void)record_at(&outbox, &result);
	assert_int_equal(number(f->db, "SELECT event FROM notification_event WHERE notification = 2"), 1);
	assert_int_equal(column(f, "events", 2), 1);
}

/* ---- the list ---- */

struct seen {
	unsigned n;
	int64_t held_back, removed_ms;
};

static void see(void *ctx, const struct silence_row *row)
{
	struct seen *seen = ctx;

	assert_memory_equal(row->id, "sil_", 4);
	assert_string_equal(row->silence.author, "eve");
	assert_string_equal(row->silence.comment, "known");
	assert_int_equal(row->created_ms, NOW);
	seen->n++;
	seen->held_back += row->held_back;
	seen->removed_ms += row->removed_ms;
}

static struct seen list(struct fixture *f, bool active, int64_t now_ms)
{
	struct seen seen = {0};
	struct err err = {0};

	ok(silences_list(f->db, active, now_ms, see, &seen, &err));
	return seen;
}

static void ended_and_removed_ones_stay_listed_with_what_they_held_back(void **state)
{
	struct fixture *f = *state;
	const struct silence_match rows[] = {{.crate = "demo"}, {.kinds = 1u << EVENT_PUBLISHED}};
	struct err err = {0};
	char ids[2][SILENCE_ID_MAX];

	add_silence(f, &rows[0], NOW + HOUR, ids[0]);
	add_silence(f, &rows[1], NOW + DAY, ids[1]);
	add(f, f->crate, "1");
	add(f, f->crate, "2");
	assert_int_equal(claim_row(f, NOW), 0);
	assert_int_equal(list(f, true, NOW).n, 2);
	assert_int_equal(list(f, true, NOW + HOUR).n, 1);
	ok(silences_remove(f->db, ids[1], NOW + 2 * HOUR, &err));
	const struct seen all = list(f, false, NOW + 2 * HOUR);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.held_back, 2);
	assert_int_equal(all.removed_ms, NOW + 2 * HOUR);
	assert_int_equal(silences_remove(f->db, ids[1], NOW + 2 * HOUR, &err), ERR_REFUSED);
	assert_int_equal(silences_remove(f->db, ids[0], NOW + 2 * HOUR, &err), ERR_REFUSED);
	assert_int_equal(silences_remove(f->db, "sil_none", NOW, &err), ERR_ABSENT);
}

static void a_silence_of_everything_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct silence silence = {.ends_ms = NOW + 1, .author = "eve", .comment = "all"};
	char id[SILENCE_ID_MAX];
	struct err err = {0};

	assert_int_equal(silences_add(f->db, &silence, NOW, id, &err), ERR_BAD);
	assert_int_equal(number(f->db, "SELECT count(*) FROM silence"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_silenced_notification_is_not_sent),
		store_test(only_what_is_silenced_is_left_out),
		store_test(a_retry_is_silenced_when_all_that_it_tells_is),
		store_test(what_is_rendered_goes_out_whole_while_any_of_it_is_heard),
		store_test(silences_end),
		store_test(a_mass_of_silenced_ones_is_gone_through_by_turns),
		store_test(the_fallback_is_not_told_what_was_silenced),
		store_test(ended_and_removed_ones_stay_listed_with_what_they_held_back),
		store_test(a_silence_of_everything_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
