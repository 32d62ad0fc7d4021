/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: made once, never made twice, never taken down. */
#include "outbox_fixture.h"

static void a_new_database_has_the_whole_schema(void **state)
{
	static const char *const tables[] = {"meta", "registry", "crate", "versions", "event", "notification"};
	struct fixture *f = *state;
	char sql[128];

	f->db = open_and_migrate(f->path);
	assert_true(number(f->db, "PRAGMA user_version") >= 1);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
		assert_int_equal(number(f->db, sql), strcmp(tables[i], "meta") == 0 ? 2 : 0);
	}
	assert_int_equal(number(f->db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(f->db, "PRAGMA synchronous"), 2);
	assert_int_equal(number(f->db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
}

static void the_second_start_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct database_secrets first;
	struct database_secrets second;

	f->db = open_and_migrate(f->path);
	int64_t version = number(f->db, "PRAGMA user_version");
	int64_t schema = number(f->db, "PRAGMA schema_version");
	ok(state_secrets(f->db, &first, &err));
	crash_and_reopen(f);
	ok(migrations_apply(f->db, &err));
	ok(state_secrets(f->db, &second, &err));
	assert_memory_equal(&first, &second, sizeof first);
	assert_int_equal(number(f->db, "PRAGMA user_version"), version);
	assert_int_equal(number(f->db, "PRAGMA schema_version"), schema);
}

static void every_database_has_secrets_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct database_secrets first;
	struct database_secrets second;
	struct db *other;

	f->db = open_and_migrate(f->path);
	other = open_and_migrate(":memory:");
	ok(state_secrets(f->db, &first, &err));
	ok(state_secrets(other, &second, &err));
	db_close(other);
	assert_memory_not_equal(first.lineage, second.lineage, sizeof first.lineage);
	assert_memory_not_equal(first.secret, second.secret, sizeof first.secret);
}

static void a_newer_schema_is_refused_and_left_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *reader = NULL;

	f->db = open_and_migrate(f->path);
	ok(db_script(f->db, "PRAGMA user_version=4711", &err));
	int64_t schema = number(f->db, "PRAGMA schema_version");
	db_close(f->db);
	ok(db_open(f->path, DB_READ_WRITE, &f->db, &err));
	assert_int_equal(migrations_apply(f->db, &err), ERR_REFUSED);
	assert_non_null(strstr(err.text, "schema 4711 is newer"));
	ok(db_open(f->path, DB_READ_ONLY, &reader, &err));
	assert_int_equal(number(reader, "PRAGMA user_version"), 4711);
	assert_int_equal(number(reader, "PRAGMA schema_version"), schema);
	db_close(reader);
}

/* A step that fails in its middle: neither its tables nor its mark stay. */
static void a_failed_step_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	f->db = open_and_migrate(f->path);
	ok(db_script(f->db,
		     BEFORE_STEP_7
		     "DROP TABLE pending; DROP TABLE notification_event; DROP TABLE outbox_line; DROP TABLE attempt;"
		     "DROP TABLE notification; DROP TABLE silence; DROP TABLE notifier; DROP TABLE notifier_progress; "
		     "DROP TABLE heartbeat;"
		     "DROP TABLE event; DROP TABLE versions; DROP TABLE crate;"
		     "DROP TABLE meta; PRAGMA user_version=0",
		     &err)); /* `registry` is in the first step's way */
	assert_int_equal(migrations_apply(f->db, &err), ERR_IO);
	assert_int_equal(number(f->db, "PRAGMA user_version"), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 1);
}

/* As step 4 left it: one of each state, two of one crate on their way. */
static const char STEP_4[] = VERSIONS_BEFORE_STEP_6
	"DROP TABLE notification_event; DROP TABLE outbox_line; DROP TABLE attempt; DROP TABLE notification;"
	"DROP TABLE silence; DROP TABLE notifier; DROP TABLE notifier_progress; DROP TABLE heartbeat;"
	"CREATE TABLE notification (id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, notifier TEXT NOT NULL,"
	" crate INTEGER NOT NULL REFERENCES crate, event INTEGER NOT NULL REFERENCES event, state INTEGER NOT NULL,"
	" attempt INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
	" subject TEXT NOT NULL, document TEXT, last_text TEXT);"
	"CREATE INDEX notification_due ON notification (notifier, due_ms) WHERE state = 0;"
	"CREATE INDEX notification_order ON notification (notifier, crate, id) WHERE state IN (0, 1);"
	"CREATE INDEX notification_state ON notification (state);"
	"INSERT INTO notification (id, public_id, notifier, crate, event, state, attempt, created_ms, due_ms, subject,"
	" document, last_text) SELECT 1, 'ntf_1', 'hook', crate, seq, 2, 1, 1, 1, 's', 'd', 't' FROM event"
	" UNION ALL SELECT 2, 'ntf_2', 'hook', crate, seq, 3, 9, 1, 1, 's', 'd', 't' FROM event"
	" UNION ALL SELECT 3, 'ntf_3', 'hook', crate, seq, 0, 2, 1795253400000, 1795253400000, 's', 'kept', 't' FROM "
	"event"
	" UNION ALL SELECT 4, 'ntf_4', 'hook', crate, seq, 0, 0, 1795253400001, 1795253400001, 's', NULL, NULL FROM "
	"event"
	" UNION ALL SELECT 5, 'ntf_5', 'mail', crate, seq, 1, 1, 1795253400001, 1795253400001, 's', 'd', NULL FROM "
	"event;"
	"PRAGMA user_version = 4;";

static void the_outbox_of_before_goes_on(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t recovered;

	(void)append_event(f->db, f->crate, "1", NOW);
	ok(db_script(f->db, STEP_4, &err));
	ok(db_commit(f->db, &err));
	ok(migrations_apply(f->db, &err));
	assert_int_equal(number(f->db, "SELECT count(*) FROM notification_event"), 5);
	assert_int_equal(number(f->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	assert_int_equal(
		number(f->db,
		       "SELECT group_concat(state, '') = '23001' FROM (SELECT state FROM notification ORDER BY id)"),
		1);
	ok(db_begin(f->db, &err));
	const struct outbox outbox = outbox_of(f, NOW + MINUTE);
	counts_are_right(f->db);
	ok(outbox_recover(&outbox, &recovered, &err));
	assert_int_equal(recovered, 1);
	OWNED_CLAIM struct outbox_claim first = claim_for(f, "hook", NOW + MINUTE);
	assert_string_equal(first.notification.id, "ntf_3");
	assert_string_equal(first.notification.document, "kept");
	assert_int_equal(first.notification.attempt, 3);
	assert_int_equal(claim_row(f, NOW + MINUTE), 0); /* of the same crate: it waits */
	(void)record(f, 3, 3, FRAME_OK, NOW + MINUTE);
	OWNED_CLAIM struct outbox_claim second = claim_for(f, "hook", NOW + MINUTE);
	assert_string_equal(second.notification.id, "ntf_4");
	assert_non_null(strstr(second.notification.document, "\"evt_1\""));
	OWNED_CLAIM struct outbox_claim mail = claim_for(f, "mail", NOW + MINUTE);
	assert_string_equal(mail.notification.id, "ntf_5");
}

static void missing_secrets_are_an_error(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct database_secrets secrets;

	f->db = open_and_migrate(f->path);
	ok(db_script(f->db, "UPDATE meta SET value = x'00' WHERE name = 'secret'", &err));
	assert_int_equal(state_secrets(f->db, &secrets, &err), ERR_BAD);
	ok(db_script(f->db, "DELETE FROM meta", &err));
	assert_int_equal(state_secrets(f->db, &secrets, &err), ERR_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(a_new_database_has_the_whole_schema),
		folder_test(the_second_start_changes_nothing),
		folder_test(every_database_has_secrets_of_its_own),
		folder_test(a_newer_schema_is_refused_and_left_as_it_is),
		folder_test(a_failed_step_leaves_nothing),
		store_test(the_outbox_of_before_goes_on),
		folder_test(missing_secrets_are_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
