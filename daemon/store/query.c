/* SPDX-License-Identifier: Apache-2.0 */
/* query.c: see query.h. */
#include "store/query.h"

#include "base/json.h"
#include "base/numbers.h"
#include "model/near.h"
#include "store/state.h"
#include "store/versions.h"
#include "store/watches.h"

#include <stdio.h>
#include <string.h>

#define EVENT_COLUMNS "SELECT e.seq, e.severity, e.body FROM event e"
#define EVENT_FILTER                                                                           \
	" AND e.at_ms >= :since AND e.at_ms < :until AND (:kinds = 0 OR :kinds >> e.kind & 1)" \
	" AND (:version IS NULL OR e.version = :version)"
#define IN_REGISTRY                                                                                     \
	" AND (:registry IS NULL OR EXISTS (SELECT 1 FROM crate c JOIN registry r ON r.id = c.registry" \
	" WHERE c.id = e.crate AND r.name = :registry))"
#define OF_CRATE " AND e.crate IN (SELECT id FROM crate WHERE name = :crate)"

/* [filtered by crate][newest first] */
static const char *const events_sql[2][2] = {
	{EVENT_COLUMNS " WHERE e.seq > :after" EVENT_FILTER IN_REGISTRY " ORDER BY e.seq LIMIT :limit",
	 EVENT_COLUMNS " WHERE e.seq < :after" EVENT_FILTER IN_REGISTRY " ORDER BY e.seq DESC LIMIT :limit"},
	{EVENT_COLUMNS " WHERE e.seq > :after" OF_CRATE EVENT_FILTER IN_REGISTRY " ORDER BY e.seq LIMIT :limit",
	 EVENT_COLUMNS " WHERE e.seq < :after" OF_CRATE EVENT_FILTER IN_REGISTRY " ORDER BY e.seq DESC LIMIT :limit"},
};

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
static const char COUNTS[] = "SELECT (SELECT coalesce(max(seq), 0) FROM event),"
			     " (SELECT count(*) FROM crate c JOIN registry r ON r.id = c.registry"
			     " WHERE r.configured AND c.listed <> 0),"
			     " (SELECT page_count FROM pragma_page_count()) *"
			     " (SELECT page_size FROM pragma_page_size())";
static const char OUTBOX_COUNTS[] = "SELECT state, count(*) FROM notification GROUP BY state";

static const char *const state_names[] = {
	[CRATE_UNKNOWN] = "unknown",
	[CRATE_PRESENT] = "present",
	[CRATE_ABSENT] = "absent",
};

/* "next": where the following page starts, null after the last one. */
static void put_next(struct json_writer *w, bool more, int64_t cursor)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld", (long long)cursor);
	json_put_string_or_null(w, "next", more ? text : NULL);
	json_close(w, '}');
}

static struct stmt use_events(struct db *db, const struct event_filter *filter)
{
	struct stmt st = stmt_use(db, events_sql[filter->crate != NULL][filter->reverse]);

	stmt_put_int(&st, ":after", filter->reverse && !filter->after ? INT64_MAX : filter->after);
	stmt_put_int(&st, ":since", filter->since_ms);
	stmt_put_int(&st, ":until", filter->until_ms ? filter->until_ms : INT64_MAX);
	stmt_put_int(&st, ":kinds", filter->kinds);
	stmt_put_text(&st, ":version", filter->version);
	stmt_put_text(&st, ":registry", filter->registry);
	if (filter->crate)
		stmt_put_text(&st, ":crate", filter->crate);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1); /* the one above tells that there is more */
	return st;
}

int query_events(struct db *db, const struct event_filter *filter, struct strbuf *out, struct err *err)
{
	OWNED_STRBUF struct strbuf document = {0};
	struct json_writer w = {.out = out};
	size_t start = out->len;
	int64_t last = 0;
	unsigned rows = 0;
	bool more = false;

	json_open(&w, NULL, '{');
	json_open(&w, "events", '[');
	struct stmt st = use_events(db, filter);
	while (stmt_row(&st)) {
		more = rows++ == filter->limit || out->len - start > QUERY_PAGE_BYTES;
		if (more)
			break;
		last = stmt_int(&st, 0);
		strbuf_reset(&document);
		event_write_document(&document, stmt_text(&st, 2), (enum severity)stmt_int(&st, 1));
		json_put_raw(&w, NULL, strbuf_str(&document));
		out->failed |= strbuf_failed(&document);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	json_close(&w, ']');
	put_next(&w, more, last);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

static void put_listed_by(struct json_writer *w, int64_t listed)
{
	json_open(w, "listed_by", '[');
	if (listed & LISTED_CONFIGURATION)
		json_put_string(w, NULL, "configuration");
	if (listed & LISTED_FILE)
		json_put_string(w, NULL, "file");
	if (listed & LISTED_SOCKET)
		json_put_string(w, NULL, "socket");
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

static void put_version(struct json_writer *w, const struct index_version *version)
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
	json_close(w, '}');
}

static void put_versions(struct json_writer *w, const struct index_versions *versions)
{
	int64_t usable = 0;

	for (size_t i = 0; i < versions->count; i++)
		usable += !versions->items[i].yanked && !versions->items[i].deleted;
	json_put_int(w, "usable_versions", usable);
	json_open(w, "versions", '[');
	for (size_t i = 0; i < versions->count; i++)
		put_version(w, &versions->items[i]);
	json_close(w, ']');
}

int query_crate(struct db *db, const char *registry, const char *crate, struct strbuf *out, struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};
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
	if (rc)
		return rc;
	put_versions(&w, &versions);
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

int query_watches(struct db *db, const struct watch_filter *filter, struct strbuf *out, struct err *err)
{
	struct json_writer w = {.out = out};
	int64_t last = 0;
	unsigned rows = 0;
	bool more = false;

	json_open(&w, NULL, '{');
	json_open(&w, "watches", '[');
	struct stmt st = stmt_use(db, WATCHES);
	stmt_put_int(&st, ":after", filter->after);
	stmt_put_text(&st, ":registry", filter->registry);
	stmt_put_text(&st, ":crate", filter->crate);
	stmt_put_int(&st, ":limit", (int64_t)filter->limit + 1);
	while (stmt_row(&st)) {
		more = rows++ == filter->limit;
		if (more)
			break;
		last = stmt_int(&st, 0);
		json_open(&w, NULL, '{');
		json_put_string(&w, "registry", stmt_text(&st, 1));
		json_put_string(&w, "crate", stmt_text(&st, 2));
		put_listed_by(&w, stmt_int(&st, 3));
		json_put_string(&w, "state", state_names[stmt_int(&st, 4)]);
		json_close(&w, '}');
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	json_close(&w, ']');
	put_next(&w, more, last);
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

int query_counts(struct db *db, struct database_counts *ret, struct err *err)
{
	*ret = (struct database_counts){.wal_bytes = db_wal_bytes(db)};
	struct stmt st = stmt_use(db, COUNTS);
	if (stmt_row(&st)) {
		ret->events = stmt_int(&st, 0);
		ret->crates = stmt_int(&st, 1);
		ret->bytes = stmt_int(&st, 2);
	}
	int rc = stmt_done(&st, err);
	if (rc)
		return rc;
	struct stmt outbox = stmt_use(db, OUTBOX_COUNTS);
	while (stmt_row(&outbox)) {
		int64_t state = stmt_int(&outbox, 0);
		if (state >= 0 && state < (int64_t)ARRAY_LEN(ret->notifications))
			ret->notifications[state] = stmt_int(&outbox, 1);
	}
	return stmt_done(&outbox, err);
}
