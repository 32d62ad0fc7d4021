/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of notifications, of groups with several crates, too: held against a model
 * that asks everybody; and what a claim costs when there are many.
 */
#include "outbox_fixture.h"

#include <sqlite3.h>

#define CRATES 6
#define MESSAGES 60

static const struct grouping wait = {.by = GROUP_BY_REGISTRY, .wait_ms = SECOND};

/* ---- against a model ---- */

struct message {
	uint32_t crates; /* bits */
	int64_t place;   /* in which order it became due */
	int64_t ready_ms;
	bool over;
	unsigned attempt;
};

struct model {
	struct message messages[MESSAGES + 1]; /* by row */
	int64_t last_row, last_place;
	unsigned seed;
};

static unsigned draw(struct model *model, unsigned n)
{
	return (unsigned)rand_r(&model->seed) % n;
}

/* Someone before it shares a crate, and has not had its 15 minutes. */
static bool must_wait(const struct model *model, int64_t row, int64_t now_ms)
{
	const struct message *message = &model->messages[row];

	for (int64_t i = 1; i <= model->last_row; i++) {
		const struct message *other = &model->messages[i];
		if (i != row && other->place && other->place < message->place && !other->over &&
		    other->crates & message->crates && now_ms - other->ready_ms < OUTBOX_ORDER_MS)
			return true;
	}
	return false;
}

/* One with one to three crates, due at once. */
static void add_message(struct fixture *f, struct model *model, const int64_t *crates, int64_t now_ms)
{
	struct message *message = &model->messages[++model->last_row];
	unsigned n = 1 + draw(model, 3);
	char key[32];

	(void)snprintf(key, sizeof key, "%lld", (long long)model->last_row);
	*message = (struct message){.ready_ms = now_ms, .place = ++model->last_place};
	for (unsigned i = 0; i < n; i++) {
		unsigned crate = draw(model, CRATES);
		message->crates |= 1u << crate;
		const struct event event = append_event(f->db, crates[crate], "1", now_ms);
		tell(f, "hook", crates[crate], event.seq, &wait, key, now_ms - SECOND);
	}
}

/* What was added is due now; a claim that finds something puts it in flight, so it is recorded at once. */
static bool deliver_one(struct fixture *f, struct model *model, int64_t now_ms)
{
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", now_ms);
	int64_t row = claim.notification.row;

	if (!row)
		return false;
	struct message *message = &model->messages[row];
	assert_false(message->over);
	assert_false(must_wait(model, row, now_ms));
	assert_int_equal(claim.notification.attempt, ++message->attempt);
	enum frame_outcome outcome = draw(model, 3) ? FRAME_RETRY : draw(model, 2) ? FRAME_OK : FRAME_REJECT;
	message->over = record(f, row, message->attempt, outcome, now_ms) != NOTIFICATION_DUE;
	return true;
}

/* Nobody who is due and need not wait is left behind. */
static void check_nobody_is_forgotten(struct fixture *f, const struct model *model, int64_t now_ms)
{
	for (int64_t row = 1; row <= model->last_row; row++)
		if (!model->messages[row].over && due_of(f, row) <= now_ms)
			assert_true(must_wait(model, row, now_ms));
}

static void order_is_kept_for_groups_of_several_crates(void **state)
{
	struct fixture *f = *state;
	int64_t crates[CRATES];
	char name[8];

	for (unsigned i = 0; i < CRATES; i++) {
		(void)snprintf(name, sizeof name, "c%u", i);
		crates[i] = watch(f->db, name);
	}
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct model model = {.seed = seed};
		struct err err = {0};
		int64_t now_ms = NOW;
		ok(db_script(f->db,
			     "DELETE FROM outbox_line; DELETE FROM attempt; DELETE FROM notification_event;"
			     "DELETE FROM notification;",
			     &err));
		while (model.last_row < MESSAGES) {
			add_message(f, &model, crates, now_ms);
			while (deliver_one(f, &model, now_ms))
				;
			check_nobody_is_forgotten(f, &model, now_ms);
			now_ms += draw(&model, 3) ? draw(&model, 30) * SECOND : draw(&model, 20) * MINUTE;
		}
		for (unsigned i = 0; i < 500 && number(f->db, "SELECT count(*) FROM notification WHERE state = 0");
		     i++) {
			while (deliver_one(f, &model, now_ms))
				;
			check_nobody_is_forgotten(f, &model, now_ms);
			now_ms += 10 * MINUTE;
		}
		assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE state = 0"), 0);
		assert_int_equal(number(f->db, "SELECT count(*) FROM outbox_line"), 0);
		assert_int_equal(number(f->db, "SELECT count(*) FROM notification WHERE held"), 0);
	}
}

static void a_group_waits_for_each_of_its_crates(void **state)
{
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");

	add(f, f->crate, "1");
	add(f, other, "1");
	tell(f, "hook", f->crate, append_event(f->db, f->crate, "2", NOW).seq, &wait, "both", NOW - SECOND);
	tell(f, "hook", other, append_event(f->db, other, "2", NOW).seq, &wait, "both", NOW - SECOND);
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(claim_row(f, NOW), 2);
	(void)record(f, 1, 1, FRAME_OK, NOW);
	assert_int_equal(claim_row(f, NOW), 0);
	(void)record(f, 2, 1, FRAME_OK, NOW);
	assert_int_equal(claim_row(f, NOW), 3);
}

static void a_group_that_gathers_holds_nobody_back(void **state)
{
	static const struct grouping daily = {.by = GROUP_BY_CRATE, .digest = DIGEST_DAILY, .digest_minute = 480};
	struct fixture *f = *state;

	tell(f, "hook", f->crate, append_event(f->db, f->crate, "1", NOW).seq, &daily, "demo", NOW);
	add(f, f->crate, "2");
	assert_int_equal(claim_row(f, NOW), 2);
}

/* ---- what it costs ---- */

/* The connection that was opened last, told by SQLite itself. */
static sqlite3 *opened;

static int on_open(sqlite3 *raw, char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	opened = raw;
	return SQLITE_OK;
}

/* What all statements have cost since the last time, in steps of SQLite's machine and rows of whole tables. */
static int64_t spent(int what)
{
	int64_t sum = 0;

	for (sqlite3_stmt *st = sqlite3_next_stmt(opened, NULL); st; st = sqlite3_next_stmt(opened, st))
		sum += sqlite3_stmt_status(st, what, 1);
	return sum;
}

static void forget_spent(void)
{
	(void)spent(SQLITE_STMTSTATUS_VM_STEP);
	(void)spent(SQLITE_STMTSTATUS_FULLSCAN_STEP);
	(void)spent(SQLITE_STMTSTATUS_SORT);
}

static void check_cheap(const char *what)
{
	int64_t steps = spent(SQLITE_STMTSTATUS_VM_STEP);
	int64_t scanned = spent(SQLITE_STMTSTATUS_FULLSCAN_STEP);

	print_message("%s: %lld steps, %lld rows scanned\n", what, (long long)steps, (long long)scanned);
	assert_true(steps < 2000);
	assert_true(scanned < 10);
	assert_int_equal(spent(SQLITE_STMTSTATUS_SORT), 0);
}

static void fill(struct fixture *f, const char *sql)
{
	struct err err = {0};

	ok(db_script(f->db, sql, &err));
}

/* 2,000 crates; that many delivered notifications; 10,000 that are due. */
static void fill_outbox(struct fixture *f, unsigned delivered)
{
	char sql[1024];

	fill(f, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
		" INSERT INTO crate (id, registry, name, listed) SELECT 1000 + i, 1, 'crate-' || i, 1 FROM n");
	(void)append_event(f->db, f->crate, "1", NOW);
	(void)snprintf(sql, sizeof sql,
		       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
		       " INSERT INTO notification (id, public_id, notifier, kind, state, created_ms, ready_ms, due_ms)"
		       " SELECT i, 'old' || i, 'hook', 0, 2, 1, 1, 1 FROM n",
		       delivered);
	fill(f, sql);
	fill(f, "INSERT INTO notification_event SELECT id, 1, 1001 + id % 2000, NULL FROM notification");
	for (unsigned i = 0; i < 10000; i++)
		tell(f, "hook", 1001 + i / 5, append_event(f->db, 1001 + i / 5, "1", NOW).seq, NULL, NULL, NOW);
}

static void a_claim_stays_cheap_with_10000_due_and_many_old_ones(void **state)
{
	struct fixture *f = *state;
	int64_t claims = 0;

	fill_outbox(f, 100000);
	/* The first of every crate is retried: 8,000 stand behind them. */
	for (int64_t row = 1; row; claims++) {
		row = claim_row(f, NOW);
		if (row)
			(void)record(f, row, 1, FRAME_RETRY, NOW);
	}
	assert_int_equal(claims - 1, 2000);
	forget_spent();
	assert_int_equal(claim_row(f, NOW), 0);
	check_cheap("a claim when nothing is due");
	int64_t row = claim_row(f, NOW + SECOND);
	assert_true(row > 0);
	check_cheap("a claim of one");
	(void)record(f, row, 2, FRAME_OK, NOW + SECOND);
	check_cheap("its result");
	add_for(f, "hook", 1001, "1", NOW + SECOND);
	check_cheap("one more");
	const struct outbox outbox = outbox_with_fallback(f, NOW + GIVE_UP);
	struct outbox_swept swept;
	struct err err = {0};
	static const char *const served[] = {"hook"};
	ok(outbox_sweep(&outbox, served, 1, &swept, &err));
	assert_int_equal(swept.given_up, 0);
	check_cheap("a sweep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(order_is_kept_for_groups_of_several_crates),
		store_test(a_group_waits_for_each_of_its_crates),
		store_test(a_group_that_gathers_holds_nobody_back),
		store_test(a_claim_stays_cheap_with_10000_due_and_many_old_ones),
	};
	(void)sqlite3_auto_extension((void (*)(void))on_open);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
