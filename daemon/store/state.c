/* SPDX-License-Identifier: Apache-2.0 */
/* state.c: see state.h. */
#include "store/state.h"

#include <string.h>

static const char META[] = "SELECT value FROM meta WHERE name = :name";

static const char CONFIGURE_BEGIN_CRATES[] = "UPDATE crate SET listed = listed & 2 WHERE listed & 5";
static const char CONFIGURE_BEGIN_REGISTRIES[] = "UPDATE registry SET configured = 0";
static const char REGISTRY[] = "SELECT id, index_url FROM registry WHERE name = :name";
static const char REGISTRY_SAVE[] = "INSERT INTO registry (name, index_url, configured) VALUES (:name, :url, 1)"
				    " ON CONFLICT (name) DO UPDATE SET index_url = excluded.index_url, configured = 1";

/* What a crate is reset to when it is no longer watched, or is another one. */
#define RESET_CRATE "state = 0, etag = NULL, last_modified = 0, unparsed = 0, stale_modified = 0, stale_since_ms = 0"
#define UNLISTED "SELECT id FROM crate WHERE listed = 0 AND state <> 0"
#define OF_REGISTRY "SELECT id FROM crate WHERE registry = :registry"
static const char FORGET_UNLISTED_VERSIONS[] = "DELETE FROM version WHERE crate IN (" UNLISTED ")";
static const char FORGET_UNLISTED_PENDING[] = "DELETE FROM pending WHERE crate IN (" UNLISTED ")";
static const char FORGET_UNLISTED[] = "UPDATE crate SET " RESET_CRATE " WHERE listed = 0 AND state <> 0";
static const char FORGET_REGISTRY_VERSIONS[] = "DELETE FROM version WHERE crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY_PENDING[] = "DELETE FROM pending WHERE crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY[] = "UPDATE crate SET " RESET_CRATE " WHERE registry = :registry";

static const char WATCH[] = "SELECT c.id, c.listed FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.name = :registry AND r.configured AND c.name = :crate";
static const char WATCH_ADD[] = "INSERT INTO crate (registry, name, listed)"
				" SELECT id, :crate, :by FROM registry WHERE name = :registry AND configured"
				" ON CONFLICT (registry, name) DO UPDATE SET listed = listed | excluded.listed";
static const char WATCH_UNLIST[] = "UPDATE crate SET listed = 0 WHERE id = :crate";
static const char WATCHES[] = "SELECT r.name, c.name, c.state, p.crate IS NOT NULL,"
			      " CASE WHEN c.stale_modified THEN NULL WHEN p.crate IS NULL THEN c.etag ELSE p.etag END,"
			      " CASE WHEN p.crate IS NULL THEN c.last_modified ELSE p.last_modified END"
			      " FROM crate c JOIN registry r ON r.id = c.registry LEFT JOIN pending p ON p.crate = c.id"
			      " WHERE r.configured AND c.listed <> 0"
			      " ORDER BY r.name, c.name";

static const char CRATE[] =
	"SELECT c.id, c.state, c.last_modified, c.etag, c.stale_modified, c.stale_since_ms, c.listed"
	" FROM crate c"
	" JOIN registry r ON r.id = c.registry"
	" WHERE r.name = :registry AND r.index_url = :url AND r.configured"
	" AND c.name = :crate AND c.listed <> 0";
static const char CRATE_SAVE[] = "UPDATE crate SET state = :state, etag = :etag, last_modified = :modified,"
				 " unparsed = :unparsed, stale_modified = 0, stale_since_ms = 0 WHERE id = :crate";
static const char STALE_SAVE[] = "UPDATE crate SET stale_modified = :modified, stale_since_ms = :now WHERE id = :crate";
static const char VERSIONS[] = "SELECT vers, position, checksum, fingerprint, facets, yanked, deleted FROM version"
			       " WHERE crate = :crate ORDER BY position";
static const char VERSION_SAVE[] =
	"INSERT INTO version (crate, vers, position, checksum, fingerprint, facets, yanked, deleted, changed_ms)"
	" VALUES (:crate, :vers, :position, :checksum, :fingerprint, :facets, :yanked, :deleted, :changed)"
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

static int run_plain(struct db *db, const char *sql, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	return stmt_run(&st, err);
}

static int run_with(struct db *db, const char *sql, const char *name, int64_t value, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, name, value);
	return stmt_run(&st, err);
}

int state_configure_begin(struct db *db, struct err *err)
{
	int rc = run_plain(db, CONFIGURE_BEGIN_CRATES, err);
	return rc ? rc : run_plain(db, CONFIGURE_BEGIN_REGISTRIES, err);
}

int state_configure_registry(struct db *db, const char *name, const char *index_url, bool *ret_moved, struct err *err)
{
	int64_t id = 0;

	*ret_moved = false;
	struct stmt find = stmt_use(db, REGISTRY);
	stmt_put_text(&find, ":name", name);
	if (stmt_row(&find)) {
		id = stmt_int(&find, 0);
		*ret_moved = strcmp(stmt_text(&find, 1), index_url) != 0;
	}
	int rc = stmt_done(&find, err);
	if (!rc && *ret_moved)
		rc = run_with(db, FORGET_REGISTRY_VERSIONS, ":registry", id, err);
	if (!rc && *ret_moved)
		rc = run_with(db, FORGET_REGISTRY_PENDING, ":registry", id, err);
	if (!rc && *ret_moved)
		rc = run_with(db, FORGET_REGISTRY, ":registry", id, err);
	if (rc)
		return rc;
	struct stmt save = stmt_use(db, REGISTRY_SAVE);
	stmt_put_text(&save, ":name", name);
	stmt_put_text(&save, ":url", index_url);
	return stmt_run(&save, err);
}

/* Versions go first: the crate's state says which. */
static int forget_unlisted(struct db *db, struct err *err)
{
	int rc = run_plain(db, FORGET_UNLISTED_VERSIONS, err);
	if (!rc)
		rc = run_plain(db, FORGET_UNLISTED_PENDING, err);
	return rc ? rc : run_plain(db, FORGET_UNLISTED, err);
}

int state_configure_end(struct db *db, struct err *err)
{
	return forget_unlisted(db, err);
}

static int find_watch(struct db *db, const char *registry, const char *crate, int64_t *ret_id, int64_t *ret_listed,
		      struct err *err)
{
	*ret_id = 0;
	*ret_listed = 0;
	struct stmt st = stmt_use(db, WATCH);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	if (stmt_row(&st)) {
		*ret_id = stmt_int(&st, 0);
		*ret_listed = stmt_int(&st, 1);
	}
	return stmt_done(&st, err);
}

int state_watch_add(struct db *db, const char *registry, const char *crate, enum listed_by by, bool *ret_added,
		    struct err *err)
{
	int64_t id;
	int64_t listed;

	int rc = find_watch(db, registry, crate, &id, &listed, err);
	if (rc)
		return rc;
	*ret_added = listed == 0;
	if (listed & (int64_t)by)
		return 0;
	int64_t before = db_rows_written(db);
	struct stmt st = stmt_use(db, WATCH_ADD);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	stmt_put_int(&st, ":by", by);
	rc = stmt_run(&st, err);
	if (!rc && db_rows_written(db) == before)
		return err_set(err, ERR_ABSENT, "no registry is named \"%s\"", registry);
	return rc;
}

int state_watch_remove(struct db *db, const char *registry, const char *crate, struct err *err)
{
	int64_t id;
	int64_t listed;

	int rc = find_watch(db, registry, crate, &id, &listed, err);
	if (rc)
		return rc;
	if (listed == 0)
		return err_set(err, ERR_ABSENT, "%s in %s is not watched", crate, registry);
	if (listed & (LISTED_CONFIGURATION | LISTED_FILE))
		return err_set(err, ERR_REFUSED, "the configuration lists %s of %s: remove it there and reload", crate,
			       registry);
	rc = run_with(db, WATCH_UNLIST, ":crate", id, err);
	return rc ? rc : forget_unlisted(db, err);
}

static struct watch_seed *seeds_push(struct watch_seeds *seeds)
{
	if ((seeds->count & (seeds->count - 1)) == 0) {
		size_t cap = seeds->count ? seeds->count * 2 : 1;
		struct watch_seed *items = reallocarray(seeds->items, cap, sizeof *items);
		if (!items)
			return NULL;
		seeds->items = items;
	}
	struct watch_seed *seed = &seeds->items[seeds->count++];
	*seed = (struct watch_seed){0};
	return seed;
}

int state_watches(struct db *db, struct watch_seeds *ret, struct err *err)
{
	OWNED(watch_seeds_release) struct watch_seeds seeds = {0};

	struct stmt st = stmt_use(db, WATCHES);
	while (stmt_row(&st)) {
		struct watch_seed *seed = seeds_push(&seeds);
		if (!seed) {
			st.code = SQLITE_NOMEM;
			break;
		}
		seed->registry = stmt_text_copy(&st, 0);
		seed->crate = stmt_text_copy(&st, 1);
		seed->state = (enum crate_state)stmt_int(&st, 2);
		seed->pending = stmt_int(&st, 3) != 0;
		seed->validators.etag = stmt_text_copy(&st, 4);
		seed->validators.last_modified = stmt_int(&st, 5);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	*ret = seeds;
	seeds = (struct watch_seeds){0};
	return 0;
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
		     size_t unparsed, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_int(&st, ":state", state);
	stmt_put_text(&st, ":etag", validators->etag);
	stmt_put_int(&st, ":modified", validators->last_modified);
	stmt_put_int(&st, ":unparsed", (int64_t)unparsed);
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

int state_version_save(struct db *db, int64_t crate, const struct index_version *version, int64_t changed_ms,
		       struct err *err)
{
	struct stmt st = stmt_use(db, VERSION_SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":vers", version->vers);
	stmt_put_int(&st, ":position", version->position);
	stmt_put_blob(&st, ":checksum", version->checksum, sizeof version->checksum);
	stmt_put_blob(&st, ":fingerprint", version->fingerprint, sizeof version->fingerprint);
	stmt_put_blob(&st, ":facets", version->facets, sizeof version->facets);
	stmt_put_int(&st, ":yanked", version->yanked);
	stmt_put_int(&st, ":deleted", version->deleted);
	stmt_put_int(&st, ":changed", changed_ms);
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
