/* SPDX-License-Identifier: Apache-2.0 */
/* locked.c: see locked.h. */
#include "store/locked.h"

#include "base/list.h"
#include "model/index_path.h"
#include "store/demands.h"
#include "store/watches.h"

#include <endian.h>
#include <string.h>

static const char LOCKED[] = "SELECT DISTINCT crate FROM locked WHERE lockfile = :lockfile ORDER BY crate";
static const char LOCKED_ADD[] = "INSERT INTO locked (crate, version, lockfile, checksum)"
				 " VALUES (:crate, :version, :lockfile, :checksum) ON CONFLICT DO NOTHING";
static const char LOCKED_REMOVE[] = "DELETE FROM locked WHERE lockfile = :lockfile";
static const char UNLOCKED[] = "UPDATE crate SET unlocked_ms = :now WHERE id = :crate AND unlocked_ms = 0"
			       " AND NOT EXISTS (SELECT 1 FROM locked WHERE crate = :crate)";
static const char LOCKFILE_MATCHED[] = "UPDATE lockfile SET crates = :crates, matched = :matched WHERE id = :lockfile";

/* Rows of crates that a lockfile held before. */
struct crate_rows {
	int64_t *items; /* owned */
	size_t n, cap;
};

static void crate_rows_release(struct crate_rows *rows)
{
	free(rows->items);
}

static bool add_row(struct crate_rows *rows, int64_t row)
{
	if (!LIST_ROOM(rows))
		return false;
	rows->items[rows->n++] = row;
	return true;
}

static int load_locked(struct db *db, int64_t lockfile, struct crate_rows *ret, struct err *err)
{
	struct stmt st = stmt_use(db, LOCKED);
	stmt_put_int(&st, ":lockfile", lockfile);
	while (stmt_row(&st))
		if (!add_row(ret, stmt_int(&st, 0)))
			st.code = SQLITE_NOMEM;
	return stmt_done(&st, err);
}

static int remove_locked(struct db *db, int64_t lockfile, struct err *err)
{
	struct stmt st = stmt_use(db, LOCKED_REMOVE);
	stmt_put_int(&st, ":lockfile", lockfile);
	return stmt_run(&st, err);
}

/* Since now nobody locks those that nobody locks. */
static int note_unlocked(const struct projects *projects, const struct crate_rows *before, struct err *err)
{
	struct stmt st = stmt_use(projects->db, UNLOCKED);
	stmt_put_int(&st, ":now", projects->now_ms);
	for (size_t i = 0; i < before->n; i++) {
		stmt_put_int(&st, ":crate", before->items[i]);
		stmt_repeat(&st);
	}
	return stmt_done(&st, err);
}

static struct watch_changes *changes_of(const struct projects *projects, const char *registry)
{
	for (size_t i = 0; i < projects->n_registries; i++)
		if (strcmp(projects->changes[i].registry, registry) == 0)
			return &projects->changes[i];
	return NULL;
}

static int add_locked(struct db *db, int64_t crate, int64_t lockfile, const char *version, const char *checksum,
		      struct err *err)
{
	struct stmt st = stmt_use(db, LOCKED_ADD);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_text(&st, ":version", version);
	stmt_put_int(&st, ":lockfile", lockfile);
	stmt_put_text(&st, ":checksum", checksum);
	return stmt_run(&st, err);
}

/* A crate that was looked at before is looked at once more, whole, for the line of a version that is new to us. */
static int lock_package(const struct projects *projects, int64_t lockfile, const struct lock *lock,
			const struct lock_package *package, const char *registry, int64_t *ret_crate, struct err *err)
{
	struct watch_changes *changes = changes_of(projects, registry);
	const char *name = lock_text_at(lock, package->name);
	const char *version = lock_text_at(lock, package->version);
	struct watch_in_lockfile watch;
	bool wanted = false;

	if (!changes || !crate_name_valid(name))
		return 0;
	int rc = watches_add_in_lockfile(projects->db, registry, name, LISTED_PROJECT, projects->now_ms, &watch, err);
	if (rc || !watch.crate)
		return rc;
	*ret_crate = watch.crate;
	rc = add_locked(projects->db, watch.crate, lockfile, version, lock_text_at(lock, package->checksum), err);
	if (!rc)
		rc = demands_want(projects->db, watch.crate, version, &wanted, err);
	if (rc)
		return rc;
	bool told = true;
	if (watch.added)
		told = watch_changes_add(changes, name, CRATE_UNKNOWN, false, false, NULL);
	else if (watch.promoted || (wanted && watch.is_known))
		told = watch_changes_afresh(changes, name);
	return told ? 0 : err_nomem(err);
}

static int save_crates(struct db *db, int64_t lockfile, int64_t *rows, size_t n, size_t *ret_matched, struct err *err)
{
	*ret_matched = 0;
	for (size_t i = 0; i < n; i++) {
		*ret_matched += rows[i] != 0;
		rows[i] = (int64_t)htole64((uint64_t)rows[i]);
	}
	struct stmt st = stmt_use(db, LOCKFILE_MATCHED);
	stmt_put_blob(&st, ":crates", rows, n * sizeof *rows);
	stmt_put_int(&st, ":matched", (int64_t)*ret_matched);
	stmt_put_int(&st, ":lockfile", lockfile);
	return stmt_run(&st, err);
}

static int lock_packages(const struct projects *projects, int64_t lockfile, const struct lock *lock,
			 size_t *ret_matched, struct err *err)
{
	OWNED_MEM int64_t *rows = calloc(lock->n_packages + 1, sizeof *rows);
	int rc = 0;

	if (!rows)
		return err_nomem(err);
	for (uint32_t i = 0; i < lock->n_packages && !rc; i++) {
		const char *registry = lock_sources_find(projects->sources, lock, &lock->packages[i]);
		if (registry)
			rc = lock_package(projects, lockfile, lock, &lock->packages[i], registry, &rows[i], err);
	}
	return rc ? rc : save_crates(projects->db, lockfile, rows, lock->n_packages, ret_matched, err);
}

int locked_put(const struct projects *projects, int64_t lockfile, const struct lock *lock, size_t *ret_matched,
	       struct err *err)
{
	OWNED(crate_rows_release) struct crate_rows before = {0};

	int rc = load_locked(projects->db, lockfile, &before, err);
	if (!rc)
		rc = remove_locked(projects->db, lockfile, err);
	if (!rc)
		rc = lock_packages(projects, lockfile, lock, ret_matched, err);
	return rc ? rc : note_unlocked(projects, &before, err);
}

int locked_drop(const struct projects *projects, int64_t lockfile, struct err *err)
{
	OWNED(crate_rows_release) struct crate_rows before = {0};

	int rc = load_locked(projects->db, lockfile, &before, err);
	if (!rc)
		rc = remove_locked(projects->db, lockfile, err);
	return rc ? rc : note_unlocked(projects, &before, err);
}
