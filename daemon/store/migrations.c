/* SPDX-License-Identifier: Apache-2.0 */
/* migrations.c: see migrations.h. PRAGMA user_version counts the steps done. */
#include "store/migrations.h"
#include "store/counts.h"
#include "store/history.h"
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

	/* 5: the outbox: groups of events, every attempt, order, silences, notifiers out of service */
	"ALTER TABLE notification RENAME TO notification_before;"
	"DROP INDEX notification_due; DROP INDEX notification_order; DROP INDEX notification_state;"

	"CREATE TABLE silence ("
	" id INTEGER PRIMARY KEY,"
	" public_id TEXT NOT NULL UNIQUE,"
	" created_ms INTEGER NOT NULL,"
	" ends_ms INTEGER NOT NULL,"
	" removed_ms INTEGER NOT NULL DEFAULT 0," /* 0 = nobody has */
	" author TEXT NOT NULL,"
	" comment TEXT NOT NULL,"
	" registry TEXT," /* as all four: NULL = any */
	" crate TEXT,"    /* a pattern */
	" version TEXT,"
	" project TEXT,"                      /* a pattern */
	" kinds INTEGER NOT NULL DEFAULT 0);" /* bits 1 << enum event_kind; 0 = any */
	"CREATE INDEX silence_active ON silence (ends_ms) WHERE removed_ms = 0;"

	"CREATE TABLE notification ("
	" id INTEGER PRIMARY KEY,"
	" public_id TEXT NOT NULL UNIQUE,"
	" notifier TEXT NOT NULL,"
	" kind INTEGER NOT NULL,"  /* enum notification_kind */
	" state INTEGER NOT NULL," /* enum notification_state */
	" attempt INTEGER NOT NULL DEFAULT 0,"
	" failures INTEGER NOT NULL DEFAULT 0," /* in a row */
	" created_ms INTEGER NOT NULL,"
	" ready_ms INTEGER NOT NULL,"              /* due for the first time: order and give_up count from here */
	" due_ms INTEGER NOT NULL,"                /* the next attempt */
	" wait_ms INTEGER NOT NULL DEFAULT 0,"     /* gathering: due_ms is at most so far away */
	" held INTEGER NOT NULL DEFAULT 0,"        /* 1: an earlier one of the same crate is still on its way */
	" again INTEGER NOT NULL DEFAULT 0,"       /* 1: the receiver has it and wants it once more at due_ms */
	" origin INTEGER REFERENCES notification," /* undelivered: the dead one that it tells of */
	" group_key TEXT,"                         /* gathering: model/group.h; NULL = takes no more events */
	" events INTEGER NOT NULL DEFAULT 0,"
	" bytes INTEGER NOT NULL DEFAULT 0," /* of its events' bodies */
	" subject TEXT,"                     /* both set by the first claim, the same bytes ever after */
	" document TEXT,"
	" plugin_state TEXT," /* what the last attempt's plugin left */
	" last_text TEXT);"
	"CREATE INDEX notification_claim ON notification (notifier, due_ms)"
	" WHERE (state = 0 AND held = 0) OR (state = 2 AND again = 1);"
	"CREATE INDEX notification_open ON notification (notifier, ready_ms) WHERE state = 0;"
	"CREATE INDEX notification_gathering ON notification (notifier, due_ms) WHERE state = 4;"
	"CREATE UNIQUE INDEX notification_group ON notification (notifier, group_key) WHERE state = 4;"
	"CREATE INDEX notification_state ON notification (state);"
	"CREATE INDEX notification_origin ON notification (origin) WHERE origin IS NOT NULL;"

	/* What it tells, in the order of seq. */
	"CREATE TABLE notification_event ("
	" notification INTEGER NOT NULL REFERENCES notification,"
	" event INTEGER NOT NULL REFERENCES event,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" silence INTEGER REFERENCES silence," /* that holds this event back */
	" PRIMARY KEY (notification, event)) WITHOUT ROWID;"
	"CREATE INDEX notification_event_event ON notification_event (event);"
	"CREATE INDEX notification_event_silence ON notification_event (silence) WHERE silence IS NOT NULL;"

	/* Who waits for whom: of each crate the one with the least place goes first (outbox_line.h). */
	"CREATE TABLE outbox_line ("
	" place INTEGER PRIMARY KEY,"
	" notifier TEXT NOT NULL,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" notification INTEGER NOT NULL REFERENCES notification,"
	" until_ms INTEGER NOT NULL);" /* then it holds nobody back any more */
	"CREATE INDEX outbox_line_crate ON outbox_line (notifier, crate);"
	"CREATE INDEX outbox_line_notification ON outbox_line (notification);"
	"CREATE INDEX outbox_line_until ON outbox_line (notifier, until_ms);"

	"CREATE TABLE attempt ("
	" notification INTEGER NOT NULL REFERENCES notification,"
	" number INTEGER NOT NULL,"
	" started_ms INTEGER NOT NULL,"
	" duration_ms INTEGER NOT NULL DEFAULT 0,"
	" outcome INTEGER," /* enum frame_outcome; NULL = it goes on */
	" due_ms INTEGER,"  /* the next one; NULL = none */
	" text TEXT,"       /* the receiver's answer */
	" PRIMARY KEY (notification, number)) WITHOUT ROWID;"

	"CREATE TABLE notifier (" /* those that are out of service */
	" name TEXT PRIMARY KEY,"
	" disabled_ms INTEGER NOT NULL,"
	" disabled_text TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE notifier_progress (" /* when the receiver of each last took or refused one, to the hour */
	" name TEXT PRIMARY KEY,"
	" at_ms INTEGER NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE heartbeat (" /* one row: the last one that was queued, or the first start */
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" queued_ms INTEGER NOT NULL,"
	" seq INTEGER NOT NULL);" /* the last event then */

	"INSERT INTO notification (id, public_id, notifier, kind, state, attempt, created_ms, ready_ms, due_ms, events,"
	" subject, document, last_text)"
	" SELECT id, public_id, notifier, 0, state, attempt, created_ms, created_ms, due_ms, 1, subject, document,"
	" last_text FROM notification_before;"
	"INSERT INTO notification_event (notification, event, crate) SELECT id, event, crate FROM notification_before;"
	"INSERT INTO outbox_line (notifier, crate, notification, until_ms) SELECT notifier, crate, id,"
	" created_ms + 900000 FROM notification_before WHERE state IN (0, 1) ORDER BY id;"
	"UPDATE notification SET held = 1 WHERE state = 0 AND EXISTS (SELECT 1 FROM outbox_line a JOIN outbox_line b"
	" ON b.notifier = a.notifier AND b.crate = a.crate AND b.place < a.place"
	" WHERE a.notification = notification.id);"
	"DROP TABLE notification_before;",

	/* 6: the versions of a crate are one row; `version` goes when they have moved */
	"CREATE TABLE versions ("
	" crate INTEGER PRIMARY KEY REFERENCES crate,"
	" list BLOB NOT NULL);", /* versions.c */

	/* 7: projects: what their lockfiles hold, what is wrong with it, what events say of them */
	"CREATE TABLE project ("
	" id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" team TEXT NOT NULL,"       /* '' = none */
	" origin INTEGER NOT NULL);" /* enum project_origin */

	"CREATE TABLE lockfile ("
	" id INTEGER PRIMARY KEY,"
	" project INTEGER NOT NULL REFERENCES project,"
	" path TEXT NOT NULL,"      /* '' = it was sent */
	" format INTEGER NOT NULL," /* enum lock_format */
	" digest BLOB,"             /* of its bytes; NULL: nothing was read yet */
	" lock BLOB,"               /* model/lock.h; NULL with the digest */
	" crates BLOB,"             /* of each of its packages the crate's row, 8 bytes, little endian; 0 = none */
	" packages INTEGER NOT NULL DEFAULT 0,"
	" matched INTEGER NOT NULL DEFAULT 0," /* of a configured registry */
	" updated_ms INTEGER NOT NULL DEFAULT 0,"
	" fault TEXT," /* why it could not be read the last time; what was read before stays */
	" fault_ms INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (project, path));"

	/* Which versions are locked, by whom. */
	"CREATE TABLE locked ("
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" lockfile INTEGER NOT NULL REFERENCES lockfile,"
	" checksum TEXT NOT NULL," /* hex; '' = none */
	" PRIMARY KEY (crate, version, lockfile)) WITHOUT ROWID;"
	"CREATE INDEX locked_lockfile ON locked (lockfile);"

	/* What locked versions demand of others, from their index lines (demands.h). */
	"CREATE TABLE demands ("
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" list TEXT," /* NULL = wanted; 'null' = not to be had */
	" PRIMARY KEY (crate, version)) WITHOUT ROWID;"
	"CREATE INDEX demands_wanted ON demands (crate) WHERE list IS NULL;"

	"CREATE TABLE finding ("
	" id INTEGER PRIMARY KEY,"
	" project INTEGER NOT NULL REFERENCES project,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" state INTEGER NOT NULL,"    /* enum finding_state */
	" severity INTEGER NOT NULL," /* the worst of the project's lockfiles, now */
	" replaceable INTEGER NOT NULL,"
	" since_ms INTEGER NOT NULL,"
	" event INTEGER REFERENCES event,"     /* that opened it; NULL: it waits for confirmation */
	" told_ms INTEGER NOT NULL DEFAULT 0," /* last, for reminders */
	" resolved_ms INTEGER NOT NULL DEFAULT 0);"
	"CREATE UNIQUE INDEX finding_open ON finding (project, crate, version) WHERE resolved_ms = 0;"
	"CREATE INDEX finding_crate ON finding (crate) WHERE resolved_ms = 0;"
	"CREATE INDEX finding_project ON finding (project, resolved_ms);" /* a project goes, with those that are closed
									   */

	/* What is said about an event beside its canonical bytes: members of its document. */
	"CREATE TABLE annotation ("
	" event INTEGER PRIMARY KEY REFERENCES event,"
	" members TEXT NOT NULL);"
	"CREATE TABLE event_project (" /* whom it hits, worst first */
	" event INTEGER NOT NULL REFERENCES event,"
	" place INTEGER NOT NULL,"
	" project TEXT NOT NULL,"
	" team TEXT NOT NULL,"
	" locked INTEGER NOT NULL,"
	" PRIMARY KEY (event, place)) WITHOUT ROWID;"
	"CREATE INDEX event_project_name ON event_project (project, event);"
	/* What became of a project's finding (history.c); of the kinds of a project alone. */
	"ALTER TABLE event ADD COLUMN project TEXT NOT NULL DEFAULT '';" /* of such a kind: whose; else '' */
	"CREATE INDEX event_finding ON event (crate, version, kind, project) WHERE project <> '';"

	/* Wall clock; since when nobody locks or checks it any more; 0 = somebody does, or never did. */
	"ALTER TABLE crate ADD COLUMN unlocked_ms INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX crate_unlocked ON crate (unlocked_ms) WHERE unlocked_ms <> 0;",

	/* 8: history as evidence (docs/EVENTS.md): the chain, its signed ends, what is left of pruned events */
	"ALTER TABLE event ADD COLUMN prev_hash BLOB NOT NULL DEFAULT x'';" /* of the event before */
	"ALTER TABLE event ADD COLUMN hash BLOB NOT NULL DEFAULT x'';"      /* model/chain.h */
	"CREATE TABLE head_key ("                                           /* public keys that have signed, in order */
	" id INTEGER PRIMARY KEY,"
	" key BLOB NOT NULL UNIQUE,"
	" since_ms INTEGER NOT NULL);"
	"CREATE TABLE head (" /* one for each COMMIT that added events, model/head.h */
	" seq INTEGER NOT NULL,"
	" key INTEGER NOT NULL REFERENCES head_key,"
	" after INTEGER NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" hash BLOB NOT NULL,"
	" signature BLOB NOT NULL,"
	" PRIMARY KEY (seq, key)) WITHOUT ROWID;"
	"CREATE TRIGGER head_update BEFORE UPDATE ON head"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	"CREATE TRIGGER head_delete BEFORE DELETE ON head"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	"CREATE TABLE pruned (" /* `published` events that were pruned, so that the chain stays whole */
	" seq INTEGER PRIMARY KEY,"
	" id TEXT NOT NULL,"
	" at_ms INTEGER NOT NULL,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" digest BLOB NOT NULL,"
	" hash BLOB NOT NULL);"
	"CREATE INDEX pruned_version ON pruned (crate, version);"
	"CREATE INDEX finding_event ON finding (event);" /* is one in the way of an event that goes? */
	"CREATE TRIGGER pruned_update BEFORE UPDATE ON pruned"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	"CREATE TRIGGER pruned_delete BEFORE DELETE ON pruned"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	/* A `published` goes when it is among the pruned; all else stays. */
	"DROP TRIGGER event_delete;"
	"CREATE TRIGGER event_delete BEFORE DELETE ON event"
	" WHEN OLD.kind <> 0 OR NOT EXISTS (SELECT 1 FROM pruned WHERE seq = OLD.seq AND hash = OLD.hash)"
	" BEGIN SELECT RAISE (ABORT, 'history is append-only'); END;"
	/* Wall clock: the first good look of the present baseline; 0 = none. Of earlier ones nothing is known. */
	"ALTER TABLE crate ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
	"UPDATE crate SET since_ms = 1000 * CAST (strftime('%s', 'now') AS INTEGER) WHERE state <> 0;"
	"DROP TRIGGER event_update;", /* the conversion makes it again */

	/* 9: how much there is of everything */
	counts_schema,

	/* 10: what a history of millions is searched by (event_search.h) */
	"DROP INDEX event_crate;"
	"CREATE INDEX event_crate ON event (crate, kind);" /* and in the order of seq, as the next */
	"CREATE TABLE event_kind ("                        /* of every event */
	" registry INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" event INTEGER NOT NULL,"
	" PRIMARY KEY (registry, kind, event)) WITHOUT ROWID;"
	"INSERT INTO event_kind SELECT c.registry, e.kind, e.seq FROM event e JOIN crate c ON c.id = e.crate"
	" ORDER BY 1, 2, 3;"
	"CREATE TABLE event_late (" /* events that are older than one before them; all others are in order */
	" event INTEGER PRIMARY KEY,"
	" at_ms INTEGER NOT NULL);"
	"CREATE INDEX event_late_at ON event_late (at_ms);"
	"INSERT INTO event_late SELECT seq, at_ms FROM"
	" (SELECT seq, at_ms, max(at_ms) OVER (ORDER BY seq) AS newest FROM event) WHERE at_ms < newest;"
	"CREATE TRIGGER event_insert_kind AFTER INSERT ON event BEGIN INSERT INTO event_kind"
	" SELECT registry, NEW.kind, NEW.seq FROM crate WHERE id = NEW.crate; END;"
	"CREATE TRIGGER event_insert_late AFTER INSERT ON event WHEN NEW.at_ms < (SELECT max(at_ms) FROM event)"
	" BEGIN INSERT INTO event_late VALUES (NEW.seq, NEW.at_ms); END;"
	"CREATE TRIGGER event_removed AFTER DELETE ON event BEGIN"
	" DELETE FROM event_kind WHERE event = OLD.seq AND kind = OLD.kind"
	" AND registry = (SELECT registry FROM crate WHERE id = OLD.crate);"
	" DELETE FROM event_late WHERE event = OLD.seq; END;",

	/* 11: why versions were yanked */
	"ALTER TABLE event ADD COLUMN source INTEGER NOT NULL DEFAULT 0;" /* enum event_source */
	"ALTER TABLE annotation ADD COLUMN reason TEXT;"                  /* what is known of it now: a JSON object */

	/* Every text that was seen; of a version the one that stands is not ended. */
	"CREATE TABLE reason ("
	" id INTEGER PRIMARY KEY,"
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" event INTEGER REFERENCES event," /* of the yank; NULL: it was before the baseline */
	" source INTEGER NOT NULL,"        /* enum reason_source */
	" text TEXT,"                      /* NULL: none was given */
	" cut INTEGER NOT NULL,"
	" digest BLOB NOT NULL,"
	" by_login TEXT,"
	" owner INTEGER NOT NULL," /* enum reason_owner */
	" at_ms INTEGER NOT NULL," /* of the action; 0 = not known */
	" seen_ms INTEGER NOT NULL,"
	" ended_ms INTEGER NOT NULL DEFAULT 0);" /* another took its place, or the version is not yanked any more */
	"CREATE INDEX reason_version ON reason (crate, version, id);"

	/* Versions whose reason is asked for. */
	"CREATE TABLE reason_ask ("
	" crate INTEGER NOT NULL REFERENCES crate,"
	" version TEXT NOT NULL,"
	" registry INTEGER NOT NULL REFERENCES registry,"
	" event INTEGER REFERENCES event," /* that it is asked for; NULL: it was yanked before the baseline */
	" rank INTEGER NOT NULL,"          /* enum reason_rank */
	" due_ms INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL DEFAULT 0," /* the event's alerts wait; 0 = they do not */
	" looks INTEGER NOT NULL DEFAULT 0,"    /* answers that came */
	" failures INTEGER NOT NULL DEFAULT 0," /* in a row */
	" PRIMARY KEY (crate, version)) WITHOUT ROWID;"
	"CREATE INDEX reason_ask_due ON reason_ask (registry, rank, due_ms);"
	"CREATE INDEX reason_ask_event ON reason_ask (event, until_ms) WHERE until_ms <> 0;"

	"CREATE TABLE reason_owners ("
	" crate INTEGER PRIMARY KEY REFERENCES crate,"
	" asked_ms INTEGER NOT NULL,"
	" has_teams INTEGER NOT NULL,"
	" logins TEXT NOT NULL);" /* JSON list */

	/* Of one that gathers: due by its group alone, and how much longer reasons may keep it. */
	"ALTER TABLE notification ADD COLUMN group_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE notification ADD COLUMN reason_ms INTEGER NOT NULL DEFAULT 0;"
	"UPDATE notification SET group_ms = due_ms WHERE state = 4;",

	/* 12: what of the outbox may be forgotten one day (outbox_prune.h) */
	"CREATE INDEX notification_kept ON notification (due_ms)"
	" WHERE state = 2 AND again = 0 AND document IS NOT NULL;",

	/* 13: what is left of a pruned event is signed (model/pruned.h); what was pruned before has no signature */
	"ALTER TABLE pruned ADD COLUMN key INTEGER NOT NULL DEFAULT 0;" /* row of head_key */
	"ALTER TABLE pruned ADD COLUMN signature BLOB NOT NULL DEFAULT x'';",
};

/* What a step's SQL cannot do, after it and in its transaction. */
static int (*const conversions[ARRAY_LEN(steps)])(struct db *db, struct err *err) = {
	[6 - 1] = versions_convert,
	[8 - 1] = history_convert,
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
