/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of projects: annotations in documents and subjects, silences, and findings that are told again. */
#include "outbox_fixture.h"

#include "base/json.h"
#include "store/annotations.h"
#include "store/silences.h"

#define MEMBERS                                                                           \
	"\"usable_versions\":2,\"findings\":[{\"project\":\"payments\",\"locked\":true}," \
	"{\"project\":\"web\",\"locked\":true},{\"project\":\"web\",\"locked\":false}],"  \
	"\"more_findings\":1"

static const struct event_project three[] = {{"payments", "sec", true}, {"web", "", true}, {"z", "", false}};

/* A yank that hits `n` of the three projects. */
static int64_t hit(struct fixture *f, const char *version, size_t n)
{
	struct err err = {0};
	int64_t seq = happen(f, f->crate, EVENT_YANKED, version, NOW);

	ok(annotations_add(f->db, seq, MEMBERS, three, n, &err));
	return seq;
}

/* The projects have it as a finding; those of `resolved` are over. */
static void open_findings(struct fixture *f, int64_t event, const char *resolved)
{
	struct err err = {0};
	char sql[512];

	ok(db_script(f->db,
		     "INSERT OR IGNORE INTO project (name, team, origin) VALUES ('payments', 'sec', 0), ('web', '', 0),"
		     " ('z', '', 1)",
		     &err));
	(void)snprintf(sql, sizeof sql,
		       "INSERT INTO finding (project, crate, version, state, severity, replaceable, since_ms, event,"
		       " resolved_ms) SELECT p.id, e.crate, e.version, 0, 3, 1, 1, e.seq, iif(p.name IN (%s), 5, 0)"
		       " FROM project p, event e WHERE e.seq = %lld",
		       resolved, (long long)event);
	ok(db_script(f->db, sql, &err));
}

static void remind(struct fixture *f, const int64_t *events, size_t n)
{
	const struct outbox outbox = outbox_of(f, NOW);
	struct err err = {0};

	ok(outbox_remind(&outbox, "hook", events, n, &err));
}

static void silence_project(struct fixture *f, const char *pattern)
{
	const struct silence silence = {
		.match = {.project = pattern}, .ends_ms = NOW + HOUR, .author = "eve", .comment = "known"};
	struct err err = {0};
	char id[SILENCE_ID_MAX];

	ok(silences_add(f->db, &silence, NOW, id, &err));
}

/* "payments web web, more 1": what the document's first event says. */
static void check_findings(const char *document, const char *expected)
{
	OWNED_STRBUF struct strbuf told = {0};
	OWNED_JSON cJSON *tree = NULL;
	struct err err = {0};
	const cJSON *finding;

	ok(json_parse(document, strlen(document), &tree, &err));
	const cJSON *event = cJSON_GetArrayItem(json_member(tree, "events"), 0);
	cJSON_ArrayForEach (finding, json_member(event, "findings"))
		strbuf_addf(&told, "%s ", json_string(finding, "project"));
	strbuf_addf(&told, "more %lld", (long long)json_int(event, "more_findings", 0));
	assert_string_equal(strbuf_str(&told), expected);
	assert_int_equal(json_int(event, "usable_versions", 0), 2);
}

static void what_was_noted_with_the_event_stands_in_its_document(void **state)
{
	struct fixture *f = *state;

	tell(f, "hook", f->crate, hit(f, "1", 3), NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_string_equal(claim.notification.subject, "[high] demo 1 yanked: payments and 1 more lock it");
	check_findings(claim.notification.document, "payments web web more 1");
}

static void an_event_of_a_project_is_a_sentence(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct event event = {.registry = "r",
			      .index_url = INDEX_URL,
			      .crate = "demo",
			      .version = "1",
			      .project = "payments",
			      .kind = EVENT_FINDING_OPENED,
			      .severity = SEVERITY_CRITICAL};

	ok(history_next_seq(f->db, &event.seq, &err));
	ok(history_append(f->db, f->crate, &event, &err));
	ok(annotations_add(f->db, event.seq, "\"findings\":[{\"state\":\"missing\",\"locked\":true}]", three, 1, &err));
	tell(f, "hook", f->crate, event.seq, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_string_equal(claim.notification.subject,
			    "[critical] payments locks demo 1, which is not in the registry");
}

static void annotations_that_cannot_be_read_hold_nothing_up(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t seq = happen(f, f->crate, EVENT_FINDING_OPENED, "1", NOW);

	ok(annotations_add(f->db, seq, "\"severity\":1,\"severity\":2", three, 1, &err));
	tell(f, "hook", f->crate, seq, NULL, NULL, NOW);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_string_equal(claim.notification.subject, "[high] demo 1 found bad in a project: payments locks it");
	claim_release(&claim);
	ok(db_script(f->db, "DELETE FROM outbox_line", &err));
	remind(f, &seq, 1);
	claim = claim_for(f, "hook", NOW);
	assert_non_null(strstr(claim.notification.document, "\"severity\":1,\"severity\":2"));
}

static void a_group_counts_annotations_as_its_bytes(void **state)
{
	static const struct grouping wait = {.by = GROUP_BY_CRATE, .wait_ms = SECOND};
	struct fixture *f = *state;
	int64_t plain = happen(f, f->crate, EVENT_YANKED, "1", NOW);

	tell(f, "hook", f->crate, plain, &wait, "a", NOW);
	tell(f, "hook", f->crate, hit(f, "1", 1), &wait, "b", NOW);
	assert_int_equal(number(f->db, "SELECT max(bytes) - min(bytes) FROM notification"), sizeof MEMBERS - 1);
}

static void a_silence_of_one_project_does_not_hide_a_yank_from_another(void **state)
{
	struct fixture *f = *state;

	silence_project(f, "pay*");
	tell(f, "hook", f->crate, hit(f, "1", 1), NULL, NULL, NOW);
	assert_int_equal(claim_row(f, NOW), 0);
	assert_int_equal(state_of(f, 1), NOTIFICATION_SILENCED);
	tell(f, "hook", f->crate, hit(f, "2", 2), NULL, NULL, NOW);
	assert_int_equal(claim_row(f, NOW), 2);
	tell(f, "hook", f->crate, happen(f, f->crate, EVENT_YANKED, "3", NOW), NULL, NULL, NOW + HOUR - 1);
	assert_int_equal(record(f, 2, 1, FRAME_OK, NOW), NOTIFICATION_DELIVERED);
	assert_int_equal(claim_row(f, NOW + HOUR - 1), 3); /* of no project */
}

/* ---- told again ---- */

static void a_reminder_tells_what_is_still_open(void **state)
{
	static const struct {
		const char *resolved, *subject, *findings;
	} rows[] = {
		{"''", "reminder: 3 findings are still open: [high] demo 1 yanked: payments and 1 more lock it",
		 "payments web web more 1"},
		{"'payments'", "reminder: 2 findings are still open: [high] demo 1 yanked: web locks it",
		 "web web more 1"},
		{"'payments', 'web'", "reminder: a finding is still open: [high] demo 1 yanked", "more 1"},
		{"'payments', 'z'", "reminder: a finding is still open: [high] demo 1 yanked: web locks it",
		 "web web more 0"},
		{"'payments', 'web', 'z'", "reminder, over meanwhile: [high] demo 1 yanked", "more 0"},
	};
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t seq = hit(f, "1", 3);
		ok(db_script(f->db, "UPDATE finding SET resolved_ms = 1; DELETE FROM outbox_line", &err));
		open_findings(f, seq, rows[i].resolved);
		remind(f, &seq, 1);
		OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
		assert_string_equal(claim.notification.subject, rows[i].subject);
		assert_ptr_equal(strstr(claim.notification.document, "{\"kind\":\"reminder\",\"events\":[{"),
				 claim.notification.document);
		check_findings(claim.notification.document, rows[i].findings);
	}
}

static void a_reminder_of_several_is_one_notification(void **state)
{
	struct fixture *f = *state;
	const int64_t events[] = {hit(f, "1", 3), hit(f, "2", 3)};

	open_findings(f, events[0], "'z'");
	open_findings(f, events[1], "'z'");
	remind(f, events, 2);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "hook", NOW);
	assert_string_equal(claim.notification.subject,
			    "reminder: 4 findings are still open: [high] demo: 2 versions yanked (1 to 2)");
	assert_int_equal(column(f, "events", 1), 2);
	assert_int_equal(column(f, "kind", 1), NOTIFICATION_REMINDER);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 1);
}

static void reminders_that_are_too_large_together_are_several(void **state)
{
	static int64_t events[GROUP_EVENTS_MAX + 1];
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		events[i] = happen(f, f->crate, EVENT_FINDING_OPENED, "1", NOW);
	remind(f, events, 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification"), 0);
	remind(f, events, ARRAY_LEN(events));
	assert_int_equal(column(f, "events", 1), GROUP_EVENTS_MAX);
	assert_int_equal(column(f, "events", 2), 1);
	assert_int_equal(column(f, "held", 2), 1); /* in their order */
	OWNED_MEM char *large = malloc(ANNOTATION_MAX + 1);
	assert_non_null(large);
	memset(large, 'x', ANNOTATION_MAX);
	large[ANNOTATION_MAX] = '\0';
	for (size_t i = 0; i < 5; i++)
		ok(annotations_add(f->db, events[i], large, NULL, 0, &err));
	remind(f, events, 5);
	assert_int_equal(column(f, "events", 3), 3);
	assert_int_equal(column(f, "events", 4), 2);
	assert_true(number(f->db, "SELECT max(bytes) FROM notification") <= GROUP_BYTES_MAX);
}

static void silences_hold_reminders_back_by_the_projects_that_are_open(void **state)
{
	struct fixture *f = *state;
	int64_t seq = hit(f, "1", 2);

	silence_project(f, "payments");
	open_findings(f, seq, "'z'");
	remind(f, &seq, 1);
	assert_int_equal(claim_row(f, NOW), 1);
	assert_int_equal(record(f, 1, 1, FRAME_OK, NOW), NOTIFICATION_DELIVERED);
	struct err err = {0};
	ok(db_script(f->db, "UPDATE finding SET resolved_ms = 1 WHERE project = 2", &err));
	remind(f, &seq, 1);
	assert_int_equal(claim_row(f, NOW), 0);
	assert_int_equal(state_of(f, 2), NOTIFICATION_SILENCED);
}

static void the_fallback_is_told_a_reminder_that_cannot_be_delivered(void **state)
{
	struct fixture *f = *state;
	const struct outbox outbox = outbox_with_fallback(f, NOW);
	const struct delivery_result refused = {.row = 1, .attempt = 1, .outcome = FRAME_REJECT};
	int64_t seq = hit(f, "1", 2);

	open_findings(f, seq, "''");
	remind(f, &seq, 1);
	assert_int_equal(claim_row(f, NOW), 1);
	assert_true(record_at(&outbox, &refused).told_fallback);
	OWNED_CLAIM struct outbox_claim claim = claim_for(f, "mail", NOW);
	assert_string_equal(claim.notification.subject,
			    "not delivered to hook: [high] demo 1 yanked: payments and 1 more lock it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(what_was_noted_with_the_event_stands_in_its_document),
		store_test(an_event_of_a_project_is_a_sentence),
		store_test(annotations_that_cannot_be_read_hold_nothing_up),
		store_test(a_group_counts_annotations_as_its_bytes),
		store_test(a_silence_of_one_project_does_not_hide_a_yank_from_another),
		store_test(a_reminder_tells_what_is_still_open),
		store_test(a_reminder_of_several_is_one_notification),
		store_test(reminders_that_are_too_large_together_are_several),
		store_test(silences_hold_reminders_back_by_the_projects_that_are_open),
		store_test(the_fallback_is_told_a_reminder_that_cannot_be_delivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
