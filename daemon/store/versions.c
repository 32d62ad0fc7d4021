/* SPDX-License-Identifier: Apache-2.0 */
/*
 * versions.c: see versions.h. The bytes of a row: PACKED_FORMAT, and for each version
 *
 *   flags (1)  length of vers (1)  vers  checksum (32)  fingerprint (16)
 *   facets (8 each, little endian)  changed_ms (8, little endian)
 *
 * without the facets that are as the version before has them, and without a changed_ms that
 * is 0: the flags say so. Databases hold this: another layout is another PACKED_FORMAT.
 */
#include "store/versions.h"

#include "base/strbuf.h"

#include <endian.h>
#include <string.h>

#define PACKED_FORMAT 1
#define PACKED_USUAL 80 /* bytes of a version, rather too many */

enum version_flag {
	FLAG_YANKED = 1,
	FLAG_DELETED = 2,
	FLAG_CHANGED = 4,
	FLAG_SAME_FACET = 16, /* << enum facet: that of the version before, which of the first one is 0 */
};
#define FLAGS_KNOWN (FLAG_YANKED | FLAG_DELETED | FLAG_CHANGED | ((1u << FACETS) - 1) * FLAG_SAME_FACET)

static const char LOAD[] = "SELECT list FROM versions WHERE crate = :crate";
static const char SAVE[] = "INSERT INTO versions (crate, list) VALUES (:crate, :list)"
			   " ON CONFLICT (crate) DO UPDATE SET list = excluded.list";

static const uint64_t no_facets[FACETS];

/* ---- packing ---- */

static char *put(char *to, const void *bytes, size_t len)
{
	memcpy(to, bytes, len);
	return to + len;
}

static char *put_u64(char *to, uint64_t value)
{
	uint64_t bytes = htole64(value);
	return put(to, &bytes, sizeof bytes);
}

static unsigned flags_of(const struct index_version *version, const uint64_t *facets_before)
{
	unsigned flags = (version->yanked ? FLAG_YANKED : 0u) | (version->deleted ? FLAG_DELETED : 0u) |
			 (version->changed_ms ? FLAG_CHANGED : 0u);

	for (unsigned f = 0; f < FACETS; f++)
		if (version->facets[f] == facets_before[f])
			flags |= (unsigned)FLAG_SAME_FACET << f;
	return flags;
}

static void pack(struct strbuf *out, const struct index_version *version, const uint64_t *facets_before)
{
	char bytes[2 + VERSION_TEXT_MAX + CHECKSUM_SIZE + FINGERPRINT_SIZE + (FACETS + 1) * sizeof(uint64_t)];
	unsigned flags = flags_of(version, facets_before);
	size_t len = strlen(version->vers); /* below VERSION_TEXT_MAX: index_line_parse() saw to it */
	char *to = bytes;

	*to++ = (char)flags;
	*to++ = (char)len;
	to = put(to, version->vers, len);
	to = put(to, version->checksum, CHECKSUM_SIZE);
	to = put(to, version->fingerprint, FINGERPRINT_SIZE);
	for (unsigned f = 0; f < FACETS; f++)
		if (!(flags & (unsigned)FLAG_SAME_FACET << f))
			to = put_u64(to, version->facets[f]);
	if (flags & FLAG_CHANGED)
		to = put_u64(to, (uint64_t)version->changed_ms);
	strbuf_add(out, bytes, (size_t)(to - bytes));
}

static int pack_all(struct strbuf *out, const struct index_versions *versions, struct err *err)
{
	const uint64_t *facets_before = no_facets;

	strbuf_reserve(out, 1 + versions->count * PACKED_USUAL);
	strbuf_addc(out, PACKED_FORMAT);
	for (size_t i = 0; i < versions->count; i++) {
		pack(out, &versions->items[i], facets_before);
		facets_before = versions->items[i].facets;
	}
	return strbuf_failed(out) ? err_nomem(err) : 0;
}

/* ---- unpacking ---- */

/* What is left of the bytes; at = NULL: they ended too early. */
struct packed {
	const char *at, *end;
};

static void get(struct packed *from, void *ret, size_t len)
{
	if (!from->at || (size_t)(from->end - from->at) < len) {
		from->at = NULL;
		memset(ret, 0, len);
		return;
	}
	memcpy(ret, from->at, len);
	from->at += len;
}

static uint64_t get_u64(struct packed *from)
{
	uint64_t bytes;

	get(from, &bytes, sizeof bytes);
	return le64toh(bytes);
}

static int damaged(struct err *err)
{
	return err_set(err, ERR_IO, "database: the versions of a crate are damaged");
}

/* All but version->vers, which is not touched: the text goes into `vers`. */
static int unpack_apart(struct packed *from, struct index_version *version, char vers[static VERSION_TEXT_MAX],
			const uint64_t *facets_before, struct err *err)
{
	unsigned char head[2];

	get(from, head, sizeof head);
	get(from, vers, head[1]);
	vers[head[1]] = '\0';
	get(from, version->checksum, CHECKSUM_SIZE);
	get(from, version->fingerprint, FINGERPRINT_SIZE);
	for (unsigned f = 0; f < FACETS; f++)
		version->facets[f] = head[0] & (unsigned)FLAG_SAME_FACET << f ? facets_before[f] : get_u64(from);
	version->changed_ms = head[0] & FLAG_CHANGED ? (int64_t)get_u64(from) : 0;
	version->yanked = (head[0] & FLAG_YANKED) != 0;
	version->deleted = (head[0] & FLAG_DELETED) != 0;
	if (!from->at || head[0] & ~FLAGS_KNOWN || strlen(vers) != head[1])
		return damaged(err);
	return 0;
}

static int unpack(struct packed *from, struct index_version *version, const uint64_t *facets_before, struct err *err)
{
	char vers[VERSION_TEXT_MAX];

	int rc = unpack_apart(from, version, vers, facets_before, err);
	if (rc)
		return rc;
	version->vers = strdup(vers);
	return version->vers ? 0 : err_nomem(err);
}

static int unpack_begin(struct packed *from, struct err *err)
{
	char format;

	get(from, &format, sizeof format);
	return format == PACKED_FORMAT ? 0 : damaged(err);
}

/* How a row is read; `into` is what the function fills. */
typedef int unpack_fn(struct packed *from, void *into, struct err *err);

static int unpack_all(struct packed *from, void *into, struct err *err)
{
	struct index_versions *ret = into;
	uint64_t facets_before[FACETS] = {0};

	int rc = unpack_begin(from, err);
	while (!rc && from->at != from->end) {
		struct index_version *version = index_versions_add(ret);
		if (!version)
			return err_nomem(err);
		rc = unpack(from, version, facets_before, err);
		memcpy(facets_before, version->facets, sizeof facets_before);
	}
	return rc;
}

struct wanted {
	const char *vers;
	struct version_found found;
};

/* Walks past those that stand before it. */
static int unpack_one(struct packed *from, void *into, struct err *err)
{
	struct wanted *wanted = into;
	struct version_found *ret = &wanted->found;
	struct index_version version = {0};
	char text[VERSION_TEXT_MAX];

	int rc = unpack_begin(from, err);
	while (!rc && !ret->there && from->at != from->end) {
		rc = unpack_apart(from, &version, text, version.facets, err);
		ret->there = !rc && strcmp(text, wanted->vers) == 0;
	}
	if (rc || !ret->there)
		return rc;
	ret->yanked = version.yanked;
	ret->deleted = version.deleted;
	memcpy(ret->checksum, version.checksum, sizeof ret->checksum);
	return 0;
}

/* ---- rows ---- */

static int read_row(struct db *db, int64_t crate, unpack_fn *unpack_row, void *into, struct err *err)
{
	int bad = 0;

	struct stmt st = stmt_use(db, LOAD);
	stmt_put_int(&st, ":crate", crate);
	if (stmt_row(&st)) {
		size_t len;
		const char *bytes = stmt_bytes(&st, 0, &len);
		struct packed from = {bytes, bytes + len};
		bad = unpack_row(&from, into, err);
	}
	int rc = stmt_done(&st, bad ? &(struct err){0} : err);
	return bad ? bad : rc;
}

int versions_load(struct db *db, int64_t crate, struct index_versions *ret, struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};

	int rc = read_row(db, crate, unpack_all, &versions, err);
	if (rc)
		return rc;
	*ret = versions;
	versions = (struct index_versions){0};
	return 0;
}

int versions_find(struct db *db, int64_t crate, const char *vers, struct version_found *ret, struct err *err)
{
	struct wanted wanted = {.vers = vers};

	int rc = read_row(db, crate, unpack_one, &wanted, err);
	if (!rc)
		*ret = wanted.found;
	return rc;
}

int versions_save(struct db *db, int64_t crate, const struct index_versions *versions, struct err *err)
{
	OWNED_STRBUF struct strbuf packed = {0};

	int rc = pack_all(&packed, versions, err);
	if (rc)
		return rc;
	struct stmt st = stmt_use(db, SAVE);
	stmt_put_int(&st, ":crate", crate);
	stmt_put_blob(&st, ":list", strbuf_str(&packed), packed.len);
	return stmt_run(&st, err);
}

/* ---- the migration ---- */

static const char OLD_CRATES[] = "SELECT DISTINCT crate FROM version WHERE crate > :after ORDER BY crate LIMIT 1";
static const char OLD_VERSIONS[] = "SELECT vers, checksum, fingerprint, facets, yanked, deleted, changed_ms"
				   " FROM version WHERE crate = :crate ORDER BY position";

static void read_old(struct stmt *st, struct index_version *version)
{
	version->vers = stmt_text_copy(st, 0);
	if (!stmt_blob(st, 1, version->checksum, sizeof version->checksum) ||
	    !stmt_blob(st, 2, version->fingerprint, sizeof version->fingerprint) ||
	    !stmt_blob(st, 3, version->facets, sizeof version->facets))
		st->code = SQLITE_CORRUPT;
	version->yanked = stmt_int(st, 4) != 0;
	version->deleted = stmt_int(st, 5) != 0;
	version->changed_ms = stmt_int(st, 6);
}

static int convert_crate(struct db *db, int64_t crate, struct err *err)
{
	OWNED(index_versions_release) struct index_versions versions = {0};

	struct stmt st = stmt_use(db, OLD_VERSIONS);
	stmt_put_int(&st, ":crate", crate);
	while (stmt_row(&st)) {
		struct index_version *version = index_versions_add(&versions);
		if (version)
			read_old(&st, version);
		else
			st.code = SQLITE_NOMEM;
	}
	int rc = stmt_done(&st, err);
	return rc ? rc : versions_save(db, crate, &versions, err);
}

static int next_old(struct db *db, int64_t *crate, bool *ret_found, struct err *err)
{
	struct stmt st = stmt_use(db, OLD_CRATES);
	stmt_put_int(&st, ":after", *crate);
	*ret_found = stmt_row(&st);
	if (*ret_found)
		*crate = stmt_int(&st, 0);
	return stmt_done(&st, err);
}

int versions_convert(struct db *db, struct err *err)
{
	int64_t crate = 0;
	bool found = true;
	int rc = next_old(db, &crate, &found, err);

	while (!rc && found) {
		rc = convert_crate(db, crate, err);
		if (!rc)
			rc = next_old(db, &crate, &found, err);
	}
	return rc ? rc : db_script(db, "DROP TABLE version", err);
}
