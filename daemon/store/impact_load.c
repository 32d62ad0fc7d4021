/* SPDX-License-Identifier: Apache-2.0 */
/* impact_load.c: see impact_load.h; one lockfile. All that are stored: impact_search.c. */
#include "store/impact_parts.h"

#include "store/impact_json.h"
#include "store/versions.h"

#include <string.h>

static const char CRATE[] = "SELECT r.name, c.name FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE c.id = :crate AND c.listed <> 0";

/* ---- the crate ---- */

void impact_crate_release(struct impact_crate *crate)
{
	if (crate->loaded)
		index_versions_release(crate->loaded);
	free(crate->loaded);
	free(crate->versions);
	free(crate->registry);
	free(crate->name);
	*crate = (struct impact_crate){0};
}

static int load_names(struct db *db, struct impact_crate *crate, struct err *err)
{
	struct stmt st = stmt_use(db, CRATE);
	stmt_put_int(&st, ":crate", crate->row);
	if (stmt_row(&st)) {
		crate->registry = stmt_text_copy(&st, 0);
		crate->name = stmt_text_copy(&st, 1);
	}
	int rc = stmt_done(&st, err);
	if (!rc && !crate->name)
		rc = err_set(err, ERR_ABSENT, "the crate is not watched (any more)");
	return rc;
}

static int load_versions(struct db *db, struct impact_crate *crate, struct err *err)
{
	crate->loaded = calloc(1, sizeof *crate->loaded);
	if (!crate->loaded)
		return err_nomem(err);
	int rc = versions_load(db, crate->row, crate->loaded, err);
	if (rc)
		return rc;
	crate->versions = calloc(crate->loaded->count + 1, sizeof *crate->versions);
	if (!crate->versions)
		return err_nomem(err);
	crate->n_versions = crate->loaded->count;
	for (size_t i = 0; i < crate->n_versions; i++) {
		const struct index_version *version = &crate->loaded->items[i];
		crate->versions[i] = (struct impact_version){version->vers, !version->yanked && !version->deleted};
	}
	return 0;
}

int impact_crate_load(struct db *db, int64_t row, struct impact_crate *ret, struct err *err)
{
	OWNED(impact_crate_release) struct impact_crate crate = {.row = row};

	int rc = load_names(db, &crate, err);
	if (!rc)
		rc = load_versions(db, &crate, err);
	if (rc)
		return rc;
	*ret = crate;
	crate = (struct impact_crate){0};
	return 0;
}

/* ---- one lockfile ---- */

void impact_found_release(struct impact_found *found)
{
	strbuf_release(&found->json);
	free(found->texts);
	*found = (struct impact_found){0};
}

struct demands_book impact_book(struct db *db, const struct impact_crate *crate)
{
	return (struct demands_book){.db = db, .of = crate->row, .name = crate->name};
}

struct asking {
	struct demands_book *book;
	const struct impact_target *target;
	bool awaits; /* a page that is wanted, and not there yet */
	int rc;      /* of the first call that failed; then all is unknown */
	struct err *err;
};

static bool tell_demands(void *ctx, uint32_t package, const char *const **ret_requirements, size_t *ret_n)
{
	struct asking *asking = ctx;
	const struct impact_target *target = asking->target;
	int64_t crate = target->crate_rows[package];
	const char *version = lock_text_at(target->lock, target->lock->packages[package].version);
	const struct demands_page *page = NULL;

	if (!asking->rc && crate)
		asking->rc = demands_book_find(asking->book, crate, version, &page, asking->err);
	bool may_come = !page || page->state == DEMANDS_WANTED || page->state == DEMANDS_NEVER_WANTED;
	if (target->lacking && may_come)
		target->lacking[package] = true;
	asking->awaits |= page && page->state == DEMANDS_WANTED;
	if (!page || page->state != DEMANDS_KNOWN)
		return false;
	*ret_requirements = page->requirements;
	*ret_n = page->n;
	return true;
}

static int find_impact(struct asking *asking, const struct impact_crate *crate, const char *version, struct impact *ret,
		       struct err *err)
{
	const struct lock *lock = asking->target->lock;
	OWNED_MEM bool *is_crate = calloc((size_t)lock->n_packages + 1, sizeof *is_crate);

	if (!is_crate)
		return err_nomem(err);
	for (uint32_t i = 0; i < lock->n_packages; i++)
		is_crate[i] = asking->target->crate_rows[i] == crate->row;
	const struct impact_question question = {
		.lock = lock,
		.is_crate = is_crate,
		.version = version,
		.versions = crate->versions,
		.n_versions = crate->n_versions,
		.demands = tell_demands,
		.ctx = asking,
	};
	int rc = impact_find(&question, ret, err);
	return rc ? rc : asking->rc;
}

int impact_keep_texts(struct impact_found *found, const struct impact_target *target, const char *would_pick,
		      struct err *err)
{
	const char *const texts[] = {target->project_name, target->team, target->path, would_pick ? would_pick : ""};
	const char *kept[ARRAY_LEN(texts)];
	size_t size = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		size += strlen(texts[i]) + 1;
	found->texts = malloc(size);
	if (!found->texts)
		return err_nomem(err);
	char *at = found->texts;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		kept[i] = at;
		at = stpcpy(at, texts[i]) + 1;
	}
	found->project_name = kept[0];
	found->team = kept[1];
	found->path = kept[2];
	found->would_pick = would_pick ? kept[3] : NULL;
	return 0;
}

static int make_found(const struct impact_crate *crate, const struct impact_target *target, const char *version,
		      enum event_kind kind, const struct impact *impact, struct impact_found *ret, struct err *err)
{
	OWNED(impact_found_release)
	struct impact_found found = {
		.project = target->project,
		.lockfile = target->lockfile,
		.several = target->several,
		.severity = impact_severity(kind, impact),
		.locked = impact->locked,
	};
	const struct impact_place place = {target->project_name, target->team, target->path, target->several};

	impact_put_finding(&found.json, &place, crate, version, target->lock, impact, found.severity);
	int rc = strbuf_failed(&found.json) ? err_nomem(err)
					    : impact_keep_texts(&found, target, impact->would_pick, err);
	if (rc)
		return rc;
	*ret = found;
	found = (struct impact_found){0};
	return 0;
}

int impact_ask(struct demands_book *book, const struct impact_crate *crate, const struct impact_target *target,
	       const char *version, enum event_kind kind, struct impact_found *ret, bool *ret_hits, struct err *err)
{
	struct asking asking = {.book = book, .target = target, .err = err};
	OWNED(impact_release) struct impact impact = {0};

	int rc = find_impact(&asking, crate, version, &impact, err);
	if (!rc && impact.hits)
		rc = make_found(crate, target, version, kind, &impact, ret, err);
	if (rc)
		return rc;
	*ret_hits = impact.hits;
	if (impact.hits)
		ret->awaits = asking.awaits;
	return 0;
}

int impact_of_lock(struct db *db, const struct impact_crate *crate, const struct lock *lock, const int64_t *crate_rows,
		   const char *version, enum event_kind kind, struct impact_found *ret, bool *ret_hits, struct err *err)
{
	OWNED(demands_book_release) struct demands_book book = impact_book(db, crate);
	const struct impact_target target = {
		.project_name = "", .team = "", .path = "", .lock = lock, .crate_rows = crate_rows};

	return impact_ask(&book, crate, &target, version, kind, ret, ret_hits, err);
}
