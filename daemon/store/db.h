/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h: one connection to the database, its transactions and its statements.
 *
 * The tracker owns the one connection that writes and checkpoints; every other is
 * read-only, used by one thread at a time, and its queries end at a deadline. A
 * statement is named by its SQL constant, prepared once, bound by name. Its
 * errors are sticky: bind and step without checking, then ask stmt_done(). A
 * write outside a transaction is refused.
 */
#pragma once

#include "base/err.h"

#include <sqlite3.h>

#define DB_STATEMENTS_MAX 384 /* different SQL constants on one connection */

struct db;

enum db_mode { DB_READ_WRITE, DB_READ_ONLY };

/* Once, before anything else here and before there are threads: what the library counts for nobody it counts under a
 * lock, twice for each row. */
void db_configure_library(void);

/* DB_READ_WRITE creates an empty database where there is none; migrations.h fills it. */
MUST_CHECK int db_open(const char *path, enum db_mode mode, struct db **ret, struct err *err);
void db_close(struct db *db); /* NULL is allowed; rolls back what is open */

/* The next queries of this connection are interrupted after `ms`; 0 = never. */
void db_set_deadline(struct db *db, int64_t ms);

MUST_CHECK int db_begin(struct db *db, struct err *err);
MUST_CHECK int db_commit(struct db *db, struct err *err); /* on error everything is rolled back */
void db_rollback(struct db *db);

/* Inside a transaction: one job's part of it, undone alone. */
MUST_CHECK int db_savepoint(struct db *db, struct err *err);
MUST_CHECK int db_savepoint_keep(struct db *db, struct err *err);
void db_savepoint_undo(struct db *db);
/* After a full disk or an I/O error SQLite rolls the whole transaction back by itself. */
bool db_transaction_is_lost(const struct db *db);

int64_t db_rows_written(const struct db *db); /* since the connection was opened, by triggers too */
int64_t db_rows_changed(const struct db *db); /* by the last statement that wrote, its triggers not counted */
int64_t db_wal_bytes(const struct db *db);    /* of the write-ahead log's file; 0 when there is none */

sqlite3 *db_handle(const struct db *db); /* for copy.h alone */

/* Several statements without results, for migrations and the file's own settings. */
MUST_CHECK int db_script(struct db *db, const char *sql, struct err *err);
/* A script with one number as result, e.g. "PRAGMA user_version". */
MUST_CHECK int db_number(struct db *db, const char *sql, int64_t *ret, struct err *err);

/*
 *   struct stmt st = stmt_use(db, FIND_CRATE);
 *   stmt_put_text(&st, ":name", name);
 *   while (stmt_row(&st)) id = stmt_int(&st, 0);
 *   return stmt_done(&st, err);
 *
 * stmt_done() must be called once for each stmt_use(); it makes the statement
 * free for its next use. Texts and blobs of a row are valid until the next
 * stmt_row() or stmt_done(); those that are put in must live until stmt_done().
 */
struct stmt {
	struct db *db;
	sqlite3_stmt *raw;
	int code;     /* SQLite's; sticky */
	int last_put; /* the parameter that was put in last; 0 = none yet */
};

struct stmt stmt_use(struct db *db, const char *sql);
void stmt_put_int(struct stmt *st, const char *name, int64_t value);
void stmt_put_text(struct stmt *st, const char *name, const char *value); /* NULL is NULL */
void stmt_put_blob(struct stmt *st, const char *name, const void *bytes, size_t len);
bool stmt_row(struct stmt *st);
int64_t stmt_int(struct stmt *st, int column);
const char *stmt_text(struct stmt *st, int column);                       /* NULL for NULL */
bool stmt_blob(struct stmt *st, int column, void *ret_bytes, size_t len); /* false: NULL or another length */
/* Whatever bytes there are; NULL for NULL and for none. */
const void *stmt_bytes(struct stmt *st, int column, size_t *ret_len);
char *stmt_text_copy(struct stmt *st, int column); /* owned by the caller; NULL for NULL; OOM is sticky */
/* As stmt_text_copy(), whatever bytes there are, and one 0 behind them. */
char *stmt_blob_copy(struct stmt *st, int column, size_t *ret_len);
MUST_CHECK int stmt_done(struct stmt *st, struct err *err);
/* Runs a statement without rows, and makes it ready for another run: what was put in stays until
 * something else is put in its place. */
void stmt_repeat(struct stmt *st);
/* For a statement without rows: runs it to its end. */
MUST_CHECK int stmt_run(struct stmt *st, struct err *err);
