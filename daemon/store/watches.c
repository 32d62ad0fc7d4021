/* SPDX-License-Identifier: Apache-2.0 */
/* watches.c: see watches.h. */
#include "store/watches.h"

#include "base/list.h"

#include <string.h>

static const char REGISTRY[] = "SELECT id, index_url, configured FROM registry WHERE name = :name";
static const char REGISTRY_SAVE[] =
	"INSERT INTO registry (name, index_url, configured) VALUES (:name, :url, 1)"
	" ON CONFLICT (name) DO UPDATE SET configured = 1,"
	" blind_ms = CASE WHEN index_url = excluded.index_url THEN blind_ms ELSE 0 END,"
	" incident_ms = CASE WHEN index_url = excluded.index_url THEN incident_ms ELSE 0 END,"
	" index_url = excluded.index_url";
static const char REGISTRY_UNCONFIGURE[] = "UPDATE registry SET configured = 0 WHERE name = :name";
static const char REGISTRIES[] = "SELECT name FROM registry WHERE configured ORDER BY name";

/* What a crate is reset to when it is no longer watched, or is another one. */
#define RESET_CRATE                                                                                               \
	"state = 0, etag = NULL, last_modified = 0, unparsed = 0, doubled = 0, fingerprint = NULL, since_ms = 0," \
	" stale_modified = 0, stale_since_ms = 0"
#define OF_REGISTRY "SELECT id FROM crate WHERE registry = :registry"
static const char FORGET_VERSIONS[] = "DELETE FROM versions WHERE crate = :crate";
static const char FORGET_PENDING[] = "DELETE FROM pending WHERE crate = :crate";
static const char FORGET_DEMANDS[] = "DELETE FROM demands WHERE crate = :crate";
static const char FORGET_ASKS[] = "DELETE FROM reason_ask WHERE crate = :crate";
static const char FORGET[] = "UPDATE crate SET listed = 0, unlocked_ms = 0, " RESET_CRATE " WHERE id = :crate";
static const char FORGET_REGISTRY_VERSIONS[] = "DELETE FROM versions WHERE crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY_PENDING[] = "DELETE FROM pending WHERE crate IN (" OF_REGISTRY ")";
/* A baseline fills them anew. */
static const char FORGET_REGISTRY_DEMANDS[] = "UPDATE demands SET list = NULL WHERE crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY_ASKS[] = "DELETE FROM reason_ask WHERE registry = :registry";
/* Of what another registry says: what this one said was so until it was seen last. */
static const char END_REGISTRY_REASONS[] =
	"UPDATE reason SET ended_ms = seen_ms WHERE ended_ms = 0 AND crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY_OWNERS[] = "DELETE FROM reason_owners WHERE crate IN (" OF_REGISTRY ")";
static const char FORGET_REGISTRY[] = "UPDATE crate SET " RESET_CRATE " WHERE registry = :registry";

static const char WATCH[] = "SELECT c.id, c.listed FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.name = :registry AND r.configured AND c.name = :crate";
static const char WATCH_ADD[] = "INSERT INTO crate (registry, name, listed)"
				" SELECT id, :crate, :by FROM registry WHERE name = :registry AND configured"
				" ON CONFLICT (registry, name) DO UPDATE SET listed = listed | excluded.listed";

static const char IN_LOCKFILE[] = "SELECT c.id, c.state, c.listed, c.unlocked_ms FROM crate c"
				  " JOIN registry r ON r.id = c.registry"
				  " WHERE r.name = :registry AND r.configured AND c.name = :crate";
static const char IN_LOCKFILE_ADD[] =
	"INSERT INTO crate (registry, name, listed, unlocked_ms)"
	" SELECT id, :crate, :by, :unlocked FROM registry WHERE name = :registry AND configured"
	" ON CONFLICT (registry, name) DO UPDATE SET listed = listed | excluded.listed,"
	" unlocked_ms = excluded.unlocked_ms RETURNING id";
static const char UNLOCKED[] = "SELECT c.id, c.listed, r.name, c.name FROM crate c JOIN registry r ON r.id = c.registry"
			       " WHERE c.unlocked_ms <> 0 AND c.unlocked_ms <= :until LIMIT 1";
static const char UNLIST[] = "UPDATE crate SET listed = :listed,"
			     " unlocked_ms = CASE WHEN :in_lockfile THEN unlocked_ms ELSE 0 END WHERE id = :crate";

/* All crates of a registry, with what a start needs of those that are watched. */
static const char CRATES[] =
	"SELECT c.id, c.name, c.listed, c.state, p.crate IS NOT NULL,"
	" CASE WHEN c.stale_modified THEN NULL WHEN p.crate IS NULL THEN c.etag ELSE p.etag END, c.unparsed + c.doubled"
	" FROM crate c LEFT JOIN pending p ON p.crate = c.id"
	" WHERE c.registry = :registry ORDER BY c.name";
static const char CRATE_ADD[] = "INSERT INTO crate (registry, name, listed) VALUES (:registry, :name, :listed)";
static const char CRATE_LIST[] = "UPDATE crate SET listed = :listed WHERE id = :crate";

static int run_with(struct db *db, const char *sql, const char *name, int64_t value, struct err *err)
{
	struct stmt st = stmt_use(db, sql);
	stmt_put_int(&st, name, value);
	return stmt_run(&st, err);
}

static int find_registry(struct db *db, const char *name, int64_t *ret_id, struct err *err)
{
	*ret_id = 0;
	struct stmt st = stmt_use(db, REGISTRY);
	stmt_put_text(&st, ":name", name);
	if (stmt_row(&st))
		*ret_id = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

static int forget_registry(struct db *db, int64_t id, struct err *err)
{
	static const char *const forget[] = {FORGET_REGISTRY_VERSIONS, FORGET_REGISTRY_PENDING, FORGET_REGISTRY_DEMANDS,
					     FORGET_REGISTRY_ASKS,     END_REGISTRY_REASONS,    FORGET_REGISTRY_OWNERS,
					     FORGET_REGISTRY};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(forget) && !rc; i++)
		rc = run_with(db, forget[i], ":registry", id, err);
	return rc;
}

static int forget_crate(struct db *db, int64_t id, struct err *err)
{
	static const char *const forget[] = {FORGET_VERSIONS, FORGET_PENDING, FORGET_DEMANDS, FORGET_ASKS, FORGET};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(forget) && !rc; i++)
		rc = run_with(db, forget[i], ":crate", id, err);
	return rc;
}

/* `listed`: who still lists it. */
static int unlist(struct db *db, int64_t id, int64_t listed, bool *ret_gone, struct err *err)
{
	*ret_gone = listed == 0;
	if (listed == 0)
		return forget_crate(db, id, err);
	struct stmt st = stmt_use(db, UNLIST);
	stmt_put_int(&st, ":listed", listed);
	stmt_put_int(&st, ":in_lockfile", listed & LISTED_IN_LOCKFILE);
	stmt_put_int(&st, ":crate", id);
	return stmt_run(&st, err);
}

int watches_configure_registry(struct db *db, const char *name, const char *index_url, struct registry_before *ret,
			       struct err *err)
{
	int64_t id = 0;

	*ret = (struct registry_before){0};
	struct stmt find = stmt_use(db, REGISTRY);
	stmt_put_text(&find, ":name", name);
	if (stmt_row(&find)) {
		id = stmt_int(&find, 0);
		ret->moved = strcmp(stmt_text(&find, 1), index_url) != 0;
		ret->configured = stmt_int(&find, 2) != 0;
	}
	int rc = stmt_done(&find, err);
	if (!rc && ret->moved)
		rc = forget_registry(db, id, err);
	if (rc || (ret->configured && !ret->moved))
		return rc;
	struct stmt save = stmt_use(db, REGISTRY_SAVE);
	stmt_put_text(&save, ":name", name);
	stmt_put_text(&save, ":url", index_url);
	return stmt_run(&save, err);
}

/* ---- the crates that a configuration lists, held against those of the database ---- */

/* A row to write; they are written when all have been read. */
struct relisting {
	int64_t id;       /* 0: the crate is new */
	const char *name; /* of a new one */
	int64_t listed;
};

struct relistings {
	struct relisting *items; /* owned */
	size_t n, cap;
};

struct comparison {
	const struct listed_crate *list;
	size_t n, at;
	bool whole;
	struct watch_changes *changes;
	struct relistings writes;
};

static bool note_write(struct comparison *comparison, struct relisting write)
{
	if (!LIST_ROOM(&comparison->writes))
		return false;
	comparison->writes.items[comparison->writes.n++] = write;
	return true;
}

/* Those of the list that come before `name`, or all that are left, are not in the database. */
static bool note_new(struct comparison *comparison, const char *name)
{
	while (comparison->at < comparison->n) {
		const struct listed_crate *crate = &comparison->list[comparison->at];
		if (name && strcmp(crate->name, name) >= 0)
			return true;
		comparison->at++;
		if (!note_write(comparison, (struct relisting){.name = crate->name, .listed = crate->by}) ||
		    !watch_changes_add(comparison->changes, crate->name, CRATE_UNKNOWN, false, false, NULL))
			return false;
	}
	return true;
}

static bool note_watched(const struct comparison *comparison, struct stmt *st, int64_t wanted)
{
	bool told = watch_changes_add(comparison->changes, stmt_text(st, 1), (enum crate_state)stmt_int(st, 3),
				      stmt_int(st, 4) != 0, stmt_int(st, 6) != 0, stmt_text(st, 5));
	if (told && wanted == LISTED_CHECK)
		watch_changes_set_spare(comparison->changes);
	return told;
}

static bool compare_row(struct comparison *comparison, struct stmt *st)
{
	const char *name = stmt_text(st, 1);
	int64_t listed = stmt_int(st, 2);
	int64_t wanted = listed & (LISTED_SOCKET | LISTED_IN_LOCKFILE);

	if (!note_new(comparison, name))
		return false;
	if (comparison->at < comparison->n && strcmp(comparison->list[comparison->at].name, name) == 0)
		wanted |= comparison->list[comparison->at++].by;
	if (wanted != listed && !note_write(comparison, (struct relisting){.id = stmt_int(st, 0), .listed = wanted}))
		return false;
	if (wanted && (comparison->whole || !listed))
		return note_watched(comparison, st, wanted);
	if (wanted && listed == LISTED_CHECK && wanted != listed)
		return watch_changes_afresh(comparison->changes, name);
	return wanted || !listed || comparison->whole || watch_changes_remove(comparison->changes, name);
}

static int compare_crates(struct db *db, int64_t registry, struct comparison *comparison, struct err *err)
{
	struct stmt st = stmt_use(db, CRATES);
	stmt_put_int(&st, ":registry", registry);
	while (stmt_row(&st))
		if (!compare_row(comparison, &st))
			st.code = SQLITE_NOMEM;
	if (st.code == SQLITE_OK && !note_new(comparison, NULL))
		st.code = SQLITE_NOMEM;
	return stmt_done(&st, err);
}

static int write_listing(struct db *db, int64_t registry, const struct relisting *write, struct err *err)
{
	if (write->listed == 0)
		return forget_crate(db, write->id, err);
	struct stmt st = stmt_use(db, write->id ? CRATE_LIST : CRATE_ADD);
	if (write->id) {
		stmt_put_int(&st, ":crate", write->id);
	} else {
		stmt_put_int(&st, ":registry", registry);
		stmt_put_text(&st, ":name", write->name);
	}
	stmt_put_int(&st, ":listed", write->listed);
	return stmt_run(&st, err);
}

int watches_configure(struct db *db, const char *registry, const struct listed_crate *list, size_t n, bool whole,
		      struct watch_changes *changes, struct err *err)
{
	struct comparison comparison = {.list = list, .n = n, .whole = whole, .changes = changes};
	int64_t id;

	int rc = find_registry(db, registry, &id, err);
	if (!rc)
		rc = compare_crates(db, id, &comparison, err);
	for (size_t i = 0; i < comparison.writes.n && !rc; i++)
		rc = write_listing(db, id, &comparison.writes.items[i], err);
	free(comparison.writes.items);
	return rc;
}

/* A configured registry that is not among the names; NULL when there is none. */
static int next_unnamed(struct db *db, const char *const *names, size_t n, char **ret, struct err *err)
{
	*ret = NULL;
	struct stmt st = stmt_use(db, REGISTRIES);
	while (!*ret && stmt_row(&st)) {
		bool named = false;
		for (size_t i = 0; i < n && !named; i++)
			named = strcmp(names[i], stmt_text(&st, 0)) == 0;
		if (!named)
			*ret = stmt_text_copy(&st, 0);
		if (st.code != SQLITE_OK)
			break;
	}
	return stmt_done(&st, err);
}

static int unconfigure(struct db *db, const char *registry, struct err *err)
{
	OWNED(watch_changes_release) struct watch_changes gone = {0};

	int rc = watches_configure(db, registry, NULL, 0, false, &gone, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, REGISTRY_UNCONFIGURE);
	stmt_put_text(&st, ":name", registry);
	return stmt_run(&st, err);
}

int watches_configure_end(struct db *db, const char *const *registries, size_t n, struct err *err)
{
	for (;;) {
		OWNED_MEM char *name = NULL;
		int rc = next_unnamed(db, registries, n, &name, err);
		if (rc || !name)
			return rc;
		rc = unconfigure(db, name, err);
		if (rc)
			return rc;
	}
}

/* ---- single watches ---- */

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

int watches_add(struct db *db, const char *registry, const char *crate, enum listed_by by, bool *ret_added,
		bool *ret_promoted, struct err *err)
{
	int64_t id;
	int64_t listed;

	int rc = find_watch(db, registry, crate, &id, &listed, err);
	if (rc)
		return rc;
	*ret_promoted = listed == LISTED_CHECK;
	*ret_added = listed == 0 || *ret_promoted;
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

int watches_remove(struct db *db, const char *registry, const char *crate, bool *ret_gone, struct err *err)
{
	int64_t id;
	int64_t listed;

	int rc = find_watch(db, registry, crate, &id, &listed, err);
	if (rc)
		return rc;
	if (listed == 0)
		return err_set(err, ERR_ABSENT, "%s in %s is not watched", crate, registry);
	if ((listed & (LISTED_CONFIGURATION | LISTED_FILE)) == LISTED_FILE)
		return err_set(err, ERR_REFUSED,
			       "a crates_file of the configuration lists %s of %s: remove it there and reload", crate,
			       registry);
	if (listed & LISTED_CONFIGURATION)
		return err_set(err, ERR_REFUSED, "the configuration lists %s of %s: remove it there and reload", crate,
			       registry);
	if (!(listed & LISTED_SOCKET))
		return err_set(err, ERR_REFUSED,
			       "a lockfile holds %s of %s: it is watched until a day after none does any more", crate,
			       registry);
	return unlist(db, id, listed & ~(int64_t)LISTED_SOCKET, ret_gone, err);
}

/* ---- crates of lockfiles ---- */

/* Checked for a day from now on; one that a project locks stays as it is. */
static int64_t unlocked_after(enum listed_by by, int64_t listed, int64_t unlocked_ms, int64_t now_ms)
{
	bool locked = by == LISTED_PROJECT || ((listed & LISTED_PROJECT) && unlocked_ms == 0);
	return locked ? 0 : now_ms;
}

int watches_add_in_lockfile(struct db *db, const char *registry, const char *crate, enum listed_by by, int64_t now_ms,
			    struct watch_in_lockfile *ret, struct err *err)
{
	int64_t listed = 0;
	int64_t unlocked_ms = -1;

	*ret = (struct watch_in_lockfile){0};
	struct stmt find = stmt_use(db, IN_LOCKFILE);
	stmt_put_text(&find, ":registry", registry);
	stmt_put_text(&find, ":crate", crate);
	if (stmt_row(&find)) {
		ret->crate = stmt_int(&find, 0);
		ret->is_known = stmt_int(&find, 1) != CRATE_UNKNOWN;
		listed = stmt_int(&find, 2);
		unlocked_ms = stmt_int(&find, 3);
	}
	int rc = stmt_done(&find, err);
	int64_t unlocked = unlocked_after(by, listed, unlocked_ms, now_ms);
	ret->added = listed == 0;
	ret->promoted = listed == LISTED_CHECK && by != LISTED_CHECK;
	if (rc || ((listed & (int64_t)by) && unlocked == unlocked_ms))
		return rc;
	struct stmt add = stmt_use(db, IN_LOCKFILE_ADD);
	stmt_put_text(&add, ":registry", registry);
	stmt_put_text(&add, ":crate", crate);
	stmt_put_int(&add, ":by", by);
	stmt_put_int(&add, ":unlocked", unlocked);
	if (stmt_row(&add))
		ret->crate = stmt_int(&add, 0);
	return stmt_done(&add, err);
}

int watches_next_unlocked(struct db *db, int64_t until_ms, char **ret_registry, char **ret_crate, bool *ret_gone,
			  struct err *err)
{
	int64_t id = 0;
	int64_t listed = 0;

	*ret_registry = *ret_crate = NULL;
	struct stmt st = stmt_use(db, UNLOCKED);
	stmt_put_int(&st, ":until", until_ms);
	if (stmt_row(&st)) {
		id = stmt_int(&st, 0);
		listed = stmt_int(&st, 1);
		*ret_registry = stmt_text_copy(&st, 2);
		*ret_crate = stmt_text_copy(&st, 3);
	}
	int rc = stmt_done(&st, err);
	return rc || !id ? rc : unlist(db, id, listed & ~(int64_t)LISTED_IN_LOCKFILE, ret_gone, err);
}
