/* SPDX-License-Identifier: Apache-2.0 */
/* What is forgotten of notifications that were delivered long ago, and of which nothing is. */
#include "outbox_fixture.h"

#include "store/outbox_prune.h"

static bool prune(struct fixture *f, int64_t before_ms)
{
	struct err err = {0};
	bool more = true;

	ok(outbox_prune(f->db, before_ms, &more, &err));
	return more;
}

static int64_t attempts(struct fixture *f)
{
	return number(f->db, "SELECT count(*) FROM attempt");
}

/* A notification whose attempt is in flight. */
static int64_t send(struct fixture *f, const char *version, int64_t now_ms)
{
	add_for(f, "hook", f->crate, version, now_ms);
	return claim_row(f, now_ms);
}

static void what_was_delivered_before_is_forgotten(void **state)
{
	struct fixture *f = *state;

	int64_t old = send(f, "1", NOW);
	assert_int_equal(record(f, old, 1, FRAME_RETRY, NOW), NOTIFICATION_DUE);
	assert_int_equal(claim_row(f, NOW + MINUTE), old);
	assert_int_equal(record(f, old, 2, FRAME_OK, NOW + MINUTE), NOTIFICATION_DELIVERED);
	int64_t young = send(f, "2", NOW + 2 * MINUTE);
	assert_int_equal(record(f, young, 1, FRAME_OK, NOW + 2 * MINUTE), NOTIFICATION_DELIVERED);
	assert_false(prune(f, NOW + MINUTE)); /* delivered then, not before */
	assert_int_equal(attempts(f), 3);
	assert_false(prune(f, NOW + MINUTE + 1));
	assert_int_equal(attempts(f), 1);
	assert_int_equal(column(f, "document IS NULL", old), 1);
	assert_int_equal(column(f, "document IS NULL", young), 0);
	/* What stays: that it was delivered, after how many attempts, of what. */
	assert_int_equal(column(f, "state", old), NOTIFICATION_DELIVERED);
	assert_int_equal(column(f, "attempt", old), 2);
	assert_int_equal(column(f, "subject IS NULL", old), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification_event"), 2);
	counts_are_right(f->db);
}

static void what_is_not_over_stays_whole(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	int64_t dead = send(f, "1", NOW);
	assert_int_equal(record(f, dead, 1, FRAME_REJECT, NOW), NOTIFICATION_DEAD);
	int64_t again = send(f, "2", NOW);
	assert_int_equal(record(f, again, 1, FRAME_OK, NOW), NOTIFICATION_DELIVERED);
	ok(db_script(f->db, "UPDATE notification SET again = 1, due_ms = due_ms + 86400000 WHERE state = 2", &err));
	int64_t retried = send(f, "3", NOW);
	assert_int_equal(record(f, retried, 1, FRAME_RETRY, NOW), NOTIFICATION_DUE);
	assert_false(prune(f, INT64_MAX));
	assert_int_equal(attempts(f), 3);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE document IS NULL"), 0);
}

/* A turn of the tracker is short, however much there is. */
static void it_takes_turns(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	unsigned turns = 1;

	int64_t row = send(f, "1", NOW);
	assert_int_equal(record(f, row, 1, FRAME_OK, NOW), NOTIFICATION_DELIVERED);
	ok(db_script(
		f->db,
		"WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i <= 2000)"
		" INSERT INTO notification (id, public_id, notifier, kind, state, created_ms, ready_ms, due_ms,"
		" document) SELECT i, i, 'hook', 0, 2, i, i, i, 'd' FROM n;"
		"INSERT INTO attempt (notification, number, started_ms) SELECT id, 1, 1 FROM notification WHERE id > 1",
		&err));
	while (prune(f, INT64_MAX))
		turns++;
	assert_int_equal(turns, 5);
	assert_int_equal(attempts(f), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE document IS NOT NULL"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(what_was_delivered_before_is_forgotten),
		store_test(what_is_not_over_stays_whole),
		store_test(it_takes_turns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
