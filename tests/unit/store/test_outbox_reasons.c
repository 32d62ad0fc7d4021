/* SPDX-License-Identifier: Apache-2.0 */
/* Alerts that wait for the reason of their yank: until it comes, or for so long, and nothing passes them. */
#include "outbox_fixture.h"

#include "store/annotations.h"
#include "store/reason_asks.h"

#define WAIT (20 * SECOND)

static const struct grouping by_crate = {.by = GROUP_BY_CRATE, .wait_ms = 30 * SECOND};

/* A yank whose alert waits from `now_ms` on; returns its seq. */
static int64_t yank(struct fixture *f, const char *version, const struct grouping *grouping, const char *key,
		    int64_t now_ms)
{
	static const struct grouping at_once = {0};
	const struct outbox outbox = outbox_of(f, now_ms);
	int64_t seq = happen(f, f->crate, EVENT_YANKED, version, now_ms);
	const struct outbox_entry entry = {.notifier = "hook",
					   .event = seq,
					   .crate = f->crate,
					   .grouping = grouping ? grouping : &at_once,
					   .key = key,
					   .reason_ms = now_ms + WAIT};
	const struct reason_ask ask = {
		.crate = f->crate, .version = version, .event = seq, .due_ms = now_ms, .until_ms = now_ms + WAIT};
	struct err err = {0};

	ok(reason_ask_put(f->db, &ask, &err));
	ok(outbox_add(&outbox, &entry, &err));
	return seq;
}

static void know(struct fixture *f, const char *version, int64_t seq, int64_t now_ms)
{
	const struct outbox outbox = outbox_of(f, now_ms);
	struct reason_ask ask;
	struct err err = {0};

	ok(reason_ask_load(f->db, f->crate, version, &ask, &err));
	ask.until_ms = 0;
	ok(reason_ask_put(f->db, &ask, &err));
	ok(annotations_set_reason(f->db, seq, "{\"text\":\"known\"}", &err));
	ok(outbox_reason_known(&outbox, seq, &err));
}

static void it_goes_when_the_reason_is_known(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	bool said = true;

	int64_t seq = yank(f, "1", NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim none = claim_for(f, "hook", NOW + SECOND);
	assert_int_equal(none.notification.row, 0);
	assert_int_equal(none.next_due_ms, NOW + WAIT);
	ok(outbox_is_said(f->db, seq, &said, &err));
	assert_false(said);
	know(f, "1", seq, NOW + 2 * SECOND);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + 2 * SECOND);
	assert_non_null(strstr(claim.notification.document, ",\"reason\":{\"text\":\"known\"},\"severity\""));
	ok(outbox_is_said(f->db, seq, &said, &err));
	assert_true(said);
}

static void it_goes_without_one_after_the_wait(void **state)
{
	struct fixture *f = *state;

	(void)yank(f, "1", NULL, NULL, NOW);
	assert_int_equal(claim_row(f, NOW + WAIT - 1), 0);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + WAIT);
	assert_null(strstr(claim.notification.document, "\"reason\""));
}

static void a_clock_that_was_stepped_back_does_not_prolong_it(void **state)
{
	struct fixture *f = *state;

	(void)yank(f, "1", NULL, NULL, NOW);
	assert_int_equal(claim_row(f, NOW - HOUR), 1);
}

static void what_happens_later_to_the_crate_stays_behind_it(void **state)
{
	struct fixture *f = *state;

	(void)yank(f, "1", NULL, NULL, NOW);
	tell(f, "hook", f->crate, happen(f, f->crate, EVENT_VERSION_DELETED, "1", NOW + SECOND), NULL, NULL,
	     NOW + SECOND);
	assert_int_equal(claim_row(f, NOW + 2 * SECOND), 0);
	assert_int_equal(claim_row(f, NOW + WAIT), 1);
	assert_int_equal(claim_row(f, NOW + WAIT), 0);
	(void)record(f, 1, 1, FRAME_OK, NOW + WAIT);
	assert_int_equal(claim_row(f, NOW + WAIT), 2);
}

static void an_unyank_joins_it(void **state)
{
	struct fixture *f = *state;
	static const struct grouping at_once = {0};
	const struct outbox outbox = outbox_of(f, NOW + SECOND);
	struct err err = {0};

	int64_t seq = yank(f, "1", NULL, NULL, NOW);
	const struct outbox_entry entry = {.notifier = "hook",
					   .event = happen(f, f->crate, EVENT_UNYANKED, "1", NOW + SECOND),
					   .crate = f->crate,
					   .follows = seq,
					   .grouping = &at_once};
	ok(outbox_add(&outbox, &entry, &err));
	assert_int_equal(column(f, "events", 1), 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 1);
}

static void a_group_is_kept_one_wait_at_most(void **state)
{
	struct fixture *f = *state;
	char version[16];

	for (int i = 0; i < 30; i++) { /* one each second, each waits */
		(void)snprintf(version, sizeof version, "%d", i);
		(void)yank(f, version, &by_crate, "demo", NOW + i * SECOND);
	}
	assert_int_equal(due_of(f, 1), NOW + 29 * SECOND + WAIT);
	assert_true(due_of(f, 1) <= NOW + by_crate.wait_ms + WAIT);
	assert_int_equal(claim_row(f, NOW + 31 * SECOND), 0);
	assert_int_equal(claim_row(f, NOW + 29 * SECOND + WAIT), 1);
}

static void a_group_goes_by_its_own_time_when_nobody_waits_in_it(void **state)
{
	struct fixture *f = *state;

	int64_t first = yank(f, "1", &by_crate, "demo", NOW);
	int64_t second = yank(f, "2", &by_crate, "demo", NOW + 25 * SECOND);
	know(f, "2", second, NOW + 26 * SECOND);
	assert_int_equal(due_of(f, 1), NOW + 30 * SECOND);
	know(f, "1", first, NOW + 27 * SECOND);
	assert_int_equal(due_of(f, 1), NOW + 30 * SECOND);
	assert_int_equal(claim_row(f, NOW + 29 * SECOND), 0);
	assert_int_equal(claim_row(f, NOW + 30 * SECOND), 1);
}

static void once_nobody_waits_for_anything(void **state)
{
	struct fixture *f = *state;
	struct outbox outbox = outbox_of(f, NOW + SECOND);
	OWNED_CLAIM struct outbox_claim claim = {0};
	struct err err = {0};

	(void)yank(f, "1", NULL, NULL, NOW);
	outbox.no_wait = true;
	ok(outbox_claim(&outbox, "hook", &claim, &err));
	assert_int_equal(claim.notification.row, 1);
}

/* Texts of 48 kB as JSON, in a group of 200: what a frame has no room for is left out. */
static void reasons_have_their_room_in_a_message(void **state)
{
	struct fixture *f = *state;
	OWNED_STRBUF struct strbuf reason = {0};
	struct err err = {0};

	strbuf_adds(&reason, "{\"text\":\"");
	for (int i = 0; i < 8000; i++)
		strbuf_adds(&reason, "\\u0007");
	strbuf_adds(&reason, "\"}");
	for (int i = 0; i < 200; i++) {
		int64_t seq = happen(f, f->crate, EVENT_YANKED, "1", NOW);
		tell(f, "hook", f->crate, seq, &by_crate, "demo", NOW);
		ok(annotations_set_reason(f->db, seq, strbuf_str(&reason), &err));
	}
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + MINUTE);
	size_t len = strlen(claim.notification.document);
	assert_in_range(len, 1 << 20, 2 << 20);
	assert_non_null(strstr(claim.notification.document, "\"reason\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(it_goes_when_the_reason_is_known),
		store_test(it_goes_without_one_after_the_wait),
		store_test(a_clock_that_was_stepped_back_does_not_prolong_it),
		store_test(what_happens_later_to_the_crate_stays_behind_it),
		store_test(an_unyank_joins_it),
		store_test(a_group_is_kept_one_wait_at_most),
		store_test(a_group_goes_by_its_own_time_when_nobody_waits_in_it),
		store_test(once_nobody_waits_for_anything),
		store_test(reasons_have_their_room_in_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
