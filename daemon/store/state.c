/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: see state.h. */
#include "store/state.h"
#include "store/watches.h"

#include <string.h>

static const char META[] = "SELECT value FROM meta WHERE name = :name";

static const char REGISTRY_CRATE_ADD[] = "INSERT INTO crate (registry, name, listed)"
					 " SELECT id, '', 0 FROM registry WHERE name = :registry AND index_url = :url"
					 " AND configured ON CONFLICT (registry, name) DO NOTHING";
static const char REGISTRY_RECORD[] = "SELECT c.id, r.blind_ms, r.incident_ms FROM registry r"
				      " JOIN crate c ON c.registry = r.id AND c.name = ''"
				      " WHERE r.name = :registry AND r.index_url = :url AND r.configured";
#define REGISTRY_OF_CRATE "(SELECT registry FROM crate WHERE id = :crate)"
static const char REGISTRY_RECORD_SAVE[] = "UPDATE registry SET blind_ms = :blind, incident_ms = :incident"
					   " WHERE id = " REGISTRY_OF_CRATE;
static const char ABSENCES_RESTART[] = "UPDATE pending SET first_ms = :now WHERE state = :absent AND crate IN"
				       " (SELECT id FROM crate WHERE registry = " REGISTRY_OF_CRATE ")";

static const char CRATE[] =
	"SELECT c.id, c.state, c.last_modified, c.etag, c.stale_modified, c.stale_since_ms, c.listed, c.unparsed,"
	" c.doubled, r.incident_ms, c.fingerprint"
	" FROM crate c"
	" JOIN registry r ON r.id = c.registry"
	" WHERE r.name = :registry AND r.index_url = :url AND r.configured"
	" AND c.name = :crate AND c.listed <> 0";
static const char CRATE_SAVE[] =
	"UPDATE crate SET state = :state, etag = :etag, last_modified = :modified,"
	" unparsed = :unparsed, doubled = :doubled, fingerprint = :fingerprint, stale_modified = 0, stale_since_ms = 0,"
	" since_ms = CASE state WHEN :unknown THEN :now ELSE since_ms END WHERE id = :crate";
static const char STALE_SAVE[] = "UPDATE crate SET stale_modified = :modified, stale_since_ms = :now WHERE id = :crate";
static int read_secret(struct db *db, const char *name, void *ret, size_t len, struct err *err)
{
	struct stmt st = stmt_use(db, META);
	stmt_put_text(&st, ":name", name);
	bool found = stmt_row(&st) && stmt_blob(&st, 0, ret, len);
	int rc = stmt_done(&st, err);
	return rc || found ? rc : err_set(err, ERR_BAD, "database: no \"%s\" in meta", name);
}

int state_secrets(struct db *db, struct database_secrets *ret, struct err *err)
{
	int rc = read_secret(db, "lineage", ret->lineage, sizeof ret->lineage, err);
	return rc ? rc : read_secret(db, "secret", ret->secret, sizeof ret->secret, err);
}

void crate_record_release(struct crate_record *record)
{
	free(record->etag);
	*record = (struct crate_record){0};
}

int state_registry(struct db *db, const char *registry, const char *index_url, struct registry_record *ret,
		   struct err *err)
{
	struct registry_record record = {0};

	struct stmt add = stmt_use(db, REGISTRY_CRATE_ADD);
	stmt_put_text(&add, ":registry", registry);
	stmt_put_text(&add, ":url", index_url);
	int rc = stmt_run(&add, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, REGISTRY_RECORD);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":url", index_url);
	if (stmt_row(&st)) {
		record.crate = stmt_int(&st, 0);
		record.blind_ms = stmt_int(&st, 1);
		record.incident_ms = stmt_int(&st, 2);
	}
	rc = stmt_done(&st, err);
	if (!rc && record.crate == 0)
		rc = err_set(err, ERR_ABSENT, "registry %s is not configured (any more)", registry);
	if (!rc)
		*ret = record;
	return rc;
}

int state_registry_save(struct db *db, const struct registry_record *record, struct err *err)
{
	struct stmt st = stmt_use(db, REGISTRY_RECORD_SAVE);
	stmt_put_int(&st, ":crate", record->crate);
	stmt_put_int(&st, ":blind", record->blind_ms);
	stmt_put_int(&st, ":incident", record->incident_ms);
	return stmt_run(&st, err);
}

int state_absences_restart(struct db *db, const struct registry_record *record, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, ABSENCES_RESTART);
	stmt_put_int(&st, ":crate", record->crate);
	stmt_put_int(&st, ":absent", CRATE_ABSENT);
	stmt_put_int(&st, ":now", now_ms);
	return stmt_run(&st, err);
}

int state_crate(struct db *db, const char *registry, const char *index_url, const char *crate, struct crate_record *ret,
		struct err *err)
{
	struct crate_record record = {0};

	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":url", index_url);
	stmt_put_text(&st, ":crate", crate);
	if (stmt_row(&st)) {
		record.id = stmt_int(&st, 0);
		record.state = (enum crate_state)stmt_int(&st, 1);
		record.last_modified = stmt_int(&st, 2);
		record.etag = stmt_text_copy(&st, 3);
		record.stale_modified = stmt_int(&st, 4);
		record.stale_since_ms = stmt_int(&st, 5);
		record.bulk = !(stmt_int(&st, 6) & LISTED_BY_NAME);
		record.in_lockfile = (stmt_int(&st, 6) & LISTED_IN_LOCKFILE) != 0;
		record.unparsed = (size_t)stmt_int(&st, 7);
		record.doubled = (size_t)stmt_int(&st, 8);
		record.incident = stmt_int(&st, 9) != 0;
		record.has_fingerprint = stmt_blob(&st, 10, record.fingerprint, sizeof record.fingerprint) &&
					 record.state == CRATE_PRESENT;
	}
	int rc = stmt_done(&st, err);
	if (!rc && record.id == 0)
		rc = err_set(err, ERR_ABSENT, "%s in %s is not watched (any more)", crate, registry);
	if (rc) {
		crate_record_release(&record);
		return rc;
	}
	*ret = record;
	return 0;
}

int state_crate_save(struct db *db, int64_t crate, enum crate_state state, const struct validators *validators,
		     const struct index_look *look, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":state", state);
	stmt_put_text(&st, ":etag", validators->etag);
	stmt_put_int(&st, ":modified", validators->last_modified);
	stmt_put_int(&st, ":unparsed", (int64_t)look->bad);
	stmt_put_int(&st, ":doubled", (int64_t)look->doubled);
	stmt_put_blob(&st, ":fingerprint", look->is_plain ? look->fingerprint : NULL, sizeof look->fingerprint);
	stmt_put_int(&st, ":unknown", CRATE_UNKNOWN);
	stmt_put_int(&st, ":now", now_ms);
	return stmt_run(&st, err);
}

int state_stale_save(struct db *db, int64_t crate, int64_t last_modified, int64_t now_ms, struct err *err)
{
	struct stmt st = stmt_use(db, STALE_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":modified", last_modified);
	stmt_put_int(&st, ":now", now_ms);
	return stmt_run(&st, err);
}
