/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_line.c: cJSON reads the line, a table of rows checks its members, and
 * each facet is written out in one canonical order and hashed.
 */
#include "model/index_line.h"

#include "base/json.h"
#include "base/numbers.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define PARSER_VERSION 1 /* raise it when a line may mean something else than before */

static const char *const facet_names[FACETS] = {
	[FACET_DEPS] = "deps",
	[FACET_FEATURES] = "features",
	[FACET_LINKS] = "links",
	[FACET_RUST_VERSION] = "rust_version",
};

const char *facet_name(enum facet facet)
{
	return facet_names[facet];
}

void index_keys_derive(const unsigned char secret[static INDEX_SECRET_SIZE], struct index_keys *ret)
{
	crypto_kdf_derive_from_key(ret->fingerprint, sizeof ret->fingerprint, PARSER_VERSION, "ywlines_", secret);
	crypto_kdf_derive_from_key(ret->facet, sizeof ret->facet, PARSER_VERSION, "ywfacet_", secret);
}

void index_version_release(struct index_version *version)
{
	free(version->vers);
	*version = (struct index_version){0};
}

void index_line_fingerprint(const struct index_keys *keys, const char *line, size_t len,
			    unsigned char ret[static FINGERPRINT_SIZE])
{
	crypto_shorthash_siphashx24(ret, (const unsigned char *)line, len, keys->fingerprint);
}

/* ---- canonical bytes: each text with its length before it, so that none can pose as two ---- */

static void add_text(struct strbuf *out, const char *text)
{
	strbuf_addf(out, "%zu:", strlen(text));
	strbuf_adds(out, text);
}

struct texts {
	char **items; /* owned, and each item too */
	size_t count;
};

static void texts_release(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds the texts in sorted order, each one once. */
static void add_sorted(struct strbuf *out, struct texts *texts)
{
	if (texts->count)
		qsort(texts->items, texts->count, sizeof *texts->items, compare_texts);
	for (size_t i = 0; i < texts->count; i++)
		if (i == 0 || strcmp(texts->items[i - 1], texts->items[i]) != 0)
			add_text(out, texts->items[i]);
	strbuf_addc(out, ';');
}

/* Room for all members of `list`; absent and null count as empty. */
static int texts_alloc(struct texts *texts, size_t count, struct err *err)
{
	texts->items = calloc(count ? count : 1, sizeof *texts->items);
	return texts->items ? 0 : err_nomem(err);
}

static int texts_push(struct texts *texts, char *owned, struct err *err)
{
	if (!owned)
		return err_nomem(err);
	texts->items[texts->count++] = owned;
	return 0;
}

static int push_strings(struct texts *texts, const cJSON *list, const char *what, struct err *err)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (!cJSON_IsString(item))
			return err_set(err, ERR_BAD, "%s: not a list of strings", what);
		int rc = texts_push(texts, strdup(item->valuestring), err);
		if (rc)
			return rc;
	}
	return 0;
}

static uint64_t digest(const struct index_keys *keys, const struct strbuf *canonical)
{
	uint64_t out;
	crypto_shorthash((unsigned char *)&out, (const unsigned char *)strbuf_str(canonical), canonical->len,
			 keys->facet);
	return out;
}

/* ---- members, checked by rows ---- */

enum member_type { MEMBER_STRING, MEMBER_BOOL, MEMBER_LIST, MEMBER_OBJECT, MEMBER_NUMBER };

struct member_rule {
	const char *key;
	enum member_type type;
	bool required;
	bool null_allowed;
};

static const struct member_rule line_rules[] = {
	{"name", MEMBER_STRING, true, false},         {"vers", MEMBER_STRING, true, false},
	{"cksum", MEMBER_STRING, true, false},        {"yanked", MEMBER_BOOL, false, true},
	{"deps", MEMBER_LIST, true, false},           {"features", MEMBER_OBJECT, false, false},
	{"features2", MEMBER_OBJECT, false, true},    {"links", MEMBER_STRING, false, true},
	{"rust_version", MEMBER_STRING, false, true}, {"v", MEMBER_NUMBER, false, true},
};
#define LINE_RULES_ANY_FORMAT 4 /* the first rows: all that is read of a line whose `v` is unknown */

static const struct member_rule dep_rules[] = {
	{"name", MEMBER_STRING, true, false},
	{"req", MEMBER_STRING, true, false},
	{"features", MEMBER_LIST, false, false},
	{"optional", MEMBER_BOOL, false, false},
	{"default_features", MEMBER_BOOL, false, false},
	{"target", MEMBER_STRING, false, true},
	{"kind", MEMBER_STRING, false, true},
	{"registry", MEMBER_STRING, false, true},
	{"package", MEMBER_STRING, false, true},
};

static bool has_type(const cJSON *value, enum member_type type)
{
	switch (type) {
	case MEMBER_STRING:
		return cJSON_IsString(value);
	case MEMBER_BOOL:
		return cJSON_IsBool(value);
	case MEMBER_LIST:
		return cJSON_IsArray(value);
	case MEMBER_OBJECT:
		return cJSON_IsObject(value);
	case MEMBER_NUMBER:
		return cJSON_IsNumber(value);
	}
	return false;
}

static int check_members(const cJSON *object, const struct member_rule *rules, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *value = json_member(object, rules[i].key);
		if (!value && rules[i].required)
			return err_set(err, ERR_BAD, "no \"%s\"", rules[i].key);
		if (!value || (cJSON_IsNull(value) && rules[i].null_allowed) || has_type(value, rules[i].type))
			continue;
		return err_set(err, ERR_BAD, "\"%s\" has the wrong type", rules[i].key);
	}
	return 0;
}

/* ---- facets ---- */

static int dep_canonical(const cJSON *dep, char **ret, struct err *err)
{
	static const char *const optional_texts[] = {"target", "registry", "package"};
	OWNED_STRBUF struct strbuf out = {0};
	OWNED(texts_release) struct texts features = {0};
	const cJSON *list = json_member(dep, "features");

	if (!cJSON_IsObject(dep))
		return err_set(err, ERR_BAD, "\"deps\" holds something that is no object");
	int rc = check_members(dep, dep_rules, ARRAY_LEN(dep_rules), err);
	if (!rc)
		rc = texts_alloc(&features, (size_t)cJSON_GetArraySize(list), err);
	if (!rc)
		rc = push_strings(&features, list, "deps.features", err);
	if (rc)
		return rc;

	const char *kind = json_string(dep, "kind");
	add_text(&out, json_string(dep, "name"));
	add_text(&out, json_string(dep, "req"));
	add_text(&out, kind ? kind : "normal");
	strbuf_addc(&out, json_bool(dep, "optional", false) ? 'o' : '-');
	strbuf_addc(&out, json_bool(dep, "default_features", true) ? 'd' : '-');
	for (size_t i = 0; i < ARRAY_LEN(optional_texts); i++) {
		const char *text = json_string(dep, optional_texts[i]);
		if (text)
			add_text(&out, text);
		strbuf_addc(&out, ';');
	}
	add_sorted(&out, &features);
	*ret = strbuf_take(&out);
	return *ret ? 0 : err_nomem(err);
}

static int digest_deps(const struct index_keys *keys, const cJSON *line, uint64_t *ret, struct err *err)
{
	const cJSON *deps = json_member(line, "deps");
	OWNED(texts_release) struct texts all = {0};
	OWNED_STRBUF struct strbuf out = {0};
	const cJSON *dep;

	int rc = texts_alloc(&all, (size_t)cJSON_GetArraySize(deps), err);
	if (rc)
		return rc;
	cJSON_ArrayForEach (dep, deps) {
		char *canonical = NULL;
		rc = dep_canonical(dep, &canonical, err);
		if (!rc)
			rc = texts_push(&all, canonical, err);
		if (rc)
			return rc;
	}
	add_sorted(&out, &all);
	*ret = digest(keys, &out);
	return strbuf_failed(&out) ? err_nomem(err) : 0;
}

/* One feature: its values from both tables together, as cargo merges them. */
static int feature_canonical(const char *name, const cJSON *first, const cJSON *second, char **ret, struct err *err)
{
	OWNED(texts_release) struct texts values = {0};
	OWNED_STRBUF struct strbuf out = {0};

	if ((first && !cJSON_IsArray(first)) || (second && !cJSON_IsArray(second)))
		return err_set(err, ERR_BAD, "feature \"%.64s\" is no list", name);
	int rc = texts_alloc(&values, (size_t)cJSON_GetArraySize(first) + (size_t)cJSON_GetArraySize(second), err);
	if (!rc)
		rc = push_strings(&values, first, "features", err);
	if (!rc)
		rc = push_strings(&values, second, "features2", err);
	if (rc)
		return rc;
	add_text(&out, name);
	add_sorted(&out, &values);
	*ret = strbuf_take(&out);
	return *ret ? 0 : err_nomem(err);
}

static int push_features(struct texts *all, const cJSON *table, const cJSON *other, bool skip_shared, struct err *err)
{
	const cJSON *feature;

	cJSON_ArrayForEach (feature, table) {
		char *canonical = NULL;
		const cJSON *same = other ? json_member(other, feature->string) : NULL;
		if (same && skip_shared)
			continue;
		int rc = feature_canonical(feature->string, feature, same, &canonical, err);
		if (!rc)
			rc = texts_push(all, canonical, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int digest_features(const struct index_keys *keys, const cJSON *line, uint64_t *ret, struct err *err)
{
	const cJSON *first = json_member(line, "features");
	const cJSON *second = json_member(line, "features2");
	OWNED(texts_release) struct texts all = {0};
	OWNED_STRBUF struct strbuf out = {0};

	int rc = texts_alloc(&all, (size_t)cJSON_GetArraySize(first) + (size_t)cJSON_GetArraySize(second), err);
	if (!rc)
		rc = push_features(&all, first, second, false, err);
	if (!rc)
		rc = push_features(&all, second, first, true, err);
	if (rc)
		return rc;
	add_sorted(&out, &all);
	*ret = digest(keys, &out);
	return strbuf_failed(&out) ? err_nomem(err) : 0;
}

static int digest_text(const struct index_keys *keys, const cJSON *line, const char *key, uint64_t *ret,
		       struct err *err)
{
	const char *text = json_string(line, key);
	OWNED_STRBUF struct strbuf out = {0};

	if (text)
		add_text(&out, text);
	*ret = digest(keys, &out);
	return strbuf_failed(&out) ? err_nomem(err) : 0;
}

static int digest_facets(const struct index_keys *keys, const cJSON *line, struct index_version *version,
			 struct err *err)
{
	int rc = digest_deps(keys, line, &version->facets[FACET_DEPS], err);
	if (!rc)
		rc = digest_features(keys, line, &version->facets[FACET_FEATURES], err);
	if (!rc)
		rc = digest_text(keys, line, "links", &version->facets[FACET_LINKS], err);
	if (!rc)
		rc = digest_text(keys, line, "rust_version", &version->facets[FACET_RUST_VERSION], err);
	return rc;
}

static int read_format(const cJSON *line, bool *ret_known, struct err *err)
{
	const cJSON *v = json_member(line, "v");
	double format = cJSON_IsNumber(v) ? v->valuedouble : 1;

	if (!(format >= 0 && format <= UINT32_MAX) || format != (double)(uint32_t)format)
		return err_set(err, ERR_BAD, "\"v\" is no format's number");
	*ret_known = format <= INDEX_FORMAT_MAX;
	return 0;
}

static int read_identity(const cJSON *line, const char *crate, struct index_version *version, struct err *err)
{
	const char *name = json_string(line, "name");
	const char *vers = json_string(line, "vers");

	if (strcasecmp(name, crate) != 0)
		return err_set(err, ERR_BAD, "about another crate, \"%.64s\"", name);
	if (!*vers || strlen(vers) >= VERSION_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "\"vers\" of %zu bytes", strlen(vers));
	if (!hex_decode(json_string(line, "cksum"), CHECKSUM_SIZE, version->checksum))
		return err_set(err, ERR_BAD, "\"cksum\" is no SHA-256 in hex");
	version->yanked = json_bool(line, "yanked", false);
	version->vers = strdup(vers);
	return version->vers ? 0 : err_nomem(err);
}

int index_line_parse(const struct index_keys *keys, const char *crate, const char *line, size_t len,
		     struct index_version *ret, struct err *err)
{
	OWNED_JSON cJSON *json = NULL;
	OWNED(index_version_release) struct index_version version = {.line = line, .line_len = len};

	int rc = json_parse(line, len, &json, err);
	if (rc)
		return rc;
	if (!cJSON_IsObject(json))
		return err_set(err, ERR_BAD, "not an object");
	bool known_format = true;
	rc = read_format(json, &known_format, err);
	if (!rc)
		rc = check_members(json, line_rules, known_format ? ARRAY_LEN(line_rules) : LINE_RULES_ANY_FORMAT, err);
	if (!rc)
		rc = read_identity(json, crate, &version, err);
	if (!rc && known_format)
		rc = digest_facets(keys, json, &version, err);
	if (rc)
		return rc;
	index_line_fingerprint(keys, line, len, version.fingerprint);
	*ret = version;
	version = (struct index_version){0};
	return 0;
}
