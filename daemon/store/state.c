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
	" unparsed = :unparsed, doubled = :doubled, fingerprint = :fingerprint, stale_modified = 0, stale_since_ms = 0"
	" WHERE id = :crate";
static const char STALE_SAVE[] = "UPDATE crate SET stale_modified = :modified, stale_since_ms = :now WHERE id = :crate";
static const char VERSIONS[] = "SELECT vers, position, checksum, fingerprint, facets, yanked, deleted FROM version"
			       " WHERE crate = :crate ORDER BY position";
#define INSERT_VERSION                                                                                            \
	"INSERT INTO version (crate, changed_ms, deleted, vers, position, checksum, fingerprint, facets, yanked)" \
	" VALUES (:crate, :changed, :deleted, :vers, :position, :checksum, :fingerprint, :facets, :yanked)"
static const char VERSION_ADD[] = INSERT_VERSION;
static const char VERSION_SAVE[] = INSERT_VERSION
	" ON CONFLICT (crate, vers) DO UPDATE SET checksum = excluded.checksum, fingerprint = excluded.fingerprint,"
	" facets = excluded.facets, yanked = excluded.yanked, deleted = excluded.deleted,"
	" changed_ms = max(changed_ms, excluded.changed_ms)";

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
		record.bulk = stmt_int(&st, 6) == LISTED_FILE;
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
		     const struct index_look *look, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":state", state);
	stmt_put_text(&st, ":etag", validators->etag);
	stmt_put_int(&st, ":modified", validators->last_modified);
	stmt_put_int(&st, ":unparsed", (int64_t)look->bad);
	stmt_put_int(&st, ":doubled", (int64_t)look->doubled);
	stmt_put_blob(&st, ":fingerprint", look->is_plain ? look->fingerprint : NULL, sizeof look->fingerprint);
	return stmt_run(&st, err);
}

static void read_version(struct stmt *st, struct index_version *version)
{
	version->vers = stmt_text_copy(st, 0);
	version->position = stmt_int(st, 1);
	if (!stmt_blob(st, 2, version->checksum, sizeof version->checksum) ||
	    !stmt_blob(st, 3, version->fingerprint, sizeof version->fingerprint) ||
	    !stmt_blob(st, 4, version->facets, sizeof version->facets))
		st->code = SQLITE_CORRUPT;
	version->yanked = stmt_int(st, 5) != 0;
	version->deleted = stmt_int(st, 6) != 0;
}

int state_versions(struct db *db, int64_t crate, struct index_versions *ret, struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};

	struct stmt st = stmt_use(db, VERSIONS);
	stmt_put_int(&st, ":crate", crate);
	while (stmt_row(&st)) {
		struct index_version *version = index_versions_add(&versions);
		if (!version) {
			st.code = SQLITE_NOMEM;
			break;
		}
		read_version(&st, version);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	*ret = versions;
	versions = (struct index_versions){0};
	return 0;
}

static void put_version(struct stmt *st, const struct index_version *version)
{
	stmt_put_text(st, ":vers", version->vers);
	stmt_put_int(st, ":position", version->position);
	stmt_put_blob(st, ":checksum", version->checksum, sizeof version->checksum);
	stmt_put_blob(st, ":fingerprint", version->fingerprint, sizeof version->fingerprint);
	stmt_put_blob(st, ":facets", version->facets, sizeof version->facets);
	stmt_put_int(st, ":yanked", version->yanked);
}

int state_versions_add(struct db *db, int64_t crate, const struct index_versions *versions, struct err *err)
{
	struct stmt st = stmt_use(db, VERSION_ADD);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":changed", 0);
	stmt_put_int(&st, ":deleted", false);
	for (size_t i = 0; i < versions->count; i++) {
		put_version(&st, &versions->items[i]);
		stmt_repeat(&st);
	}
	return stmt_done(&st, err);
}

int state_version_save(struct db *db, int64_t crate, const struct index_version *version, int64_t changed_ms,
		       struct err *err)
{
	struct stmt st = stmt_use(db, VERSION_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":changed", changed_ms);
	stmt_put_int(&st, ":deleted", version->deleted);
	put_version(&st, version);
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
