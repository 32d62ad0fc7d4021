/* SPDX-License-Identifier: Apache-2.0 */
/* db.c: see db.h. */
#include "store/db.h"

#include "base/clock.h"

#include <string.h>
#include <sys/stat.h>

#define BUSY_TIMEOUT_MS 5000   /* a reader that meets a checkpoint waits, it does not fail */
#define PROGRESS_OPCODES 10000 /* how often a query looks at its deadline */
#define CHECKPOINT_PAGES 4000  /* of the WAL, 16 MB: then the writer checkpoints */
#define RESTART_PAGES 16000    /* 64 MB: readers took turns without a gap, so now it waits for them */
#define RESTART_WAIT_MS 1000

struct cached {
	const char *sql; /* the constant's address is its name */
	sqlite3_stmt *raw;
};

struct db {
	sqlite3 *raw;
	enum db_mode mode;
	bool in_transaction;
	int64_t deadline_ms; /* monotonic; 0 = none */
	int restart_pages;   /* the next length of the WAL at which readers are waited for */
	size_t n_cached;
	struct cached cached[DB_STATEMENTS_MAX];
};

static int db_error(const struct db *db, const char *what, struct err *err)
{
	return err_set(err, ERR_IO, "%s: %s", what, sqlite3_errmsg(db->raw));
}

static int on_progress(void *arg)
{
	const struct db *db = arg;
	return db->deadline_ms && clock_mono_ms() > db->deadline_ms;
}

static const char WRITER_SETTINGS[] = "PRAGMA journal_mode=WAL;"
				      "PRAGMA synchronous=FULL;"
				      "PRAGMA cache_size=-16384;" /* KiB: a first sync finds its pages in memory */
				      "PRAGMA journal_size_limit=33554432;" /* a WAL that a reader made longer is cut */
				      "PRAGMA foreign_keys=ON;"
				      "PRAGMA recursive_triggers=ON;" /* REPLACE is a DELETE, too */
				      "PRAGMA trusted_schema=OFF;";

static const char READER_SETTINGS[] = "PRAGMA query_only=ON;"
				      "PRAGMA wal_autocheckpoint=0;"
				      "PRAGMA trusted_schema=OFF;";

/*
 * After each COMMIT. The WAL begins anew only when no reader needs it, and readers that follow each other without a
 * gap (an export and a verify) always do: a long one is worth a wait. One reader that stays longer is not waited for
 * again until the WAL has grown as much once more.
 */
static int on_wal(void *arg, sqlite3 *raw, const char *name, int pages)
{
	struct db *db = arg;
	bool wait = pages >= db->restart_pages;

	if (pages < CHECKPOINT_PAGES)
		return SQLITE_OK;
	(void)sqlite3_busy_timeout(raw, wait ? RESTART_WAIT_MS : BUSY_TIMEOUT_MS);
	int rc = sqlite3_wal_checkpoint_v2(raw, name, wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
					   NULL, NULL);
	(void)sqlite3_busy_timeout(raw, BUSY_TIMEOUT_MS);
	if (wait)
		db->restart_pages = rc == SQLITE_OK ? RESTART_PAGES : pages + RESTART_PAGES;
	return SQLITE_OK; /* what is in the WAL is stored */
}

static int db_prepare_connection(struct db *db, struct err *err)
{
	(void)sqlite3_busy_timeout(db->raw, BUSY_TIMEOUT_MS);
	(void)sqlite3_extended_result_codes(db->raw, 1);
	if (db->mode == DB_READ_ONLY) {
		sqlite3_progress_handler(db->raw, PROGRESS_OPCODES, on_progress, db);
		return db_script(db, READER_SETTINGS, err);
	}
	int rc = db_script(db, WRITER_SETTINGS, err);
	db->restart_pages = RESTART_PAGES;
	(void)sqlite3_wal_hook(db->raw, on_wal, db);
	return rc;
}

void db_configure_library(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX;
	flags |= mode == DB_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

	struct db *db = calloc(1, sizeof *db);
	if (!db)
		return err_nomem(err);
	db->mode = mode;
	int rc = 0;
	if (sqlite3_open_v2(path, &db->raw, flags, NULL) != SQLITE_OK)
		rc = db->raw ? db_error(db, "cannot open", err) : err_nomem(err);
	if (!rc)
		rc = db_prepare_connection(db, err);
	if (rc) {
		db_close(db);
		return err_prefix(err, "%s", path);
	}
	*ret = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	if (db->in_transaction)
		db_rollback(db);
	for (size_t i = 0; i < db->n_cached; i++)
		(void)sqlite3_finalize(db->cached[i].raw);
	(void)sqlite3_close(db->raw);
	free(db);
}

void db_set_deadline(struct db *db, int64_t ms)
{
	db->deadline_ms = ms ? clock_mono_ms() + ms : 0;
}

int db_script(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->raw, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(db, "database", err);
	return 0;
}

int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err)
{
	sqlite3_stmt *raw = NULL;

	int code = sqlite3_prepare_v2(db->raw, sql, -1, &raw, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(raw);
	if (code == SQLITE_ROW)
		*ret = sqlite3_column_int64(raw, 0);
	(void)sqlite3_finalize(raw);
	return code == SQLITE_ROW ? 0 : db_error(db, sql, err);
}

int db_begin(struct db *db, struct err *err)
{
	int rc = db_script(db, "BEGIN IMMEDIATE", err);
	db->in_transaction = rc == 0;
	return rc;
}

int db_commit(struct db *db, struct err *err)
{
	int rc = db_script(db, "COMMIT", err);
	if (rc)
		db_rollback(db);
	db->in_transaction = false;
	return rc;
}

void db_rollback(struct db *db)
{
	/* SQLite may have rolled back by itself; then this fails, which is well. */
	(void)sqlite3_exec(db->raw, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

/* One a job: prepared once, as what a job stores. */
static const char SAVEPOINT[] = "SAVEPOINT job";
static const char RELEASE[] = "RELEASE job";

int db_savepoint(struct db *db, struct err *err)
{
	struct stmt st = stmt_use(db, SAVEPOINT);
	return stmt_run(&st, err);
}

int db_savepoint_keep(struct db *db, struct err *err)
{
	struct stmt st = stmt_use(db, RELEASE);
	return stmt_run(&st, err);
}

void db_savepoint_undo(struct db *db)
{
	(void)sqlite3_exec(db->raw, "ROLLBACK TO job; RELEASE job", NULL, NULL, NULL);
}

bool db_transaction_is_lost(const struct db *db)
{
	return sqlite3_get_autocommit(db->raw) != 0;
}

int64_t db_rows_written(const struct db *db)
{
	return sqlite3_total_changes64(db->raw);
}

int64_t db_rows_changed(const struct db *db)
{
	return sqlite3_changes64(db->raw);
}

int64_t db_wal_bytes(const struct db *db)
{
	const char *path = sqlite3_filename_wal(sqlite3_db_filename(db->raw, "main"));
	struct stat st;

	return stat(path, &st) < 0 ? 0 : (int64_t)st.st_size;
}

sqlite3 *db_handle(const struct db *db)
{
	return db->raw;
}

static struct cached *find_statement(struct db *db, const char *sql)
{
	for (size_t i = 0; i < db->n_cached; i++)
		if (db->cached[i].sql == sql)
			return &db->cached[i];
	return NULL;
}

struct stmt stmt_use(struct db *db, const char *sql)
{
	struct stmt st = {.db = db};
	struct cached *found = find_statement(db, sql);

	if (!found && db->n_cached == DB_STATEMENTS_MAX) {
		st.code = SQLITE_MISUSE;
		return st;
	}
	if (!found) {
		struct cached added = {.sql = sql};
		st.code = sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &added.raw, NULL);
		if (st.code != SQLITE_OK)
			return st;
		found = &db->cached[db->n_cached++];
		*found = added;
	}
	st.raw = found->raw;
	if (!sqlite3_stmt_readonly(st.raw) && !db->in_transaction)
		st.code = SQLITE_MISUSE;
	return st;
}

/* Where the parameter is; 0 when the statement has failed or has none of that name. Most are put in
 * the statement's own order: the one after the last is tried first, which spares SQLite the search. */
static int parameter(struct stmt *st, const char *name)
{
	if (st->code != SQLITE_OK)
		return 0;
	int at = st->last_put + 1;
	const char *there = sqlite3_bind_parameter_name(st->raw, at);
	if (!there || strcmp(there, name) != 0)
		at = sqlite3_bind_parameter_index(st->raw, name);
	if (at == 0)
		st->code = SQLITE_MISUSE;
	st->last_put = at;
	return at;
}

void stmt_put_int(struct stmt *st, const char *name, int64_t value)
{
	int at = parameter(st, name);
	if (at)
		st->code = sqlite3_bind_int64(st->raw, at, value);
}

void stmt_put_text(struct stmt *st, const char *name, const char *value)
{
	int at = parameter(st, name);
	if (at)
		st->code = sqlite3_bind_text(st->raw, at, value, -1, SQLITE_STATIC);
}

void stmt_put_blob(struct stmt *st, const char *name, const void *bytes, size_t len)
{
	int at = parameter(st, name);
	if (at)
		st->code = sqlite3_bind_blob64(st->raw, at, bytes, len, SQLITE_STATIC);
}

bool stmt_row(struct stmt *st)
{
	if (st->code != SQLITE_OK)
		return false;
	int code = sqlite3_step(st->raw);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		st->code = code;
	return code == SQLITE_ROW;
}

int64_t stmt_int(struct stmt *st, int column)
{
	return sqlite3_column_int64(st->raw, column);
}

const char *stmt_text(struct stmt *st, int column)
{
	return (const char *)sqlite3_column_text(st->raw, column);
}

const void *stmt_bytes(struct stmt *st, int column, size_t *ret_len)
{
	const void *bytes = sqlite3_column_blob(st->raw, column);

	*ret_len = (size_t)sqlite3_column_bytes(st->raw, column);
	return bytes;
}

bool stmt_blob(struct stmt *st, int column, void *ret_bytes, size_t len)
{
	size_t there;
	const void *bytes = stmt_bytes(st, column, &there);

	if (!bytes || there != len)
		return false;
	memcpy(ret_bytes, bytes, len);
	return true;
}

char *stmt_text_copy(struct stmt *st, int column)
{
	const char *text = stmt_text(st, column);
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		st->code = SQLITE_NOMEM;
	return copy;
}

char *stmt_blob_copy(struct stmt *st, int column, size_t *ret_len)
{
	size_t len;
	const void *bytes = stmt_bytes(st, column, &len);
	char *copy = bytes ? malloc(len + 1) : NULL;

	*ret_len = copy ? len : 0;
	if (bytes && !copy)
		st->code = SQLITE_NOMEM;
	if (copy) {
		memcpy(copy, bytes, len);
		copy[len] = '\0';
	}
	return copy;
}

int stmt_done(struct stmt *st, struct err *err)
{
	int code = st->code;
	int rc = 0;

	if (code == SQLITE_NOMEM)
		rc = err_nomem(err);
	else if (code == SQLITE_INTERRUPT)
		rc = err_set(err, ERR_BUSY, "the query took too long");
	else if (code == SQLITE_MISUSE)
		rc = err_set(err, ERR_REFUSED, "database: a statement was misused");
	else if (code != SQLITE_OK)
		rc = err_set(err, ERR_IO, "database: %s", sqlite3_errmsg(st->db->raw));
	if (st->raw) {
		(void)sqlite3_reset(st->raw);
		(void)sqlite3_clear_bindings(st->raw);
	}
	return rc;
}

void stmt_repeat(struct stmt *st)
{
	while (stmt_row(st))
		;
	if (st->code == SQLITE_OK)
		(void)sqlite3_reset(st->raw);
}

int stmt_run(struct stmt *st, struct err *err)
{
	while (stmt_row(st))
		;
	return stmt_done(st, err);
}
