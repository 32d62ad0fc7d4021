/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture.h: a database in a folder of its own for each test, with a registry `r`
 * that is configured and a watched crate `demo` in it. Calls that must succeed go
 * through ok(), which says why they did not.
 */
#pragma once

#include "store/history.h"
#include "store/migrations.h"
#include "store/state.h"
#include "store/versions.h"
#include "store/watches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INDEX_URL "http://localhost/index/"

/* SQL: what was pruned is not signed. */
#define BEFORE_STEP_13 "ALTER TABLE pruned DROP COLUMN key; ALTER TABLE pruned DROP COLUMN signature;"
/* SQL: of the outbox all is kept for ever. */
#define BEFORE_STEP_12 BEFORE_STEP_13 "DROP INDEX notification_kept;"
/* SQL: without reasons. */
#define BEFORE_STEP_11                                                                                              \
	BEFORE_STEP_12                                                                                              \
	"DROP TABLE reason; DROP TABLE reason_ask; DROP TABLE reason_owners; ALTER TABLE event DROP COLUMN source;" \
	"ALTER TABLE annotation DROP COLUMN reason; ALTER TABLE notification DROP COLUMN group_ms;"                 \
	"ALTER TABLE notification DROP COLUMN reason_ms;"
/* SQL: without what the history is searched by. */
#define BEFORE_STEP_10                                                                                \
	BEFORE_STEP_11                                                                                \
	"DROP TRIGGER event_insert_kind; DROP TRIGGER event_insert_late; DROP TRIGGER event_removed;" \
	"DROP TABLE event_kind; DROP TABLE event_late; DROP INDEX event_crate;"                       \
	"CREATE INDEX event_crate ON event (crate, seq);"
/* SQL: nothing is counted. */
#define BEFORE_STEP_9                                                                                \
	BEFORE_STEP_10                                                                               \
	"DROP TABLE event_count; DROP TABLE outbox_count; DROP TABLE finding_count;"                 \
	"DROP TRIGGER event_comes; DROP TRIGGER notification_comes; DROP TRIGGER notification_goes;" \
	"DROP TRIGGER notification_moves; DROP TRIGGER finding_comes; DROP TRIGGER finding_goes;"    \
	"DROP TRIGGER finding_moves;"
/* SQL: without the chain. */
#define BEFORE_STEP_8                                                                                            \
	BEFORE_STEP_9                                                                                            \
	"DROP INDEX finding_event; DROP TABLE head; DROP TABLE head_key; DROP TRIGGER event_delete; DROP TABLE " \
	"pruned;"                                                                                                \
	"ALTER TABLE event DROP COLUMN prev_hash; ALTER TABLE event DROP COLUMN hash;"                           \
	"ALTER TABLE crate DROP COLUMN since_ms; CREATE TRIGGER event_delete BEFORE DELETE ON event"             \
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
/* SQL: the versions are a row each, as steps 1 to 5 have them; there are none. */
#define BEFORE_STEP_7                                                                              \
	BEFORE_STEP_8                                                                              \
	"DROP TABLE annotation; DROP TABLE event_project; DROP TABLE finding; DROP TABLE demands;" \
	"DROP TABLE locked; DROP TABLE lockfile; DROP TABLE project; DROP INDEX crate_unlocked;"   \
	"DROP INDEX event_finding; ALTER TABLE event DROP COLUMN project;"                         \
	"ALTER TABLE crate DROP COLUMN unlocked_ms;"
#define VERSIONS_BEFORE_STEP_6                                                                                 \
	BEFORE_STEP_7                                                                                          \
	"DROP TABLE versions;"                                                                                 \
	"CREATE TABLE version (crate INTEGER NOT NULL REFERENCES crate, vers TEXT NOT NULL,"                   \
	" position INTEGER NOT NULL, checksum BLOB NOT NULL, fingerprint BLOB NOT NULL, facets BLOB NOT NULL," \
	" yanked INTEGER NOT NULL, deleted INTEGER NOT NULL, changed_ms INTEGER NOT NULL DEFAULT 0,"           \
	" PRIMARY KEY (crate, vers)) WITHOUT ROWID;"

struct fixture {
	char folder[32];
	char path[64];
	struct db *db;
	int64_t crate; /* of `demo` */
};

static inline void check_ok(int rc, const struct err *err, const char *what, int line)
{
	if (rc)
		fail_msg("line %d: %s: %s", line, what, err->text);
}
/* The call's last argument must be `&err`, a local. */
#define ok(call) check_ok(call, &err, #call, __LINE__)

static inline int64_t number(struct db *db, const char *sql)
{
	struct err err = {0};
	int64_t value = 0;

	ok(db_number(db, sql, &value, &err));
	return value;
}

/* What triggers have counted is what is there. */
static inline void counts_are_right(struct db *db)
{
	static const struct {
		const char *counted, *there;
	} tables[] = {
		{"SELECT notifier, state, kind, n FROM outbox_count WHERE n <> 0",
		 "SELECT notifier, state, kind, count(*) FROM notification GROUP BY 1, 2, 3"},
		{"SELECT kind, n FROM event_count WHERE n <> 0", "SELECT kind, count(*) FROM event GROUP BY 1"},
		{"SELECT severity, n FROM finding_count WHERE n <> 0",
		 "SELECT severity, count(*) FROM finding WHERE resolved_ms = 0 AND event IS NOT NULL GROUP BY 1"},
	};
	char sql[512];

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		(void)snprintf(
			sql, sizeof sql,
			"SELECT count(*) FROM (SELECT * FROM (%s EXCEPT %s) UNION ALL SELECT * FROM (%s EXCEPT %s))",
			tables[i].counted, tables[i].there, tables[i].there, tables[i].counted);
		assert_int_equal(number(db, sql), 0);
	}
}

static inline int64_t crate_id(struct db *db, const char *crate)
{
	OWNED(crate_record_release) struct crate_record record = {0};
	struct err err = {0};

	ok(state_crate(db, "r", INDEX_URL, crate, &record, &err));
	return record.id;
}

static inline int64_t watch(struct db *db, const char *crate)
{
	struct err err = {0};
	bool added;

	ok(watches_add(db, "r", crate, LISTED_CONFIGURATION, &added, &(bool){false}, &err));
	return crate_id(db, crate);
}

static inline void configure(struct db *db)
{
	struct err err = {0};
	struct registry_before before;

	ok(watches_configure_registry(db, "r", INDEX_URL, &before, &err));
}

/* One more behind those that the crate has; its texts are copied. */
static inline void add_version(struct db *db, int64_t crate, const struct index_version *version)
{
	OWNED(index_versions_release) struct index_versions versions = {0};
	struct err err = {0};

	ok(versions_load(db, crate, &versions, &err));
	struct index_version *added = index_versions_add(&versions);
	assert_non_null(added);
	*added = *version;
	added->vers = strdup(version->vers);
	assert_non_null(added->vers);
	ok(versions_save(db, crate, &versions, &err));
}

static inline int setup_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	strcpy(f->folder, "/tmp/yankwatch-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof f->path, "%s/yankwatch.db", f->folder);
	*state = f;
	return 0;
}

/* As the tracker does it at a start. */
static inline struct db *open_and_migrate(const char *path)
{
	struct err err = {0};
	struct db *db = NULL;

	ok(db_open(path, DB_READ_WRITE, &db, &err));
	ok(migrations_apply(db, &err));
	return db;
}

/* An open database with a transaction begun, as a job finds it. */
static inline int setup_database(void **state)
{
	struct err err = {0};

	setup_folder(state);
	struct fixture *f = *state;
	f->db = open_and_migrate(f->path);
	ok(db_begin(f->db, &err));
	configure(f->db);
	f->crate = watch(f->db, "demo");
	return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	int rc = nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return rc;
}

/* Closes without a word, as a crash does, and opens again. */
static inline void crash_and_reopen(struct fixture *f)
{
	db_close(f->db);
	f->db = open_and_migrate(f->path);
}

/* The next event in the history: a yank of that version. */
static inline struct event append_event(struct db *db, int64_t crate, const char *version, int64_t at_ms)
{
	struct err err = {0};
	struct event event = {
		.at_ms = at_ms,
		.observed_at_ms = at_ms,
		.registry = "r",
		.index_url = INDEX_URL,
		.crate = "demo",
		.version = version,
		.kind = EVENT_YANKED,
		.severity = SEVERITY_HIGH,
		.yanked = true,
	};

	ok(history_next_seq(db, &event.seq, &err));
	(void)snprintf(event.id, sizeof event.id, "evt_%lld", (long long)event.seq);
	ok(history_append(db, crate, &event, &err));
	return event;
}

#define store_test(test) cmocka_unit_test_setup_teardown(test, setup_database, teardown)
#define folder_test(test) cmocka_unit_test_setup_teardown(test, setup_folder, teardown)
