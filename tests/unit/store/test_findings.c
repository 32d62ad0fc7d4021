/* SPDX-License-Identifier: Apache-2.0 */
/* A locked version held against what the index was seen to have. */
#include "fixture.h"

#include "store/finding_rows.h"

#define AS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BS "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

struct verdict_row {
	enum crate_state crate;
	bool unparsed, yanked, deleted; /* 1.0.0, whose checksum is BS */
	const char *version, *checksum; /* as locked */
	enum finding_verdict verdict;
	enum finding_state state;
};

static void see(struct fixture *f, const struct verdict_row *row)
{
	static char vers[] = "1.0.0";
	struct index_version version = {.vers = vers, .yanked = row->yanked, .deleted = row->deleted};
	const struct index_versions versions = {&version, 1};
	const struct index_look look = {.bad = row->unparsed};
	struct err err = {0};

	memset(version.checksum, 0xbb, sizeof version.checksum);
	ok(versions_save(f->db, f->crate, &versions, &err));
	ok(state_crate_save(f->db, f->crate, row->crate, &(struct validators){0}, &look, 1000, &err));
}

static void a_locked_version_is_judged(void **state)
{
	static const struct verdict_row rows[] = {
		{CRATE_PRESENT, 0, 0, 0, "1.0.0", BS, VERDICT_GOOD, 0},
		{CRATE_PRESENT, 0, 0, 0, "1.0.0", "", VERDICT_GOOD, 0},
		{CRATE_PRESENT, 1, 0, 0, "1.0.0", BS, VERDICT_GOOD, 0},
		{CRATE_PRESENT, 0, 0, 0, "1.0.0", "not hex", VERDICT_GOOD, 0},
		{CRATE_PRESENT, 0, 0, 0, "1.0.0", AS AS, VERDICT_GOOD, 0},
		{CRATE_PRESENT, 0, 0, 0, "1.0.0", AS, VERDICT_BAD, FINDING_CHECKSUM},
		{CRATE_PRESENT, 0, 1, 0, "1.0.0", BS, VERDICT_BAD, FINDING_YANKED},
		{CRATE_PRESENT, 1, 1, 0, "1.0.0", "", VERDICT_BAD, FINDING_YANKED},
		{CRATE_PRESENT, 0, 1, 0, "1.0.0", AS, VERDICT_BAD, FINDING_CHECKSUM}, /* the worse */
		{CRATE_PRESENT, 0, 0, 1, "1.0.0", BS, VERDICT_BAD, FINDING_DELETED},
		{CRATE_PRESENT, 0, 1, 1, "1.0.0", AS, VERDICT_BAD, FINDING_DELETED},
		{CRATE_PRESENT, 0, 0, 0, "1.0", BS, VERDICT_BAD, FINDING_MISSING}, /* texts, not meanings */
		{CRATE_PRESENT, 0, 0, 0, "2.0.0", BS, VERDICT_BAD, FINDING_MISSING},
		{CRATE_PRESENT, 1, 0, 0, "2.0.0", BS, VERDICT_UNKNOWN, 0}, /* it may be the line */
		{CRATE_ABSENT, 0, 0, 1, "1.0.0", BS, VERDICT_BAD, FINDING_DELETED},
		{CRATE_ABSENT, 0, 0, 0, "1.0.0", BS, VERDICT_BAD, FINDING_DELETED},
		{CRATE_ABSENT, 1, 0, 0, "2.0.0", BS, VERDICT_BAD, FINDING_MISSING},
		{CRATE_UNKNOWN, 0, 1, 0, "1.0.0", BS, VERDICT_UNKNOWN, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum finding_verdict verdict = VERDICT_GOOD;
		enum finding_state is = FINDING_STATES;
		struct err err = {0};
		see(f, &rows[i]);
		ok(finding_judge(f->db, f->crate, rows[i].version, rows[i].checksum, &verdict, &is, &err));
		if (verdict != rows[i].verdict || (verdict == VERDICT_BAD && is != rows[i].state))
			fail_msg("row %zu: verdict %d, %s", i, (int)verdict, finding_state_name(is));
	}
}

static void what_was_never_looked_at_is_not_known(void **state)
{
	static const struct verdict_row row = {.crate = CRATE_PRESENT, .yanked = true};
	struct fixture *f = *state;
	enum finding_verdict verdict = VERDICT_GOOD;
	enum finding_state is;
	struct err err = {0};

	ok(finding_judge(f->db, 0, "1.0.0", "", &verdict, &is, &err));
	assert_int_equal(verdict, VERDICT_UNKNOWN);
	ok(finding_judge(f->db, f->crate, "1.0.0", "", &verdict, &is, &err)); /* on its way */
	assert_int_equal(verdict, VERDICT_UNKNOWN);
	see(f, &row);
	ok(db_script(f->db, "UPDATE crate SET listed = 0", &err)); /* what is known of it grows old */
	ok(finding_judge(f->db, f->crate, "1.0.0", "", &verdict, &is, &err));
	assert_int_equal(verdict, VERDICT_UNKNOWN);
}

static void an_absent_crate_that_never_was_there_misses_all(void **state)
{
	struct fixture *f = *state;
	enum finding_verdict verdict = VERDICT_GOOD;
	enum finding_state is;
	struct err err = {0};

	ok(state_crate_save(f->db, f->crate, CRATE_ABSENT, &(struct validators){0}, &(struct index_look){0}, 1000,
			    &err));
	ok(finding_judge(f->db, f->crate, "1.0.0", "", &verdict, &is, &err));
	assert_int_equal(verdict, VERDICT_BAD);
	assert_int_equal(is, FINDING_MISSING);
}

static void damaged_versions_are_no_verdict(void **state)
{
	static const struct verdict_row row = {.crate = CRATE_PRESENT};
	struct fixture *f = *state;
	enum finding_verdict verdict;
	enum finding_state is;
	struct err err = {0};

	see(f, &row);
	ok(db_script(f->db, "UPDATE versions SET list = x'0200'", &err));
	assert_int_equal(finding_judge(f->db, f->crate, "1.0.0", "", &verdict, &is, &err), ERR_IO);
}

static void each_state_has_a_name_and_an_events_kind(void **state)
{
	static const struct {
		const char *name;
		enum event_kind kind;
	} rows[FINDING_STATES] = {{"yanked", EVENT_YANKED},
				  {"deleted", EVENT_VERSION_DELETED},
				  {"missing", EVENT_VERSION_DELETED},
				  {"checksum_differs", EVENT_CHECKSUM_CHANGED}};

	(void)state;
	for (unsigned i = 0; i < FINDING_STATES; i++) {
		assert_string_equal(finding_state_name((enum finding_state)i), rows[i].name);
		assert_int_equal(finding_state_kind((enum finding_state)i), rows[i].kind);
	}
}

/* Told at `told_ms`, of a project that every test may add. */
static void open_finding(struct fixture *f, int64_t told_ms)
{
	struct err err = {0};
	const struct event event = append_event(f->db, f->crate, "1.0.0", 1);
	const struct open_finding finding = {.project = 1,
					     .crate = f->crate,
					     .version = (char[]){"1.0.0"},
					     .severity = SEVERITY_HIGH,
					     .since_ms = told_ms,
					     .event = event.seq};

	ok(db_script(f->db, "INSERT INTO project (id, name, team, origin) VALUES (1, 'p', '', 0)", &err));
	ok(finding_add(f->db, &finding, &err));
}

static bool is_reminded(struct fixture *f, int64_t now_ms, int64_t every_ms)
{
	struct finding_to_remind finding;
	struct err err = {0};

	ok(finding_next_to_remind(f->db, SEVERITY_HIGH, now_ms, every_ms, 0, &finding, &err));
	return finding.id != 0;
}

static void a_clock_that_was_put_back_does_not_end_reminders(void **state)
{
	struct fixture *f = *state;

	open_finding(f, 10000);
	assert_false(is_reminded(f, 10999, 1000));
	assert_true(is_reminded(f, 11000, 1000));
	assert_false(is_reminded(f, 9500, 1000)); /* a small step is none */
	assert_true(is_reminded(f, 8999, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_locked_version_is_judged),
		store_test(what_was_never_looked_at_is_not_known),
		store_test(an_absent_crate_that_never_was_there_misses_all),
		store_test(damaged_versions_are_no_verdict),
		store_test(a_clock_that_was_put_back_does_not_end_reminders),
		cmocka_unit_test(each_state_has_a_name_and_an_events_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
