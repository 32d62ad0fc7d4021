/* SPDX-License-Identifier: Apache-2.0 */
/* Events: appended, counted without a gap, never changed and never removed. */
#include "fixture.h"

static const char LAST[] = "SELECT coalesce(max(seq), 0) FROM event";
static const char COUNT[] = "SELECT count(*) FROM event";

static void an_event_is_kept_with_its_body_and_columns(void **state)
{
	static const char FIND[] = "SELECT id, at_ms, crate, version, kind, severity, body FROM event WHERE seq = 1";
	struct fixture *f = *state;
	struct err err = {0};
	OWNED_STRBUF struct strbuf body = {0};
	const struct event event = append_event(f->db, f->crate, "1.0.0", 1000);

	event_write_body(&body, &event);
	struct stmt st = stmt_use(f->db, FIND);
	assert_true(stmt_row(&st));
	assert_string_equal(stmt_text(&st, 0), event.id);
	assert_int_equal(stmt_int(&st, 1), 1000);
	assert_int_equal(stmt_int(&st, 2), f->crate);
	assert_string_equal(stmt_text(&st, 3), "1.0.0");
	assert_int_equal(stmt_int(&st, 4), EVENT_YANKED);
	assert_int_equal(stmt_int(&st, 5), SEVERITY_HIGH);
	assert_string_equal(stmt_text(&st, 6), strbuf_str(&body));
	ok(stmt_done(&st, &err));
}

static void an_event_of_the_whole_crate_has_no_version(void **state)
{
	struct fixture *f = *state;

	(void)append_event(f->db, f->crate, NULL, 1000);
	assert_int_equal(number(f->db, "SELECT version = '' FROM event"), 1);
}

static void seq_counts_from_one_without_gaps(void **state)
{
	struct fixture *f = *state;

	for (int64_t i = 1; i <= 20; i++)
		assert_int_equal(append_event(f->db, f->crate, "1.0.0", i).seq, i);
	assert_int_equal(number(f->db, LAST), number(f->db, COUNT));
}

static void seq_has_no_gap_after_an_undone_job(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_int_equal(append_event(f->db, f->crate, "1", 1).seq, 1);
	ok(db_savepoint(f->db, &err));
	assert_int_equal(append_event(f->db, f->crate, "2", 2).seq, 2);
	assert_int_equal(append_event(f->db, f->crate, "3", 3).seq, 3);
	db_savepoint_undo(f->db);
	ok(db_savepoint(f->db, &err));
	assert_int_equal(append_event(f->db, f->crate, "4", 4).seq, 2);
	ok(db_savepoint_keep(f->db, &err));
	ok(db_commit(f->db, &err));
	assert_int_equal(number(f->db, LAST), 2);
	assert_int_equal(number(f->db, COUNT), 2);
}

static void seq_has_no_gap_after_a_crash(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	(void)append_event(f->db, f->crate, "1", 1);
	ok(db_commit(f->db, &err));
	ok(db_begin(f->db, &err));
	assert_int_equal(append_event(f->db, f->crate, "2", 2).seq, 2);
	crash_and_reopen(f);
	ok(db_begin(f->db, &err));
	assert_int_equal(append_event(f->db, f->crate, "3", 3).seq, 2);
}

static void a_seq_that_is_taken_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	const struct event event = append_event(f->db, f->crate, "1", 1);

	assert_int_equal(history_append(f->db, f->crate, &event, &err), ERR_IO);
	assert_int_equal(number(f->db, COUNT), 1);
}

static void history_cannot_be_changed_or_removed(void **state)
{
	static const char *const rows[] = {
		"UPDATE event SET severity = 0",
		"UPDATE event SET body = '{}' WHERE seq = 2",
		"UPDATE event SET seq = seq + 100",
		"DELETE FROM event WHERE seq = 1",
		"DELETE FROM event",
		"UPDATE OR IGNORE event SET severity = 0",
		"UPDATE OR REPLACE event SET seq = 1 WHERE seq = 2",
		"REPLACE INTO event SELECT * FROM event",
	};
	struct fixture *f = *state;
	struct err err = {0};

	(void)append_event(f->db, f->crate, "1", 1);
	(void)append_event(f->db, f->crate, "2", 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(db_script(f->db, rows[i], &err), ERR_IO);
		assert_string_equal(err.text, "database: history is append-only");
	}
	assert_int_equal(number(f->db, COUNT), 2);
	assert_int_equal(number(f->db, "SELECT sum(severity) FROM event"), 2 * SEVERITY_HIGH);
}

static void an_event_needs_a_crate(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct event event = append_event(f->db, f->crate, "1", 1);

	event.seq++;
	assert_int_equal(history_append(f->db, f->crate + 1000, &event, &err), ERR_IO);
}

static void events_outside_a_transaction_are_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct event event = append_event(f->db, f->crate, "1", 1);

	ok(db_commit(f->db, &err));
	event.seq++;
	assert_int_equal(history_append(f->db, f->crate, &event, &err), ERR_REFUSED);
	assert_int_equal(number(f->db, COUNT), 1);
}

static int64_t ordinal(struct fixture *f, int64_t crate, const char *version, enum event_kind kind)
{
	struct err err = {0};
	int64_t value = -1;

	ok(history_ordinal(f->db, crate, version, kind, NULL, &value, &err));
	return value;
}

static void ordinals_count_one_kind_of_one_version(void **state)
{
	struct fixture *f = *state;
	int64_t other = watch(f->db, "other");

	assert_int_equal(ordinal(f, f->crate, "1", EVENT_YANKED), 0);
	(void)append_event(f->db, f->crate, "1", 1);
	(void)append_event(f->db, f->crate, "1", 2);
	(void)append_event(f->db, f->crate, "2", 3);
	(void)append_event(f->db, f->crate, NULL, 4);
	(void)append_event(f->db, other, "1", 5);
	assert_int_equal(ordinal(f, f->crate, "1", EVENT_YANKED), 2);
	assert_int_equal(ordinal(f, f->crate, "2", EVENT_YANKED), 1);
	assert_int_equal(ordinal(f, f->crate, "", EVENT_YANKED), 1);
	assert_int_equal(ordinal(f, other, "1", EVENT_YANKED), 1);
	assert_int_equal(ordinal(f, f->crate, "1", EVENT_UNYANKED), 0);
	assert_int_equal(ordinal(f, f->crate, "3", EVENT_YANKED), 0);
}

static struct event append_finding(struct fixture *f, enum event_kind kind, const char *project)
{
	struct err err = {0};
	struct event event = {.registry = "r",
			      .index_url = INDEX_URL,
			      .crate = "demo",
			      .version = "1",
			      .project = project,
			      .kind = kind,
			      .severity = SEVERITY_INFO};

	ok(history_next_seq(f->db, &event.seq, &err));
	event.at_ms = event.seq * 1000;
	ok(history_append(f->db, f->crate, &event, &err));
	return event;
}

static void each_project_takes_back_its_own_finding(void **state)
{
	static const char *const projects[] = {"web", "payments", "z", "web"};
	struct fixture *f = *state;
	struct err err = {0};
	int64_t opened[ARRAY_LEN(projects)], seq = 0, at_ms = 0;

	(void)append_event(f->db, f->crate, "1", 1);
	for (size_t i = 0; i < ARRAY_LEN(projects); i++)
		opened[i] = append_finding(f, EVENT_FINDING_OPENED, projects[i]).seq;
	int64_t payments = append_finding(f, EVENT_FINDING_RESOLVED, "payments").seq;
	int64_t web = append_finding(f, EVENT_FINDING_RESOLVED, "web").seq;
	ok(history_follows(f->db, payments, EVENT_FINDING_RESOLVED, &seq, &err));
	assert_int_equal(seq, opened[1]);
	ok(history_follows(f->db, web, EVENT_FINDING_RESOLVED, &seq, &err));
	assert_int_equal(seq, opened[3]);
	ok(history_taken_back(f->db, opened[0], EVENT_FINDING_OPENED, &at_ms, &err));
	assert_int_equal(at_ms, web * 1000);
	ok(history_taken_back(f->db, opened[2], EVENT_FINDING_OPENED, &at_ms, &err));
	assert_int_equal(at_ms, 0);
	ok(history_ordinal(f->db, f->crate, "1", EVENT_FINDING_OPENED, "web", &seq, &err));
	assert_int_equal(seq, 2);
	ok(history_ordinal(f->db, f->crate, "1", EVENT_FINDING_OPENED, "other", &seq, &err));
	assert_int_equal(seq, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(an_event_is_kept_with_its_body_and_columns),
		store_test(an_event_of_the_whole_crate_has_no_version),
		store_test(seq_counts_from_one_without_gaps),
		store_test(seq_has_no_gap_after_an_undone_job),
		store_test(seq_has_no_gap_after_a_crash),
		store_test(a_seq_that_is_taken_is_refused),
		store_test(history_cannot_be_changed_or_removed),
		store_test(an_event_needs_a_crate),
		store_test(events_outside_a_transaction_are_refused),
		store_test(each_project_takes_back_its_own_finding),
		store_test(ordinals_count_one_kind_of_one_version),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
