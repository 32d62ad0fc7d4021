/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: made once, never made twice, never taken down. */
#include "fixture.h"

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
	ok(db_script(
		f->db,
		"DROP TABLE pending; DROP TABLE notification; DROP TABLE event; DROP TABLE versions; DROP TABLE crate;"
		"DROP TABLE meta; PRAGMA user_version=0",
		&err)); /* `registry` is in the first step's way */
	assert_int_equal(migrations_apply(f->db, &err), ERR_IO);
	assert_int_equal(number(f->db, "PRAGMA user_version"), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 1);
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
		folder_test(missing_secrets_are_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
