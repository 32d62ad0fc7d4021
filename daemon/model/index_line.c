/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_line.c: the line becomes a list of nodes, a table of rows checks its
 * members, and each facet is written out in one canonical order and hashed.
 */
#include "model/index_line.h"

#include "base/numbers.h"

#include <sodium.h>
#include <string.h>
#include <strings.h>

#define PARSER_VERSION 1 /* raise it when a line may mean something else than before */
#define SORTED_BY_HAND_MAX 16

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

void line_reader_release(struct line_reader *reader)
{
	json_scan_release(&reader->json);
	free(reader->outer.items);
	free(reader->inner.items);
	strbuf_release(&reader->members);
	strbuf_release(&reader->facet);
	*reader = (struct line_reader){0};
}

static void add_bytes(struct strbuf *out, const char *at, size_t len)
{
	size_t digits = 1; /* of the length in decimal */

	for (size_t rest = len; rest >= 10; rest /= 10)
		digits++;
	char *to = strbuf_extend(out, digits + 1 + len);
	if (!to)
		return;
	for (size_t i = digits, rest = len; i > 0; rest /= 10)
		to[--i] = (char)('0' + rest % 10);
	to[digits] = ':';
	memcpy(to + digits + 1, at, len);
}

static void add_node(struct strbuf *out, const struct json_node *string)
{
	add_bytes(out, string->at, string->len);
}

static int texts_push(struct line_texts *texts, const char *at, size_t len, struct err *err)
{
	if (texts->count == texts->cap) {
		size_t cap = texts->cap ? texts->cap * 2 : 16;
		struct line_text *items = reallocarray(texts->items, cap, sizeof *items);
		if (!items)
			return err_nomem(err);
		texts->items = items;
		texts->cap = cap;
	}
	texts->items[texts->count++] = (struct line_text){at, len};
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	const struct line_text *x = a;
	const struct line_text *y = b;
	int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Most lists are short: a dozen dependencies, two features. */
static void sort_texts(struct line_text *texts, size_t count)
{
	if (count > SORTED_BY_HAND_MAX) {
		qsort(texts, count, sizeof *texts, compare_texts);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		struct line_text moved = texts[i];
		size_t to = i;
		for (; to > 0 && compare_texts(&texts[to - 1], &moved) > 0; to--)
			texts[to] = texts[to - 1];
		texts[to] = moved;
	}
}

/* Adds the texts in sorted order, each one once. */
static void add_sorted(struct strbuf *out, struct line_texts *texts)
{
	sort_texts(texts->items, texts->count);
	for (size_t i = 0; i < texts->count; i++)
		if (i == 0 || compare_texts(&texts->items[i - 1], &texts->items[i]) != 0)
			add_bytes(out, texts->items[i].at, texts->items[i].len);
	strbuf_addc(out, ';');
}

static int check_strings(const struct json_node *list, const char *what, struct err *err)
{
	json_for_each (item, list)
		if (item->type != JSON_STRING)
			return err_set(err, ERR_BAD, "%s: not a list of strings", what);
	return 0;
}

static int push_strings(struct line_texts *texts, const struct json_node *list, struct err *err)
{
	json_for_each (item, list) {
		int rc = texts_push(texts, item->at, item->len, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* What is written of a line is about as long as it: room for it at once is less work than by doubling. */
static void make_room(struct strbuf *out, size_t len)
{
	if (out->cap > len)
		return;
	strbuf_reset(out);
	(void)strbuf_extend(out, len);
}

/* ---- a facet: its members are written one after the other, then sorted, then hashed ---- */

static void facet_begin(struct line_reader *reader)
{
	reader->outer.count = 0;
	strbuf_reset(&reader->members);
	strbuf_reset(&reader->facet);
}

/* What was added to reader->members from `begin` on is one member. Where that is in memory
 * is told when the strbuf no longer grows. */
static int facet_push(struct line_reader *reader, size_t begin, struct err *err)
{
	return texts_push(&reader->outer, NULL, reader->members.len - begin, err);
}

static void facet_sort(struct line_reader *reader)
{
	const char *at = strbuf_str(&reader->members);

	for (size_t i = 0; i < reader->outer.count; i++) {
		reader->outer.items[i].at = at;
		at += reader->outer.items[i].len;
	}
	add_sorted(&reader->facet, &reader->outer);
}

static int facet_digest(const struct line_reader *reader, uint64_t *ret, struct err *err)
{
	if (strbuf_failed(&reader->members) || strbuf_failed(&reader->facet))
		return err_nomem(err);
	crypto_shorthash((unsigned char *)ret, (const unsigned char *)strbuf_str(&reader->facet), reader->facet.len,
			 reader->keys->facet);
	return 0;
}

/* ---- members, checked by rows ---- */

enum member_type { MEMBER_STRING, MEMBER_BOOL, MEMBER_LIST, MEMBER_OBJECT, MEMBER_NUMBER };

struct member_rule {
	const char *key;
	size_t key_len;
	enum member_type type;
	bool required;
	bool null_allowed;
};

#define KEY(text) text, sizeof text - 1

enum line_member {
	LINE_NAME,
	LINE_VERS,
	LINE_CKSUM,
	LINE_YANKED,
	LINE_ANY_FORMAT, /* those before it are all that is read of a line whose `v` is unknown */
	LINE_DEPS = LINE_ANY_FORMAT,
	LINE_FEATURES,
	LINE_FEATURES2,
	LINE_LINKS,
	LINE_RUST_VERSION,
	LINE_V,
	LINE_MEMBERS
};

static const struct member_rule line_rules[LINE_MEMBERS] = {
	[LINE_NAME] = {KEY("name"), MEMBER_STRING, true, false},
	[LINE_VERS] = {KEY("vers"), MEMBER_STRING, true, false},
	[LINE_CKSUM] = {KEY("cksum"), MEMBER_STRING, true, false},
	[LINE_YANKED] = {KEY("yanked"), MEMBER_BOOL, false, true},
	[LINE_DEPS] = {KEY("deps"), MEMBER_LIST, true, false},
	[LINE_FEATURES] = {KEY("features"), MEMBER_OBJECT, false, false},
	[LINE_FEATURES2] = {KEY("features2"), MEMBER_OBJECT, false, true},
	[LINE_LINKS] = {KEY("links"), MEMBER_STRING, false, true},
	[LINE_RUST_VERSION] = {KEY("rust_version"), MEMBER_STRING, false, true},
	[LINE_V] = {KEY("v"), MEMBER_NUMBER, false, true},
};

enum dep_member {
	DEP_NAME,
	DEP_REQ,
	DEP_FEATURES,
	DEP_OPTIONAL,
	DEP_DEFAULT_FEATURES,
	DEP_TARGET,
	DEP_KIND,
	DEP_REGISTRY,
	DEP_PACKAGE,
	DEP_MEMBERS
};

static const struct member_rule dep_rules[DEP_MEMBERS] = {
	[DEP_NAME] = {KEY("name"), MEMBER_STRING, true, false},
	[DEP_REQ] = {KEY("req"), MEMBER_STRING, true, false},
	[DEP_FEATURES] = {KEY("features"), MEMBER_LIST, false, false},
	[DEP_OPTIONAL] = {KEY("optional"), MEMBER_BOOL, false, false},
	[DEP_DEFAULT_FEATURES] = {KEY("default_features"), MEMBER_BOOL, false, false},
	[DEP_TARGET] = {KEY("target"), MEMBER_STRING, false, true},
	[DEP_KIND] = {KEY("kind"), MEMBER_STRING, false, true},
	[DEP_REGISTRY] = {KEY("registry"), MEMBER_STRING, false, true},
	[DEP_PACKAGE] = {KEY("package"), MEMBER_STRING, false, true},
};

static bool has_type(const struct json_node *value, enum member_type type)
{
	switch (type) {
	case MEMBER_STRING:
		return value->type == JSON_STRING;
	case MEMBER_BOOL:
		return value->type == JSON_TRUE || value->type == JSON_FALSE;
	case MEMBER_LIST:
		return value->type == JSON_LIST;
	case MEMBER_OBJECT:
		return value->type == JSON_OBJECT;
	case MEMBER_NUMBER:
		return value->type == JSON_NUMBER;
	}
	return false;
}

/* The row of that key, n when there is none. Registries write their members in one order, the rows': so the
 * search begins where it is most likely to end. */
static size_t find_rule(const struct json_node *key, const struct member_rule *rules, size_t n, size_t likely)
{
	for (size_t i = 0; i < n; i++) {
		size_t row = likely + i < n ? likely + i : likely + i - n;
		if (key->len == rules[row].key_len && memcmp(key->at, rules[row].key, key->len) == 0)
			return row;
	}
	return n;
}

/* The values of the members that the rows name, at the rows' places; NULL where there is none. */
static void find_members(const struct json_node *object, const struct member_rule *rules, size_t n,
			 const struct json_node **ret)
{
	size_t likely = 0;

	memset(ret, 0, n * sizeof *ret);
	json_for_each (key, object) {
		size_t row = find_rule(key, rules, n, likely);
		if (row == n)
			continue;
		ret[row] = json_value_of(key);
		likely = row + 1;
	}
}

/* A null that is allowed counts as absent from here on. */
static int check_members(const struct json_node **members, const struct member_rule *rules, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!members[i] && rules[i].required)
			return err_set(err, ERR_BAD, "no \"%s\"", rules[i].key);
		if (members[i] && members[i]->type == JSON_NULL && rules[i].null_allowed)
			members[i] = NULL;
		if (members[i] && !has_type(members[i], rules[i].type))
			return err_set(err, ERR_BAD, "\"%s\" has the wrong type", rules[i].key);
	}
	return 0;
}

/* ---- facets ---- */

static int write_dep(struct line_reader *reader, const struct json_node *dep, struct err *err)
{
	static const enum dep_member optional_texts[] = {DEP_TARGET, DEP_REGISTRY, DEP_PACKAGE};
	const struct json_node *members[DEP_MEMBERS];
	struct strbuf *out = &reader->members;

	if (dep->type != JSON_OBJECT)
		return err_set(err, ERR_BAD, "\"deps\" holds something that is no object");
	find_members(dep, dep_rules, DEP_MEMBERS, members);
	int rc = check_members(members, dep_rules, DEP_MEMBERS, err);
	reader->inner.count = 0;
	if (!rc && members[DEP_FEATURES])
		rc = check_strings(members[DEP_FEATURES], "deps.features", err);
	if (!rc && members[DEP_FEATURES])
		rc = push_strings(&reader->inner, members[DEP_FEATURES], err);
	if (rc)
		return rc;

	const struct json_node *optional = members[DEP_OPTIONAL];
	const struct json_node *defaults = members[DEP_DEFAULT_FEATURES];
	add_node(out, members[DEP_NAME]);
	add_node(out, members[DEP_REQ]);
	if (members[DEP_KIND])
		add_node(out, members[DEP_KIND]);
	else
		strbuf_adds(out, "6:normal");
	strbuf_addc(out, optional && optional->type == JSON_TRUE ? 'o' : '-');
	strbuf_addc(out, !defaults || defaults->type == JSON_TRUE ? 'd' : '-');
	for (size_t i = 0; i < ARRAY_LEN(optional_texts); i++) {
		if (members[optional_texts[i]])
			add_node(out, members[optional_texts[i]]);
		strbuf_addc(out, ';');
	}
	add_sorted(out, &reader->inner);
	return 0;
}

static int digest_deps(struct line_reader *reader, const struct json_node *deps, uint64_t *ret, struct err *err)
{
	facet_begin(reader);
	json_for_each (dep, deps) {
		size_t begin = reader->members.len;
		int rc = write_dep(reader, dep, err);
		if (!rc)
			rc = facet_push(reader, begin, err);
		if (rc)
			return rc;
	}
	facet_sort(reader);
	return facet_digest(reader, ret, err);
}

/* Keys of the tables of features, owned. */
struct names {
	const struct json_node **items;
	size_t count;
};

static void names_release(struct names *names)
{
	free(names->items);
}

static int compare_names(const void *a, const void *b)
{
	const struct json_node *x = *(const struct json_node *const *)a;
	const struct json_node *y = *(const struct json_node *const *)b;
	return compare_texts(&(struct line_text){x->at, x->len}, &(struct line_text){y->at, y->len});
}

static int push_names(struct names *names, const struct json_node *table, const char *what, struct err *err)
{
	json_for_each (name, table) {
		if (json_value_of(name)->type != JSON_LIST)
			return err_set(err, ERR_BAD, "feature \"%.*s\" is no list",
				       (int)(name->len < 64 ? name->len : 64), name->at);
		int rc = check_strings(json_value_of(name), what, err);
		if (rc)
			return rc;
		names->items[names->count++] = name;
	}
	return 0;
}

/* Those of both tables, equal ones side by side. */
static int list_names(const struct json_node *first, const struct json_node *second, struct names *ret, struct err *err)
{
	size_t most = (first ? first->span : 0) + (second ? second->span : 0);

	ret->items = calloc(most + 1, sizeof(void *));
	if (!ret->items)
		return err_nomem(err);
	int rc = first ? push_names(ret, first, "features", err) : 0;
	size_t n_first = ret->count;
	if (!rc && second)
		rc = push_names(ret, second, "features2", err);
	if (n_first > 0 && ret->count > n_first)
		qsort(ret->items, ret->count, sizeof(void *), compare_names);
	return rc;
}

/* The feature names->items[i], its values from both tables together, as cargo merges them. */
static int write_feature(struct line_reader *reader, const struct names *names, size_t *i, struct err *err)
{
	const struct json_node *name = names->items[*i];
	size_t begin = reader->members.len;

	reader->inner.count = 0;
	do {
		int rc = push_strings(&reader->inner, json_value_of(names->items[*i]), err);
		if (rc)
			return rc;
		++*i;
	} while (*i < names->count && compare_names(&name, &names->items[*i]) == 0);
	add_node(&reader->members, name);
	add_sorted(&reader->members, &reader->inner);
	return facet_push(reader, begin, err);
}

static int digest_features(struct line_reader *reader, const struct json_node *first, const struct json_node *second,
			   uint64_t *ret, struct err *err)
{
	OWNED(names_release) struct names names = {0};

	int rc = list_names(first, second, &names, err);
	facet_begin(reader);
	for (size_t i = 0; i < names.count && !rc;)
		rc = write_feature(reader, &names, &i, err);
	if (rc)
		return rc;
	facet_sort(reader);
	return facet_digest(reader, ret, err);
}

static int digest_text(struct line_reader *reader, const struct json_node *text, uint64_t *ret, struct err *err)
{
	facet_begin(reader);
	if (text)
		add_node(&reader->facet, text);
	return facet_digest(reader, ret, err);
}

static int digest_facets(struct line_reader *reader, const struct json_node *const *members,
			 struct index_version *version, struct err *err)
{
	int rc = digest_deps(reader, members[LINE_DEPS], &version->facets[FACET_DEPS], err);
	if (!rc)
		rc = digest_features(reader, members[LINE_FEATURES], members[LINE_FEATURES2],
				     &version->facets[FACET_FEATURES], err);
	if (!rc)
		rc = digest_text(reader, members[LINE_LINKS], &version->facets[FACET_LINKS], err);
	if (!rc)
		rc = digest_text(reader, members[LINE_RUST_VERSION], &version->facets[FACET_RUST_VERSION], err);
	return rc;
}

/* ---- the line ---- */

static int read_format(const struct json_node *v, bool *ret_known, struct err *err)
{
	double format = v && v->type == JSON_NUMBER ? json_node_number(v) : 1;

	if (!(format >= 0 && format <= UINT32_MAX) || format != (double)(uint32_t)format)
		return err_set(err, ERR_BAD, "\"v\" is no format's number");
	*ret_known = format <= INDEX_FORMAT_MAX;
	return 0;
}

static bool is_crate(const struct json_node *name, const char *crate)
{
	return name->len == strlen(crate) && strncasecmp(name->at, crate, name->len) == 0;
}

static bool read_checksum(const struct json_node *text, unsigned char ret[static CHECKSUM_SIZE])
{
	char hex[2 * CHECKSUM_SIZE + 1] = "";

	if (text->len == sizeof hex - 1)
		memcpy(hex, text->at, text->len);
	return hex_decode(hex, CHECKSUM_SIZE, ret);
}

static int read_identity(const struct json_node *const *members, const char *crate, struct index_version *version,
			 struct err *err)
{
	const struct json_node *name = members[LINE_NAME];
	const struct json_node *vers = members[LINE_VERS];

	if (!is_crate(name, crate))
		return err_set(err, ERR_BAD, "about another crate, \"%.*s\"", (int)(name->len < 64 ? name->len : 64),
			       name->at);
	if (vers->len == 0 || vers->len >= VERSION_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "\"vers\" of %u bytes", vers->len);
	if (!read_checksum(members[LINE_CKSUM], version->checksum))
		return err_set(err, ERR_BAD, "\"cksum\" is no SHA-256 in hex");
	version->yanked = members[LINE_YANKED] && members[LINE_YANKED]->type == JSON_TRUE;
	version->vers = strndup(vers->at, vers->len);
	return version->vers ? 0 : err_nomem(err);
}

int index_line_parse(struct line_reader *reader, const char *line, size_t len, struct index_version *ret,
		     struct err *err)
{
	OWNED(index_version_release) struct index_version version = {.line = line, .line_len = len};
	const struct json_node *members[LINE_MEMBERS];
	bool known_format = true;

	int rc = json_scan(&reader->json, line, len, err);
	if (rc)
		return rc;
	if (reader->json.nodes->type != JSON_OBJECT)
		return err_set(err, ERR_BAD, "not an object");
	find_members(reader->json.nodes, line_rules, LINE_MEMBERS, members);
	make_room(&reader->members, len);
	make_room(&reader->facet, len);
	rc = read_format(members[LINE_V], &known_format, err);
	if (!rc)
		rc = check_members(members, line_rules, known_format ? LINE_MEMBERS : LINE_ANY_FORMAT, err);
	if (!rc)
		rc = read_identity(members, reader->crate, &version, err);
	if (!rc && known_format)
		rc = digest_facets(reader, members, &version, err);
	if (rc)
		return rc;
	*ret = version;
	version = (struct index_version){0};
	return 0;
}
