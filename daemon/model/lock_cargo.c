/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_cargo.c: Cargo.lock, as cargo's resolver/encode.rs reads it. Version 1 writes each dependency in full and the
 * checksums into [metadata]; later ones leave out of "name version (source)" what is not needed to tell it from others.
 */
#include "base/strbuf.h"
#include "base/text.h"
#include "base/toml.h"
#include "model/lock_readers.h"

#include <inttypes.h>
#include <string.h>

#define VERSION_MAX 4
#define SHOWN_MAX 160 /* bytes of a text in an error */

/* A package; texts are the tree's. */
struct entry {
	const struct toml_node *table;
	struct text_span name, version, source; /* .len 0: no source */
	struct text_span plain_source;          /* without "#REVISION", which dependencies may leave out */
	uint32_t package;
};

/* What a dependency says; .at NULL: left out. */
struct wanted {
	struct text_span name, version, plain_source;
};

struct cargo {
	const struct toml_node *root;
	const struct toml_node *metadata;
	struct lock_builder *builder;
	struct entry *entries; /* owned; n_entries */
	size_t n_entries;
	struct err *err;
};

static int refuse(struct cargo *cargo, const struct toml_node *node, const char *what)
{
	return err_set(cargo->err, ERR_BAD, "line %u: %s", toml_line(node), what);
}

/* ---- version ---- */

/* Without a number it is 1 or 2, and cargo tells them by the checksums too. */
static uint32_t old_version(const struct cargo *cargo)
{
	const struct toml_node *packages = toml_get(cargo->root, "package");

	for (size_t i = 0; i < toml_count(packages); i++)
		if (toml_get(toml_item(packages, i), "checksum"))
			return 2;
	return 1;
}

static int read_version(struct cargo *cargo, uint32_t *ret)
{
	const struct toml_node *node = toml_get(cargo->root, "version");
	int64_t version;

	if (!node) {
		*ret = old_version(cargo);
		return 0;
	}
	if (!toml_integer(node, &version))
		return refuse(cargo, node, "version is no number: is it a Cargo.lock?");
	if (version < 1 || version > VERSION_MAX)
		return err_set(cargo->err, ERR_BAD,
			       "line %u: version %" PRId64 " of Cargo.lock is not known, allowed: 1 to %d",
			       toml_line(node), version, VERSION_MAX);
	*ret = (uint32_t)version;
	return 0;
}

/* ---- packages ---- */

static struct text_span span_of(const char *text)
{
	return (struct text_span){text ? text : "", text ? strlen(text) : 0};
}

/* A text or nothing; anything else is told. */
static int read_text(struct cargo *cargo, const struct toml_node *table, const char *key, const char **ret)
{
	const struct toml_node *node = toml_get(table, key);

	*ret = toml_string(node);
	if (node && !*ret)
		return err_set(cargo->err, ERR_BAD, "line %u: %s is no text", toml_line(node), key);
	return 0;
}

/* Version 1: `"checksum NAME VERSION (SOURCE)" = "…"`. NULL: none. */
static int old_checksum(const struct cargo *cargo, const struct lock_new_package *new, const char **ret)
{
	OWNED_STRBUF struct strbuf key = {0};

	*ret = NULL;
	if (!cargo->metadata || !new->source)
		return 0;
	strbuf_addf(&key, "checksum %s %s (%s)", new->name, new->version, new->source);
	if (strbuf_failed(&key))
		return err_nomem(cargo->err);
	const char *checksum = toml_string(toml_get(cargo->metadata, strbuf_str(&key)));
	*ret = checksum && strcmp(checksum, "<none>") != 0 ? checksum : NULL;
	return 0;
}

static int read_package(struct cargo *cargo, const struct toml_node *table, struct lock_new_package *new)
{
	if (!toml_is_table(table))
		return refuse(cargo, table, "a package that is no table");
	int rc = read_text(cargo, table, "name", &new->name);
	if (!rc)
		rc = read_text(cargo, table, "version", &new->version);
	if (!rc)
		rc = read_text(cargo, table, "source", &new->source);
	if (!rc)
		rc = read_text(cargo, table, "checksum", &new->checksum);
	if (!rc && new->name &&new->version && !new->checksum)
		rc = old_checksum(cargo, new, &new->checksum);
	new->origin = lock_origin_of(new->source);
	return rc;
}

static int add_package(struct cargo *cargo, const struct toml_node *table)
{
	struct lock_new_package new = {0};
	struct entry *entry = &cargo->entries[cargo->n_entries];

	int rc = read_package(cargo, table, &new);
	if (rc)
		return rc;
	if (lock_builder_package(cargo->builder, &new, &entry->package, cargo->err))
		return err_prefix(cargo->err, "line %u", toml_line(table));
	entry->table = table;
	entry->name = span_of(new.name);
	entry->version = span_of(new.version);
	entry->source = span_of(new.source);
	entry->plain_source = (struct text_span){entry->source.at, strcspn(entry->source.at, "#")};
	cargo->n_entries++;
	return 0;
}

/* [root] is the one package of the workspace, in files of before 2017. */
static int add_packages(struct cargo *cargo)
{
	const struct toml_node *packages = toml_get(cargo->root, "package");
	const struct toml_node *root = toml_get(cargo->root, "root");
	size_t count = toml_count(packages);
	int rc = 0;

	if (toml_is_table(packages))
		return refuse(cargo, packages, "[package] is what a Cargo.toml has: give the Cargo.lock beside it");
	if (packages && !toml_is_list(packages))
		return refuse(cargo, packages, "package is no list: write [[package]]");
	cargo->entries = calloc(count + 1, sizeof *cargo->entries);
	if (!cargo->entries)
		return err_nomem(cargo->err);
	if (root)
		rc = add_package(cargo, root);
	for (size_t i = 0; i < count && !rc; i++)
		rc = add_package(cargo, toml_item(packages, i));
	return rc;
}

/* ---- which package a dependency means ---- */

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	const struct text_span parts[][2] = {
		{x->name, y->name},
		{x->version, y->version},
		{x->plain_source, y->plain_source},
		{x->source, y->source},
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		int order = text_span_compare(parts[i][0], parts[i][1]);
		if (order)
			return order;
	}
	return (x->package > y->package) - (x->package < y->package);
}

static int compare_wanted(const struct entry *entry, const struct wanted *wanted)
{
	int order = text_span_compare(entry->name, wanted->name);

	if (!order && wanted->version.at)
		order = text_span_compare(entry->version, wanted->version);
	if (!order && wanted->plain_source.at)
		order = text_span_compare(entry->plain_source, wanted->plain_source);
	return order;
}

static bool is_double(const struct entry *a, const struct entry *b)
{
	return text_span_same(a->name, b->name) && text_span_same(a->version, b->version) &&
	       text_span_same(a->source, b->source);
}

static int sort_entries(struct cargo *cargo)
{
	char shown[SHOWN_MAX];

	if (cargo->n_entries > 0)
		qsort(cargo->entries, cargo->n_entries, sizeof *cargo->entries, compare_entries);
	for (size_t i = 1; i < cargo->n_entries; i++) {
		const struct entry *entry = &cargo->entries[i];
		if (is_double(entry - 1, entry))
			return err_set(cargo->err, ERR_BAD, "line %u: the package \"%s\" stands in line %u already",
				       toml_line(entry->table), text_safe(entry->name.at, shown, sizeof shown),
				       toml_line(entry[-1].table));
	}
	return 0;
}

/* "name", "name version" or "name version (source)". */
static bool parse_dependency(const char *text, struct wanted *ret)
{
	*ret = (struct wanted){.name = {text, strcspn(text, " ")}};
	const char *at = text + ret->name.len;
	if (!*at)
		return true;
	ret->version = (struct text_span){at + 1, strcspn(at + 1, " ")};
	at = ret->version.at + ret->version.len;
	if (!*at)
		return true;
	if (strncmp(at, " (", 2) != 0 || at[strlen(at) - 1] != ')')
		return false;
	ret->plain_source = (struct text_span){at + 2, strcspn(at + 2, "#)")};
	return true;
}

/* The first one that `wanted` may mean, the others follow it; NULL: none. */
static const struct entry *find_entry(const struct cargo *cargo, const struct wanted *wanted)
{
	size_t from = 0;
	size_t to = cargo->n_entries;

	while (from < to) {
		size_t middle = (from + to) / 2;
		if (compare_wanted(&cargo->entries[middle], wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	const struct entry *found = &cargo->entries[from];
	return from < cargo->n_entries && compare_wanted(found, wanted) == 0 ? found : NULL;
}

/*
 * cargo itself writes what means one package only. Where the source is left out, the one without a source is meant
 * (it sorts first). What still is open after that may mean each: rather a finding too many than one that is missed.
 * What is not in the file is passed over, as cargo does: somebody has edited it, and the next build mends that.
 */
static int link_to(struct cargo *cargo, const struct entry *entry, const char *text)
{
	const struct entry *end = cargo->entries + cargo->n_entries;
	char shown[SHOWN_MAX];
	struct wanted wanted;

	if (!parse_dependency(text, &wanted))
		return err_set(cargo->err, ERR_BAD, "\"%s\" is no dependency, allowed: \"NAME VERSION (SOURCE)\"",
			       text_safe(text, shown, sizeof shown));
	const struct entry *found = find_entry(cargo, &wanted);
	if (!found)
		return 0;
	bool is_one = wanted.version.at && !wanted.plain_source.at && found->source.len == 0;
	int rc = 0;
	for (; found < end && compare_wanted(found, &wanted) == 0 && !rc; found = is_one ? end : found + 1)
		rc = lock_builder_edge(cargo->builder, entry->package, found->package, NULL, cargo->err);
	return rc;
}

static int link_text(struct cargo *cargo, const struct entry *entry, const struct toml_node *node)
{
	const char *text = toml_string(node);

	if (!text)
		return refuse(cargo, node, "a dependency that is no text");
	return link_to(cargo, entry, text) ? err_prefix(cargo->err, "line %u", toml_line(node)) : 0;
}

static int link_entry(struct cargo *cargo, const struct entry *entry)
{
	const struct toml_node *list = toml_get(entry->table, "dependencies");
	const struct toml_node *replace = toml_get(entry->table, "replace");
	int rc = 0;

	if (list && !toml_is_list(list))
		return refuse(cargo, list, "dependencies is no list");
	for (size_t i = 0; i < toml_count(list) && !rc; i++)
		rc = link_text(cargo, entry, toml_item(list, i));
	if (!rc && replace)
		rc = link_text(cargo, entry, replace);
	return rc;
}

/* ---- all of it ---- */

static int read_all(struct cargo *cargo, struct lock *ret)
{
	int rc = add_packages(cargo);
	if (!rc)
		rc = sort_entries(cargo);
	for (size_t i = 0; i < cargo->n_entries && !rc; i++)
		rc = link_entry(cargo, &cargo->entries[i]);
	return rc ? rc : lock_finish(cargo->builder, ret, cargo->err);
}

int lock_cargo_read(const char *text, size_t len, struct lock *ret, struct err *err)
{
	OWNED_TOML struct toml_doc *doc = NULL;
	OWNED(owned_lock_builder) struct lock_builder *builder = NULL;
	struct cargo cargo = {.err = err};
	uint32_t version = 0;

	int rc = toml_parse(text, len, &doc, err);
	if (rc)
		return rc;
	cargo.root = toml_root(doc);
	cargo.metadata = toml_get(cargo.root, "metadata");
	rc = read_version(&cargo, &version);
	if (rc)
		return rc;
	builder = lock_builder_new(LOCK_CARGO, version);
	if (!builder)
		return err_nomem(err);
	cargo.builder = builder;
	rc = read_all(&cargo, ret);
	free(cargo.entries);
	return rc;
}
