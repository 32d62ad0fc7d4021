/* SPDX-License-Identifier: Apache-2.0 */
/* line_facets.c: see line_facets.h. */
#include "model/line_facets.h"

#include <string.h>

#define TEXT_ABSENT SIZE_MAX /* instead of a length */
#define TEXT_UNKNOWN (SIZE_MAX - 1)

/* ---- dependencies ---- */

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
	members_find(dep, dep_rules, DEP_MEMBERS, members);
	int rc = members_check(members, dep_rules, DEP_MEMBERS, err);
	if (!rc)
		rc = check_strings(members[DEP_FEATURES], "deps.features", err);
	if (!rc)
		rc = canonical_take_list(out, members[DEP_FEATURES], err);
	if (rc)
		return rc;

	canonical_add(out, members[DEP_NAME]);
	canonical_add(out, members[DEP_REQ]);
	if (members[DEP_KIND] != &member_absent)
		canonical_add(out, members[DEP_KIND]);
	else
		strbuf_adds(&out->written, "6:normal");
	strbuf_addc(&out->written, member_is_true(members[DEP_OPTIONAL], false) ? 'o' : '-');
	strbuf_addc(&out->written, member_is_true(members[DEP_DEFAULT_FEATURES], true) ? 'd' : '-');
	for (size_t i = 0; i < ARRAY_LEN(optional_texts); i++) {
		if (members[optional_texts[i]] != &member_absent)
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

/* ---- features ---- */

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
			return err_set(err, ERR_BAD, "feature \"%.*s\" is no list", member_shown(name), name->at);
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
	return value->type == JSON_KNOWN ||
	       (reader->has_last && value == &member_absent && !reader->last[repeat].value.at);
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

bool line_lacks_features(const struct line_reader *reader, const struct json_node *const *members)
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
		reader->last[i].value = (struct text_span){value == &member_absent ? NULL : value->at, value->len};
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

int line_digest_facets(struct line_reader *reader, const struct json_node *const *members,
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

static void know_members(struct json_known *known, const struct member_memo *memo, bool are_of_it)
{
	known->items = memo->texts;
	known->n_items = are_of_it ? memo->count : 0;
}

void line_facets_know(struct line_reader *reader)
{
	know_members(&reader->last[REPEAT_DEPS], &reader->deps, true);
	know_members(&reader->last[REPEAT_FEATURES], &reader->features, !reader->in_features2);
	know_members(&reader->last[REPEAT_FEATURES2], &reader->features, reader->in_features2);
}
