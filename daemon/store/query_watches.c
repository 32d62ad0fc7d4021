/* SPDX-License-Identifier: Apache-2.0 */
/* query_watches.c: the crates that are watched, and what is known of one; see query.h. */
#include "base/numbers.h"
#include "model/near.h"
#include "store/page.h"
#include "store/query.h"
#include "store/query_reasons.h"
#include "store/state.h"
#include "store/versions.h"
#include "store/watches.h"

static const char CRATE[] =
	"SELECT c.id, r.index_url, c.state, c.listed, c.etag, c.last_modified, c.unparsed, c.doubled,"
	" (SELECT p.first_ms FROM pending p WHERE p.crate = c.id)"
	" FROM crate c JOIN registry r ON r.id = c.registry"
	" WHERE r.name = :registry AND c.name = :crate AND r.configured AND c.listed <> 0";
static const char NAMES[] = "SELECT DISTINCT c.name FROM crate c JOIN registry r ON r.id = c.registry"
			    " WHERE r.configured AND c.listed <> 0";
static const char WATCHES[] = "SELECT c.id, r.name, c.name, c.listed, c.state FROM crate c"
			      " JOIN registry r ON r.id = c.registry WHERE r.configured AND c.listed <> 0"
			      " AND c.id > :after AND (:registry IS NULL OR r.name = :registry)"
			      " AND (:crate IS NULL OR c.name = :crate) ORDER BY c.id LIMIT :limit";

/* A range of the index over (registry, name): no wildcards to be escaped, and nothing is sorted. */
static const char PREFIXED[] =
	"SELECT r.name, c.name FROM registry r JOIN crate c ON c.registry = r.id"
	" AND c.name >= :prefix AND c.name < :prefix || char(1114111)"
	" WHERE r.configured AND c.listed <> 0 AND (:registry IS NULL OR r.name = :registry) LIMIT :limit";

static const char LISTING[] = "SELECT r.name, c.listed FROM crate c JOIN registry r ON r.id = c.registry"
			      " WHERE r.configured AND c.listed <> 0 AND c.name = :crate"
			      " AND (:registry IS NULL OR r.name = :registry)";
/* CROSS: the index of names is one of each registry's. */
static const char KNOWN[] =
	"SELECT 1 FROM registry r CROSS JOIN crate c ON c.registry = r.id AND c.name = :crate LIMIT 1";

static const char *const state_names[] = {
	[CRATE_UNKNOWN] = "unknown",
	[CRATE_PRESENT] = "present",
	[CRATE_ABSENT] = "absent",
};

static void put_listed_by(struct json_writer *w, int64_t listed)
{
	static const struct {
		enum listed_by by;
		const char *word;
	} words[] = {
		{LISTED_CONFIGURATION, "configuration"},
		{LISTED_FILE, "file"},
		{LISTED_SOCKET, "socket"},
		{LISTED_PROJECT, "project"},
		{LISTED_CHECK, "check"},
	};

	json_open(w, "listed_by", '[');
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (listed & (int64_t)words[i].by)
			json_put_string(w, NULL, words[i].word);
	json_close(w, ']');
}

static void put_crate(struct json_writer *w, struct stmt *st)
{
	json_put_string(w, "index", stmt_text(st, 1));
	json_put_string(w, "state", state_names[stmt_int(st, 2)]);
	put_listed_by(w, stmt_int(st, 3));
	if (stmt_text(st, 4))
		json_put_string(w, "etag", stmt_text(st, 4));
	if (stmt_int(st, 5))
		json_put_time(w, "last_modified", stmt_int(st, 5) * 1000);
	if (stmt_int(st, 8))
		json_put_time(w, "waits_since", stmt_int(st, 8));
	json_put_int(w, "unparsed_lines", stmt_int(st, 6));
	json_put_int(w, "doubled_lines", stmt_int(st, 7));
}

static void put_version(struct json_writer *w, const struct index_version *version, const struct reason_list *reasons)
{
	char hex[2 * CHECKSUM_SIZE + 1];

	hex_encode(version->checksum, sizeof version->checksum, hex);
	json_open(w, NULL, '{');
	json_put_string(w, "version", version->vers);
	json_put_string(w, "checksum", hex);
	json_put_bool(w, "yanked", version->yanked);
	json_put_bool(w, "deleted", version->deleted);
	if (version->changed_ms)
		json_put_time(w, "changed_at", version->changed_ms);
	query_put_reasons(w, reasons, version->vers, version->yanked);
	json_close(w, '}');
}

static void put_versions(struct json_writer *w, const struct index_versions *versions,
			 const struct reason_list *reasons)
{
	int64_t usable = 0;

	for (size_t i = 0; i < versions->count; i++)
		usable += !versions->items[i].yanked && !versions->items[i].deleted;
	json_put_int(w, "usable_versions", usable);
	json_open(w, "versions", '[');
	for (size_t i = 0; i < versions->count; i++)
		put_version(w, &versions->items[i], reasons);
	json_close(w, ']');
}

int query_crate(struct db *db, const char *registry, const char *crate, struct strbuf *out, struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};
	OWNED(reason_list_release) struct reason_list reasons = {0};
	struct json_writer w = {.out = out};
	int64_t id = 0;

	struct stmt st = stmt_use(db, CRATE);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	if (stmt_row(&st)) {
		id = stmt_int(&st, 0);
		json_open(&w, NULL, '{');
		json_put_string(&w, "registry", registry);
		json_put_string(&w, "crate", crate);
		put_crate(&w, &st);
	}
	int rc = stmt_done(&st, err);
	if (!rc && id == 0)
		rc = err_set(err, ERR_ABSENT, "%s in %s is not watched", crate, registry);
	if (!rc)
		rc = versions_load(db, id, &versions, err);
	if (!rc)
		rc = reason_rows_load(db, id, &reasons, err);
	if (rc)
		return rc;
	put_versions(&w, &versions, &reasons);
	json_close(&w, '}');
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

int query_near(struct db *db, const char *crate, char *ret[static QUERY_NEAR_MAX], size_t *ret_n, struct err *err)
{
	*ret_n = 0;
	/* Twice over the names rather than a list of all of them: distance 1, then 2. */
	for (unsigned distance = 1; distance <= NEAR_DISTANCE_MAX; distance++) {
		struct stmt st = stmt_use(db, NAMES);
		while (stmt_row(&st) && *ret_n < QUERY_NEAR_MAX) {
			if (near_distance(crate, stmt_text(&st, 0)) != distance)
				continue;
			ret[*ret_n] = stmt_text_copy(&st, 0);
			*ret_n += ret[*ret_n] != NULL;
		}
		int rc = stmt_done(&st, err);
		if (rc)
			return rc;
	}
	return 0;
}

int query_crate_names(struct db *db, const char *registry, const char *prefix, unsigned limit, struct strbuf *out,
		      struct err *err)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_open(&w, "crates", '[');
	struct stmt st = stmt_use(db, PREFIXED);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":prefix", prefix);
	stmt_put_int(&st, ":limit", limit);
	while (stmt_row(&st)) {
		json_open(&w, NULL, '{');
		json_put_string(&w, "registry", stmt_text(&st, 0));
		json_put_string(&w, "crate", stmt_text(&st, 1));
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	return stmt_done(&st, err);
}

int query_watches(struct db *db, const struct watch_filter *filter, struct strbuf *out, struct err *err)
{
	struct page page;

	page_begin(&page, out, "watches", filter->limit);
	struct stmt st = stmt_use(db, WATCHES);
	stmt_put_int(&st, ":after", filter->after);
	stmt_put_text(&st, ":registry", filter->registry);
	stmt_put_text(&st, ":crate", filter->crate);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1);
	while (stmt_row(&st) && page_takes(&page, stmt_int(&st, 0))) {
		json_open(&page.w, NULL, '{');
		json_put_string(&page.w, "registry", stmt_text(&st, 1));
		json_put_string(&page.w, "crate", stmt_text(&st, 2));
		put_listed_by(&page.w, stmt_int(&st, 3));
		json_put_string(&page.w, "state", state_names[stmt_int(&st, 4)]);
		json_close(&page.w, '}');
	}
	return page_end(&page, &st, err);
}

void watch_listing_release(struct watch_listing *listing)
{
	free(listing->registry);
	*listing = (struct watch_listing){0};
}

int query_listing(struct db *db, const char *registry, const char *crate, struct watch_listing *ret, struct err *err)
{
	*ret = (struct watch_listing){0};
	struct stmt st = stmt_use(db, LISTING);
	stmt_put_text(&st, ":registry", registry);
	stmt_put_text(&st, ":crate", crate);
	while (stmt_row(&st)) {
		ret->bulk = !(stmt_int(&st, 1) & LISTED_BY_NAME);
		if (ret->count++ == 0)
			ret->registry = stmt_text_copy(&st, 0);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		watch_listing_release(ret);
	return rc;
}

int query_knows_crate(struct db *db, const char *crate, bool *ret, struct err *err)
{
	*ret = false;
	struct stmt st = stmt_use(db, KNOWN);
	stmt_put_text(&st, ":crate", crate);
	while (stmt_row(&st))
		*ret = true;
	return stmt_done(&st, err);
}
