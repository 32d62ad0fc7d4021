/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_line.c: the line becomes a list of nodes, a table of rows checks its
 * members, and each facet is written out in one canonical order and hashed.
 */
#include "model/index_line.h"

#include "base/numbers.h"

#include <string.h>
#include <strings.h>

#define TEXT_ABSENT SIZE_MAX /* instead of a length */
#define TEXT_UNKNOWN (SIZE_MAX - 1)
#define READER_KEPT_MAX (512 << 10) /* bytes of working memory; a line of crates.io needs a tenth */

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

void index_version_release(struct index_version *version)
{
	free(version->vers);
	*version = (struct index_version){0};
}

void line_reader_release(struct line_reader *reader)
{
	json_scan_release(&reader->json);
	canonical_release(&reader->canonical);
	member_memo_release(&reader->deps);
	member_memo_release(&reader->features);
	member_memo_release(&reader->next);
	*reader = (struct line_reader){0};
}

void line_reader_begin(struct line_reader *reader, const char *crate)
{
	reader->crate = crate;
	reader->has_last = false;
	reader->deps.count = 0;
	reader->features.count = 0;
}

void line_reader_end(struct line_reader *reader)
{
	const struct index_keys *keys = reader->keys;

	if (reader->json.cap * sizeof *reader->json.nodes + reader->canonical.written.cap > READER_KEPT_MAX) {
		line_reader_release(reader);
		reader->keys = keys;
	}
	line_reader_begin(reader, NULL);
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

#define KEY(text) (text), sizeof(text) - 1

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
		return value->type == JSON_LIST || value->type == JSON_KNOWN;
	case MEMBER_OBJECT:
		return value->type == JSON_OBJECT || value->type == JSON_KNOWN;
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
		if (key->len == rules[row].key_len && bytes_same(key->at, rules[row].key, key->len))
			return row;
	}
	return n;
}

/* Stands for a member that is not there, or is a null that may be: nothing, and nothing in it. */
static const struct json_node absent = {.at = "", .span = 1, .type = JSON_NULL};

/* The values of the members that the rows name, at the rows' places. What is no object has none. */
static void find_members(const struct json_node *object, const struct member_rule *rules, size_t n,
			 const struct json_node **ret)
{
	size_t likely = 0;

	for (size_t i = 0; i < n; i++)
		ret[i] = &absent;
	if (object->type != JSON_OBJECT)
		return;
	json_for_each (key, object) {
		size_t row = find_rule(key, rules, n, likely);
		if (row == n)
			continue;
		ret[row] = json_value_of(key);
		likely = row + 1;
	}
}

static int check_members(const struct json_node **members, const struct member_rule *rules, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (members[i]->type == JSON_NULL && rules[i].null_allowed)
			members[i] = &absent;
		if (members[i] == &absent && rules[i].required)
			return err_set(err, ERR_BAD, "no \"%s\"", rules[i].key);
		if (members[i] != &absent && !has_type(members[i], rules[i].type))
			return err_set(err, ERR_BAD, "\"%s\" has the wrong type", rules[i].key);
	}
	return 0;
}

/* ---- facets ---- */

/* How many bytes of a text stand in an error. */
static int shown(const struct json_node *text)
{
	return text->len < 64 ? (int)text->len : 64;
}

static bool is_true(const struct json_node *value, bool otherwise)
{
	return value == &absent ? otherwise : value->type == JSON_TRUE;
}

static int check_strings(const struct json_node *list, const char *what, struct err *err)
{
	json_for_each (item, list)
		if (item->type != JSON_STRING)
			return err_set(err, ERR_BAD, "%s: not a list of strings", what);
	return 0;
}

static int write_dep(struct canonical *out, const struct json_node *dep, struct err *err)
{
	static const enum dep_member optional_texts[] = {DEP_TARGET, DEP_REGISTRY, DEP_PACKAGE};
	const struct json_node *members[DEP_MEMBERS];

	if (dep->type != JSON_OBJECT)
		return err_set(err, ERR_BAD, "\"deps\" holds something that is no object");
	find_members(dep, dep_rules, DEP_MEMBERS, members);
	int rc = check_members(members, dep_rules, DEP_MEMBERS, err);
	if (!rc)
		rc = check_strings(members[DEP_FEATURES], "deps.features", err);
	if (!rc)
		rc = canonical_take_list(out, members[DEP_FEATURES], err);
	if (rc)
		return rc;

	canonical_add(out, members[DEP_NAME]);
	canonical_add(out, members[DEP_REQ]);
	if (members[DEP_KIND] != &absent)
		canonical_add(out, members[DEP_KIND]);
	else
		strbuf_adds(&out->written, "6:normal");
	strbuf_addc(&out->written, is_true(members[DEP_OPTIONAL], false) ? 'o' : '-');
	strbuf_addc(&out->written, is_true(members[DEP_DEFAULT_FEATURES], true) ? 'd' : '-');
	for (size_t i = 0; i < ARRAY_LEN(optional_texts); i++) {
		if (members[optional_texts[i]] != &absent)
			canonical_add(out, members[optional_texts[i]]);
		strbuf_addc(&out->written, ';');
	}
	canonical_add_lists(out);
	return 0;
}

/* What was read is the last one now; the memory of the one before serves the next. */
static void turn_memo(struct line_reader *reader, struct member_memo *memo)
{
	struct member_memo before = *memo;

	*memo = reader->next;
	reader->next = before;
	memo->written = reader->canonical.written;
	reader->canonical.written = before.written;
	reader->next.written = (struct strbuf){0};
}

/* A member that was written ends, which this is the text of; .at NULL: it is not to be known again. */
static int end_member(struct line_reader *reader, struct text_span text, struct err *err)
{
	struct canonical *canonical = &reader->canonical;
	struct member_place place = {canonical->began, canonical->written.len - canonical->began};

	int rc = canonical_end_member(canonical, err);
	return rc || !text.at ? rc : member_memo_add(&reader->next, text, place, err);
}

static int add_dep(struct line_reader *reader, const struct json_node *dep, size_t *at, struct err *err)
{
	struct canonical *canonical = &reader->canonical;
	int rc = 0;

	canonical_begin_member(canonical);
	if (dep->type == JSON_KNOWN) {
		struct member_found found = member_memo_find(&reader->deps, dep->at, at);
		canonical_add_written(canonical, found.written.at, found.written.len);
	} else {
		rc = write_dep(canonical, dep, err);
	}
	return rc ? rc : end_member(reader, json_text_of(dep), err);
}

static int digest_deps(struct line_reader *reader, const struct json_node *deps, uint64_t *ret, struct err *err)
{
	size_t at = 0;

	canonical_begin(&reader->canonical);
	reader->next.count = 0;
	json_for_each (dep, deps) {
		int rc = add_dep(reader, dep, &at, err);
		if (rc)
			return rc;
	}
	int rc = canonical_digest(&reader->canonical, reader->keys->facet, ret, err);
	if (!rc)
		turn_memo(reader, &reader->deps);
	return rc;
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
	return text_span_compare(json_text_of(*(const struct json_node *const *)a),
				 json_text_of(*(const struct json_node *const *)b));
}

static int push_names(struct names *names, const struct json_node *table, const char *what, struct err *err)
{
	json_for_each (name, table) {
		names->items[names->count++] = name;
		if (name->type == JSON_KNOWN)
			continue;
		if (json_value_of(name)->type != JSON_LIST)
			return err_set(err, ERR_BAD, "feature \"%.*s\" is no list", shown(name), name->at);
		int rc = check_strings(json_value_of(name), what, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* Those of both tables, equal ones side by side. */
static int list_names(const struct json_node *first, const struct json_node *second, struct names *ret, struct err *err)
{
	ret->items = calloc((size_t)first->span + second->span, sizeof(void *));
	if (!ret->items)
		return err_nomem(err);
	int rc = push_names(ret, first, "features", err);
	size_t n_first = ret->count;
	if (!rc)
		rc = push_names(ret, second, "features2", err);
	if (n_first > 0 && ret->count > n_first)
		qsort(ret->items, ret->count, sizeof(void *), compare_names);
	return rc;
}

/* The feature names->items[*i], its values from both tables together, as cargo merges them. */
static int write_feature(struct canonical *out, const struct names *names, size_t *i, struct err *err)
{
	const struct json_node *name = names->items[*i];

	do {
		int rc = canonical_take_list(out, json_value_of(names->items[*i]), err);
		if (rc)
			return rc;
		++*i;
	} while (*i < names->count && text_span_same(json_text_of(name), json_text_of(names->items[*i])));
	canonical_add(out, name);
	canonical_add_lists(out);
	return 0;
}

/* A string that was written with escapes stands elsewhere, and only as long as the line is read. */
static bool is_of_line(const struct line_reader *reader, const struct json_node *string)
{
	const struct json_node *line = reader->json.nodes;
	return string->at >= line->at && string->at < line->at + line->len;
}

/* From the quote before the name to the end of its list: how the scan may know it again. */
static struct text_span text_of_feature(const struct line_reader *reader, const struct json_node *name)
{
	const struct json_node *list = json_value_of(name);

	if (!is_of_line(reader, name))
		return (struct text_span){0};
	return (struct text_span){name->at - 1, (size_t)(list->at + list->len - (name->at - 1))};
}

static int add_feature(struct line_reader *reader, const struct names *names, size_t *i, size_t *at, struct err *err)
{
	struct canonical *canonical = &reader->canonical;
	const struct json_node *name = names->items[*i];

	canonical_begin_member(canonical);
	if (name->type == JSON_KNOWN) {
		struct member_found found = member_memo_find(&reader->features, name->at - 1, at);
		canonical_add_written(canonical, found.written.at, found.written.len);
		++*i;
		return end_member(reader, found.text, err);
	}
	int rc = write_feature(canonical, names, i, err);
	return rc ? rc : end_member(reader, text_of_feature(reader, name), err);
}

static bool has_members(const struct json_node *table)
{
	return table->type == JSON_OBJECT && table->span > 1;
}

/* Of two tables together nothing is known again: what a name stands for is spread over both. */
static void remember_features(struct line_reader *reader, const struct json_node *first, const struct json_node *second)
{
	turn_memo(reader, &reader->features);
	reader->in_features2 = has_members(second);
	if (has_members(first) && has_members(second))
		reader->features.count = 0;
}

static int digest_features(struct line_reader *reader, const struct json_node *first, const struct json_node *second,
			   uint64_t *ret, struct err *err)
{
	OWNED(names_release) struct names names = {0};
	size_t at = 0;

	int rc = list_names(first, second, &names, err);
	canonical_begin(&reader->canonical);
	reader->next.count = 0;
	for (size_t i = 0; i < names.count && !rc;)
		rc = add_feature(reader, &names, &i, &at, err);
	if (!rc)
		rc = canonical_digest(&reader->canonical, reader->keys->facet, ret, err);
	if (!rc)
		remember_features(reader, first, second);
	return rc;
}

/* ---- what a line has in common with the last one ---- */

static const enum line_member repeat_members[LINE_REPEATS] = {
	[REPEAT_DEPS] = LINE_DEPS,
	[REPEAT_FEATURES] = LINE_FEATURES,
	[REPEAT_FEATURES2] = LINE_FEATURES2,
};

static bool is_repeated(const struct line_reader *reader, const struct json_node *const *members,
			enum line_repeat repeat)
{
	const struct json_node *value = members[repeat_members[repeat]];
	return value->type == JSON_KNOWN || (reader->has_last && value == &absent && !reader->last[repeat].value.at);
}

static bool has_same_features(const struct line_reader *reader, const struct json_node *const *members)
{
	return is_repeated(reader, members, REPEAT_FEATURES) && is_repeated(reader, members, REPEAT_FEATURES2);
}

static bool has_known(const struct json_node *table)
{
	if (table->type == JSON_KNOWN)
		return true;
	json_for_each (name, table)
		if (name->type == JSON_KNOWN)
			return true;
	return false;
}

/* Both tables are digested together: where one was skipped, or some of it, and the other was not, both are read. */
static bool lacks_features(const struct line_reader *reader, const struct json_node *const *members)
{
	const struct json_node *first = members[LINE_FEATURES];
	const struct json_node *second = members[LINE_FEATURES2];

	if (has_same_features(reader, members))
		return false;
	if (first->type == JSON_KNOWN || second->type == JSON_KNOWN)
		return true;
	return has_members(first) && has_members(second) && (has_known(first) || has_known(second));
}

static struct text_span text_of_member(const struct json_node *text)
{
	return text->type == JSON_STRING ? json_text_of(text) : (struct text_span){NULL, TEXT_ABSENT};
}

/* One that was written with escapes does not last until the next line: that is compared with none. */
static struct text_span lasting_text(const struct line_reader *reader, const struct json_node *text)
{
	bool lasts = text->type != JSON_STRING || is_of_line(reader, text);
	return lasts ? text_of_member(text) : (struct text_span){NULL, TEXT_UNKNOWN};
}

static void remember(struct line_reader *reader, const struct json_node *const *members,
		     const struct index_version *version)
{
	for (size_t i = 0; i < LINE_REPEATS; i++) {
		const struct member_rule *rule = &line_rules[repeat_members[i]];
		const struct json_node *value = members[repeat_members[i]];
		reader->last[i].key = (struct text_span){rule->key, rule->key_len};
		reader->last[i].value = (struct text_span){value == &absent ? NULL : value->at, value->len};
	}
	reader->last_links = lasting_text(reader, members[LINE_LINKS]);
	reader->last_rust_version = lasting_text(reader, members[LINE_RUST_VERSION]);
	memcpy(reader->last_facets, version->facets, sizeof version->facets);
	reader->has_last = true;
}

static int digest_text(struct line_reader *reader, const struct json_node *text, const struct text_span *last,
		       uint64_t *ret, struct err *err)
{
	struct text_span now = text_of_member(text);

	if (reader->has_last && now.len == last->len && (!now.at || bytes_same(now.at, last->at, now.len)))
		return 0;
	return canonical_digest_text(&reader->canonical, text, reader->keys->facet, ret, err);
}

static int digest_facets(struct line_reader *reader, const struct json_node *const *members,
			 struct index_version *version, struct err *err)
{
	uint64_t *facets = version->facets;
	int rc = 0;

	canonical_reserve(&reader->canonical, version->line_len);
	memcpy(facets, reader->last_facets, sizeof version->facets);
	if (!is_repeated(reader, members, REPEAT_DEPS))
		rc = digest_deps(reader, members[LINE_DEPS], &facets[FACET_DEPS], err);
	if (!rc && !has_same_features(reader, members))
		rc = digest_features(reader, members[LINE_FEATURES], members[LINE_FEATURES2], &facets[FACET_FEATURES],
				     err);
	if (!rc)
		rc = digest_text(reader, members[LINE_LINKS], &reader->last_links, &facets[FACET_LINKS], err);
	if (!rc)
		rc = digest_text(reader, members[LINE_RUST_VERSION], &reader->last_rust_version,
				 &facets[FACET_RUST_VERSION], err);
	if (!rc)
		remember(reader, members, version);
	return rc;
}

/* ---- the line ---- */

static int read_format(const struct json_node *v, bool *ret_known, struct err *err)
{
	double format = v->type == JSON_NUMBER ? json_node_number(v) : 1;

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
		return err_set(err, ERR_BAD, "about another crate, \"%.*s\"", shown(name), name->at);
	if (vers->len == 0 || vers->len >= VERSION_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "\"vers\" of %u bytes", vers->len);
	if (!read_checksum(members[LINE_CKSUM], version->checksum))
		return err_set(err, ERR_BAD, "\"cksum\" is no SHA-256 in hex");
	version->yanked = is_true(members[LINE_YANKED], false);
	version->vers = strndup(vers->at, vers->len);
	return version->vers ? 0 : err_nomem(err);
}

static void know_members(struct json_known *known, const struct member_memo *memo, bool are_of_it)
{
	known->items = memo->texts;
	known->n_items = are_of_it ? memo->count : 0;
}

static int read_members(struct line_reader *reader, const struct index_version *version, size_t n_known,
			const struct json_node **members, bool *ret_known_format, struct err *err)
{
	know_members(&reader->last[REPEAT_DEPS], &reader->deps, true);
	know_members(&reader->last[REPEAT_FEATURES], &reader->features, !reader->in_features2);
	know_members(&reader->last[REPEAT_FEATURES2], &reader->features, reader->in_features2);
	int rc = json_scan_after(&reader->json, version->line, version->line_len, reader->last,
				 reader->has_last ? n_known : 0, err);
	if (rc)
		return rc;
	find_members(reader->json.nodes, line_rules, LINE_MEMBERS, members);
	if (reader->json.nodes->type != JSON_OBJECT)
		return err_set(err, ERR_BAD, "not an object");
	rc = read_format(members[LINE_V], ret_known_format, err);
	return rc ? rc : check_members(members, line_rules, *ret_known_format ? LINE_MEMBERS : LINE_ANY_FORMAT, err);
}

int index_line_parse(struct line_reader *reader, const char *line, size_t len, struct index_version *ret,
		     struct err *err)
{
	OWNED(index_version_release) struct index_version version = {.line = line, .line_len = len};
	const struct json_node *members[LINE_MEMBERS];
	bool known_format = true;

	int rc = read_members(reader, &version, LINE_REPEATS, members, &known_format, err);
	if (!rc && lacks_features(reader, members))
		rc = read_members(reader, &version, REPEAT_FEATURES, members, &known_format, err);
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
