/* SPDX-License-Identifier: Apache-2.0 */
/* migrations.c: see migrations.h. PRAGMA user_version counts the steps done. */
#include "store/migrations.h"
#include "store/versions.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const steps[] = {
	/* 1: state of the index, history, outbox */
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('lineage', randomblob(16)), ('secret', randomblob(32));"

	"CREATE TABLE registry ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" index_url TEXT NOT NULL,"
	" configured INTEGER NOT NULL);" /* 1: the present configuration has it */

	"CREATE TABLE crate ("
	" id INTEGER PRIMARY KEY,"
	" registry INTEGER NOT NULL REFERENCES registry,"
	" name TEXT NOT NULL,"
	" listed INTEGER NOT NULL,"          /* bits of enum listed_by; 0 = not watched */
	" state INTEGER NOT NULL DEFAULT 0," /* enum crate_state */
	" etag TEXT,"
	" last_modified INTEGER NOT NULL DEFAULT 0," /* seconds; outlives a deletion */
	" unparsed INTEGER NOT NULL DEFAULT 0,"      /* lines that could not be read */
	" UNIQUE (registry, name));"

	"CREATE TABLE version ("
	" crate INTEGER NOT NULL REFERENCES crate,"
	" vers TEXT NOT NULL,"
	" position INTEGER NOT NULL,"
	" checksum BLOB NOT NULL,"
	" fingerprint BLOB NOT NULL,"
	" facets BLOB NOT NULL,"
	" yanked INTEGER NOT NULL,"
	" deleted INTEGER NOT NULL,"
	" changed_ms INTEGER NOT NULL DEFAULT 0," /* its last event; 0 = none yet */
	" PRIMARY KEY (crate, vers)) WITHOUT ROWID;"

	"CREATE TABLE event ("
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL," /* '' for the crate as a whole */
	" kind INTEGER NOT NULL," /* enum event_kind */
	" severity INTEGER NOT NULL,"
	" body TEXT NOT NULL);" /* canonical bytes, event.h */
	"CREATE INDEX event_id ON event (id);"
	"CREATE INDEX event_crate ON event (crate, seq);"
	"CREATE INDEX event_ordinal ON event (crate, version, kind);"
	"CREATE INDEX event_at ON event (at_ms);"
	"CREATE TRIGGER event_update BEFORE UPDATE ON event"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	"CREATE TRIGGER event_delete BEFORE DELETE ON event"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"

	"CREATE TABLE notification ("
	" id INTEGER PRIMARY KEY,"
	" public_id TEXT NOT NULL UNIQUE,"
	" notifier TEXT NOT NULL,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" event INTEGER NOT NULL REFERENCES event,"
	" state INTEGER NOT NULL," /* enum notification_state */
	" attempt INTEGER NOT NULL DEFAULT 0,"
	" created_ms INTEGER NOT NULL,"
	" due_ms INTEGER NOT NULL,"
	" subject TEXT NOT NULL,"
	" document TEXT," /* set by the first claim, the same bytes ever after */
	" last_text TEXT);"
	"CREATE INDEX notification_due ON notification (notifier, due_ms) WHERE state = 0;"
	"CREATE INDEX notification_order ON notification (notifier, crate, id) WHERE state IN (0, 1);"
	"CREATE INDEX notification_state ON notification (state);",

	/* 2: replies that wait for confirmation, copies that are older than what is recorded */
	"CREATE TABLE pending ("
	" crate INTEGER PRIMARY KEY REFERENCES crate,"
	" state INTEGER NOT NULL," /* enum crate_state */
	" status INTEGER NOT NULL,"
	" etag TEXT,"
	" last_modified INTEGER NOT NULL,"
	" first_ms INTEGER NOT NULL,"
	" body TEXT);"
	"ALTER TABLE crate ADD COLUMN stale_modified INTEGER NOT NULL DEFAULT 0;" /* of the older copy */
	"ALTER TABLE crate ADD COLUMN stale_since_ms INTEGER NOT NULL DEFAULT 0;",

	/* 3: the registry as a whole: its own events hang on a crate without a name that nobody lists */
	"ALTER TABLE registry ADD COLUMN blind_ms INTEGER NOT NULL DEFAULT 0;"    /* since when; 0 = it is not */
	"ALTER TABLE registry ADD COLUMN incident_ms INTEGER NOT NULL DEFAULT 0;" /* the same */
	"ALTER TABLE crate ADD COLUMN doubled INTEGER NOT NULL DEFAULT 0;",       /* lines that repeat a version */

	/* 4: the file as a whole, so that a look at the same one needs no versions */
	"ALTER TABLE crate ADD COLUMN fingerprint BLOB;", /* index_look.fingerprint; NULL = look at each line */

	/* 5: the versions of a crate are one row; `version` goes when they have moved */
	"CREATE TABLE versions ("
	" crate INTEGER PRIMARY KEY REFERENCES crate,"
	" list BLOB NOT NULL);", /* versions.c */
};

/* What a step's SQL cannot do, after it and in its transaction. */
static int (*const conversions[ARRAY_LEN(steps)])(struct db *db, struct err *err) = {
	[5 - 1] = versions_convert,
};

int migrations_apply(struct db *db, struct err *err)
{
	int64_t done = 0;
	int64_t known = (int64_t)ARRAY_LEN(steps);
	char mark[64];

	int rc = db_number(db, "PRAGMA user_version", &done, err);
	if (rc)
		return rc;
	if (done > known)
		return err_set(err, ERR_REFUSED,
			       "schema %" PRId64 " is newer than this yankwatchd knows (%" PRId64 "): upgrade it", done,
			       known);
	for (; !rc && done < known; done++) {
		(void)snprintf(mark, sizeof mark, "PRAGMA user_version=%" PRId64, done + 1);
		rc = db_begin(db, err);
		if (rc)
			return rc;
		rc = db_script(db, steps[done], err);
		if (!rc && conversions[done])
			rc = conversions[done](db, err);
		if (!rc)
			rc = db_script(db, mark, err);
		if (!rc)
			rc = db_commit(db, err);
		else
			db_rollback(db);
	}
	return rc;
}
