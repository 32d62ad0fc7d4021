/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: what is written when, what is refused, and what a reader may do. */
#include "fixture.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

static const char ADD_META[] = "INSERT INTO meta VALUES (:name, :value)";
static const char GET_META[] = "SELECT value FROM meta WHERE name = :name";
static const char COUNT_META[] = "SELECT count(*) FROM meta";

static int add_meta(struct db *db, const char *name, struct err *err)
{
	struct stmt st = stmt_use(db, ADD_META);

	stmt_put_text(&st, ":name", name);
	stmt_put_int(&st, ":value", 1);
	return stmt_run(&st, err);
}

static void a_write_outside_a_transaction_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t before = number(f->db, COUNT_META);

	ok(db_commit(f->db, &err));
	assert_int_equal(add_meta(f->db, "x", &err), ERR_REFUSED);
	assert_int_equal(number(f->db, COUNT_META), before);
	ok(db_begin(f->db, &err)); /* and the statement is not spoiled by it */
	ok(add_meta(f->db, "x", &err));
	ok(db_commit(f->db, &err));
	assert_int_equal(number(f->db, COUNT_META), before + 1);
}

/* Reads without end, and never lets go before it has begun again elsewhere. */
struct reading {
	struct db *db[2];
	atomic_bool over;
};

static void *read_without_a_gap(void *arg)
{
	struct reading *reading = arg;
	struct err err = {0};

	for (unsigned turn = 0; !atomic_load(&reading->over); turn++) {
		struct db *next = reading->db[turn % 2];
		ok(db_script(next, "BEGIN; SELECT count(*) FROM meta", &err));
		if (turn)
			ok(db_script(reading->db[(turn + 1) % 2], "COMMIT", &err));
		(void)poll(NULL, 0, 20); /* so long is a piece of a verify */
	}
	return NULL;
}

static void readers_without_a_gap_do_not_let_the_log_grow_without_end(void **state)
{
	struct fixture *f = *state;
	struct reading reading = {0};
	struct stat wal;
	pthread_t thread;
	struct err err = {0};
	char path[PATH_MAX];

	ok(db_commit(f->db, &err));
	for (size_t i = 0; i < ARRAY_LEN(reading.db); i++)
		ok(db_open(f->path, DB_READ_ONLY, &reading.db[i], &err));
	assert_int_equal(pthread_create(&thread, NULL, read_without_a_gap, &reading), 0);
	for (unsigned megabytes = 0; megabytes < 160; megabytes++) {
		ok(db_begin(f->db, &err));
		ok(db_script(f->db, "REPLACE INTO meta VALUES ('large', zeroblob(1000000))", &err));
		ok(db_commit(f->db, &err));
	}
	atomic_store(&reading.over, true);
	(void)pthread_join(thread, NULL);
	(void)snprintf(path, sizeof path, "%s-wal", f->path);
	assert_int_equal(stat(path, &wal), 0);
	assert_in_range(wal.st_size, 1, 80 << 20);
	for (size_t i = 0; i < ARRAY_LEN(reading.db); i++)
		db_close(reading.db[i]);
	ok(db_begin(f->db, &err));
}

static void a_rolled_back_transaction_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t before = number(f->db, COUNT_META);

	ok(add_meta(f->db, "x", &err));
	assert_int_equal(number(f->db, COUNT_META), before + 1);
	db_rollback(f->db);
	assert_int_equal(number(f->db, COUNT_META), before);
	assert_int_equal(add_meta(f->db, "x", &err), ERR_REFUSED);
}

static void a_statement_runs_again_with_what_is_put_in_anew(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	static const char *const names[] = {"x", "y", "z"};
	int64_t before = number(f->db, COUNT_META);

	struct stmt st = stmt_use(f->db, ADD_META);
	stmt_put_int(&st, ":value", 4242);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		stmt_put_text(&st, ":name", names[i]);
		stmt_repeat(&st);
	}
	ok(stmt_done(&st, &err));
	assert_int_equal(number(f->db, COUNT_META), before + 3);
	assert_int_equal(number(f->db, "SELECT count(*) FROM meta WHERE value = 4242"), 3);
}

static void a_run_that_fails_is_the_last_one(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	static const char *const names[] = {"x", "x", "y"};
	int64_t before = number(f->db, COUNT_META);

	struct stmt st = stmt_use(f->db, ADD_META);
	stmt_put_int(&st, ":value", 1);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		stmt_put_text(&st, ":name", names[i]);
		stmt_repeat(&st);
	}
	assert_int_equal(stmt_done(&st, &err), ERR_IO);
	assert_int_equal(number(f->db, COUNT_META), before + 1);
}

static void what_is_open_at_the_end_is_rolled_back(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	ok(db_commit(f->db, &err));
	int64_t before = number(f->db, COUNT_META);
	ok(db_begin(f->db, &err));
	ok(add_meta(f->db, "x", &err));
	crash_and_reopen(f);
	assert_int_equal(number(f->db, COUNT_META), before);
}

static void an_undone_job_harms_no_neighbour(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	static const struct {
		const char *name;
		bool kept;
	} jobs[] = {{"a", true}, {"b", false}, {"c", true}, {"d", false}};
	int64_t before = number(f->db, COUNT_META);

	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		ok(db_savepoint(f->db, &err));
		ok(add_meta(f->db, jobs[i].name, &err));
		if (jobs[i].kept)
			ok(db_savepoint_keep(f->db, &err));
		else
			db_savepoint_undo(f->db);
	}
	ok(db_commit(f->db, &err));
	assert_int_equal(number(f->db, COUNT_META), before + 2);
	assert_int_equal(number(f->db, "SELECT count(*) FROM meta WHERE name IN ('a', 'c')"), 2);
}

static void a_failed_statement_may_be_used_again(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	ok(add_meta(f->db, "x", &err));
	assert_int_equal(add_meta(f->db, "x", &err), ERR_IO);
	assert_non_null(strstr(err.text, "UNIQUE"));
	ok(add_meta(f->db, "y", &err));
}

static void a_misspelled_parameter_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	struct stmt st = stmt_use(f->db, ADD_META);
	stmt_put_text(&st, ":name", "x");
	stmt_put_int(&st, ":valeu", 1);
	assert_false(stmt_row(&st));
	assert_int_not_equal(stmt_done(&st, &err), 0);
	assert_int_equal(number(f->db, "SELECT count(*) FROM meta WHERE name = 'x'"), 0);
}

static void bindings_do_not_outlive_their_use(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	struct stmt st = stmt_use(f->db, GET_META);
	stmt_put_text(&st, ":name", "lineage");
	assert_true(stmt_row(&st));
	ok(stmt_done(&st, &err));
	st = stmt_use(f->db, GET_META);
	assert_false(stmt_row(&st)); /* unbound is NULL, which is no name */
	ok(stmt_done(&st, &err));
}

static void values_come_out_as_they_went_in(void **state)
{
	static const char SELECT[] = "SELECT :int, :text, :null, :blob";
	struct fixture *f = *state;
	struct err err = {0};
	char blob[3];

	struct stmt st = stmt_use(f->db, SELECT);
	stmt_put_int(&st, ":int", INT64_MIN);
	stmt_put_text(&st, ":text", "gr\xc3\xbc\xc3\x9f");
	stmt_put_text(&st, ":null", NULL);
	stmt_put_blob(&st, ":blob", "\0b\0", 3);
	assert_true(stmt_row(&st));
	assert_int_equal(stmt_int(&st, 0), INT64_MIN);
	assert_string_equal(stmt_text(&st, 1), "gr\xc3\xbc\xc3\x9f");
	assert_null(stmt_text(&st, 2));
	assert_null(stmt_text_copy(&st, 2));
	assert_true(stmt_blob(&st, 3, blob, 3));
	assert_memory_equal(blob, "\0b\0", 3);
	assert_false(stmt_blob(&st, 3, blob, 2)); /* another length */
	assert_false(stmt_blob(&st, 2, blob, 3));
	OWNED_MEM char *copy = stmt_text_copy(&st, 1);
	ok(stmt_done(&st, &err));
	assert_string_equal(copy, "gr\xc3\xbc\xc3\x9f");
}

static void too_many_different_statements_are_an_error(void **state)
{
	struct fixture *f = *state;
	static char sql[DB_STATEMENTS_MAX + 1][16];
	struct err err = {0};
	size_t good = 0;

	for (size_t i = 0; i < ARRAY_LEN(sql); i++) {
		(void)snprintf(sql[i], sizeof sql[i], "SELECT %zu", i);
		struct stmt st = stmt_use(f->db, sql[i]);
		good += stmt_row(&st);
		int rc = stmt_done(&st, &err);
		assert_true(rc == 0 || rc == ERR_REFUSED);
	}
	assert_true(good < ARRAY_LEN(sql) && good > DB_STATEMENTS_MAX / 2);
	struct stmt st = stmt_use(f->db, sql[0]); /* those that are known still work */
	assert_true(stmt_row(&st));
	ok(stmt_done(&st, &err));
}

static void a_reader_sees_what_is_committed_and_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *reader = NULL;

	ok(db_commit(f->db, &err));
	int64_t before = number(f->db, COUNT_META);
	ok(db_open(f->path, DB_READ_ONLY, &reader, &err));
	ok(db_begin(f->db, &err));
	ok(add_meta(f->db, "x", &err));
	assert_int_equal(number(reader, COUNT_META), before);
	ok(db_commit(f->db, &err));
	assert_int_equal(number(reader, COUNT_META), before + 1);
	assert_int_not_equal(add_meta(reader, "y", &err), 0);
	assert_int_not_equal(db_script(reader, "DELETE FROM meta", &err), 0);
	assert_int_not_equal(db_script(reader, "CREATE TABLE t (x)", &err), 0);
	assert_int_equal(number(reader, COUNT_META), before + 1);
	db_close(reader);
}

static int count_without_end(struct db *db, struct err *err)
{
	static const char ENDLESS[] = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
				      " SELECT count(*) FROM n";
	struct stmt st = stmt_use(db, ENDLESS);

	return stmt_run(&st, err);
}

static void a_readers_query_ends_at_its_deadline(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *reader = NULL;

	ok(db_commit(f->db, &err));
	ok(db_open(f->path, DB_READ_ONLY, &reader, &err));
	db_set_deadline(reader, 20);
	assert_int_equal(count_without_end(reader, &err), ERR_BUSY);
	assert_string_equal(err.text, "the query took too long");
	db_set_deadline(reader, 0);
	assert_true(number(reader, COUNT_META) > 0);
	db_close(reader);
}

static void rows_written_are_counted(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t before = db_rows_written(f->db);

	ok(add_meta(f->db, "x", &err));
	ok(add_meta(f->db, "y", &err));
	assert_int_equal(db_rows_written(f->db) - before, 2);
}

static void what_cannot_be_opened_is_told_with_its_path(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = NULL;
	char path[96];

	(void)snprintf(path, sizeof path, "%s/no/such.db", f->folder);
	assert_int_not_equal(db_open(path, DB_READ_WRITE, &db, &err), 0);
	assert_null(db);
	assert_memory_equal(err.text, path, strlen(path));
	assert_int_not_equal(db_open(f->path, DB_READ_ONLY, &db, &err), 0); /* a reader creates nothing */
	assert_int_not_equal(access(f->path, F_OK), 0);
	assert_null(db);
}

static void a_file_that_is_no_database_is_refused_and_kept(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = NULL;
	static const char text[] = "not a database, but long enough that its first page is looked at";
	char back[sizeof text] = "";

	FILE *file = fopen(f->path, "w");
	assert_non_null(file);
	assert_int_equal(fputs(text, file) >= 0 && fclose(file) == 0, 1);
	assert_int_not_equal(db_open(f->path, DB_READ_WRITE, &db, &err), 0);
	assert_null(db);
	file = fopen(f->path, "r");
	assert_non_null(file);
	assert_int_equal(fread(back, 1, sizeof back, file), sizeof text - 1);
	fclose(file);
	assert_string_equal(back, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_write_outside_a_transaction_is_refused),
		store_test(readers_without_a_gap_do_not_let_the_log_grow_without_end),
		store_test(a_rolled_back_transaction_leaves_nothing),
		store_test(a_statement_runs_again_with_what_is_put_in_anew),
		store_test(a_run_that_fails_is_the_last_one),
		store_test(what_is_open_at_the_end_is_rolled_back),
		store_test(an_undone_job_harms_no_neighbour),
		store_test(a_failed_statement_may_be_used_again),
		store_test(a_misspelled_parameter_is_an_error),
		store_test(bindings_do_not_outlive_their_use),
		store_test(values_come_out_as_they_went_in),
		store_test(too_many_different_statements_are_an_error),
		store_test(a_reader_sees_what_is_committed_and_writes_nothing),
		store_test(a_readers_query_ends_at_its_deadline),
		store_test(rows_written_are_counted),
		folder_test(what_cannot_be_opened_is_told_with_its_path),
		folder_test(a_file_that_is_no_database_is_refused_and_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
