/* SPDX-License-Identifier: Apache-2.0 */
/* When "still watching" is told, and what it says. */
#include "outbox_fixture.h"

#include "store/heartbeat.h"

#define EVERY (7 * DAY)

static bool beat(struct fixture *f, const char *notifier, int64_t now_ms)
{
	const struct outbox outbox = outbox_of(f, now_ms);
	struct err err = {0};
	bool queued;

	ok(heartbeat_sweep(&outbox, notifier, EVERY, &queued, &err));
	return queued;
}

static void the_first_comes_its_time_after_the_first_start(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	(void)append_event(f->db, f->crate, "0", NOW);
	assert_false(beat(f, "hook", NOW));
	(void)append_event(f->db, f->crate, "1", NOW);
	(void)append_event(f->db, f->crate, "2", NOW);
	ok(db_commit(f->db, &err));
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	assert_false(beat(f, "hook", NOW + EVERY - 1));
	ok(db_script(f->db, "UPDATE registry SET blind_ms = 1", &err));
	assert_true(beat(f, "hook", NOW + EVERY));
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW + EVERY);
	assert_string_equal(claim.notification.document,
			    "{\"kind\":\"heartbeat\",\"watching\":{\"registries\":1,\"crates\":1,\"events\":2,"
			    "\"blind\":[\"r\"]},\"since\":\"2026-11-21T09:30:00.000Z\",\"events\":[]}");
	assert_string_equal(claim.notification.subject,
			    "[info] still watching: registries: 1, crates: 1, events since the last time: 2;"
			    " cannot be polled: r");
	(void)record(f, 1, 1, FRAME_OK, NOW + EVERY);
	assert_false(beat(f, "hook", NOW + 2 * EVERY - 1));
	assert_true(beat(f, "hook", NOW + 2 * EVERY));
}

static void none_is_added_while_one_waits(void **state)
{
	struct fixture *f = *state;

	assert_false(beat(f, "hook", NOW));
	assert_true(beat(f, "hook", NOW + EVERY));
	assert_false(beat(f, "hook", NOW + 2 * EVERY));
	assert_int_equal(claim_row(f, NOW + 2 * EVERY), 1);
	(void)record(f, 1, 1, FRAME_OK, NOW + 2 * EVERY);
	assert_true(beat(f, "hook", NOW + 2 * EVERY));
}

static void without_a_notifier_its_time_is_forgotten(void **state)
{
	struct fixture *f = *state;

	assert_false(beat(f, NULL, NOW));
	assert_false(beat(f, "hook", NOW));
	assert_false(beat(f, NULL, NOW + EVERY));
	assert_false(beat(f, "hook", NOW + EVERY));
	assert_true(beat(f, "hook", NOW + 2 * EVERY));
}

static void a_clock_that_is_stepped_back_does_not_silence_it(void **state)
{
	struct fixture *f = *state;

	assert_false(beat(f, "hook", NOW));
	assert_false(beat(f, "hook", NOW - YEAR));
	assert_true(beat(f, "hook", NOW - YEAR + EVERY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(the_first_comes_its_time_after_the_first_start),
		store_test(none_is_added_while_one_waits),
		store_test(without_a_notifier_its_time_is_forgotten),
		store_test(a_clock_that_is_stepped_back_does_not_silence_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
