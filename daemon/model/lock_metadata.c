/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock_metadata.c: the output of `cargo metadata --format-version 1`. It alone says what each package demands of its
 * dependencies, so that nothing has to be assumed of the workspace's own.
 */
#include "base/text.h"
#include "model/lock_readers.h"
#include "model/requirement.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 160 /* bytes of a text in an error */

/* A package; texts are the scan's, and are looked up once, however many depend on it. */
struct entry {
	const struct json_node *table;
	struct text_span name, version;
	bool is_linked; /* its node was met */
};

struct metadata {
	const struct json_node *root;
	struct lock_builder *builder;
	struct lock_ids members; /* of the workspace, by id; no package */
	struct lock_ids ids;     /* packages by id */
	struct entry *entries;   /* owned; of each package */
	size_t n_tried;          /* demands that were held against a package */
	struct err *err;
};

static int refuse_id(struct err *err, struct text_span id, const char *what)
{
	char text[SHOWN_MAX];
	char shown[SHOWN_MAX];

	(void)snprintf(text, sizeof text, "%.*s", (int)(id.len < sizeof text ? id.len : sizeof text - 1), id.at);
	return err_set(err, ERR_BAD, "\"%s\" %s", text_safe(text, shown, sizeof shown), what);
}

static bool has(const struct lock_ids *ids, struct text_span id)
{
	size_t n;
	(void)lock_ids_find(ids, id, &n);
	return n > 0;
}

/* ---- packages ---- */

static int read_members(struct metadata *metadata)
{
	const struct json_node *list = lock_json_typed(metadata->root, "workspace_members", JSON_LIST);
	int rc = 0;

	if (!list)
		return err_set(metadata->err, ERR_BAD, "workspace_members is no list");
	json_for_each (id, list)
		if (id->type == JSON_STRING && !rc)
			rc = lock_ids_add(&metadata->members, json_text_of(id), 0, metadata->err);
	lock_ids_sort(&metadata->members);
	return rc;
}

static int add_package(struct metadata *metadata, const struct json_node *package)
{
	OWNED(lock_texts_release) struct lock_texts texts = {0};
	struct text_span id = lock_json_text(package, "id");
	uint32_t index;

	struct lock_new_package new = {
		.name = lock_texts_add(&texts, lock_json_text(package, "name")),
		.version = lock_texts_add(&texts, lock_json_text(package, "version")),
		.source = lock_texts_add(&texts, lock_json_text(package, "source")),
	};
	if (texts.failed)
		return err_nomem(metadata->err);
	if (!id.at)
		return err_set(metadata->err, ERR_BAD, "a package without an id");
	new.origin = lock_origin_of(new.source);
	if (new.origin == LOCK_MEMBER && !has(&metadata->members, id))
		new.origin = LOCK_PATH;
	int rc = lock_builder_package(metadata->builder, &new, &index, metadata->err);
	if (rc)
		return rc;
	metadata->entries[index] = (struct entry){
		.table = package,
		.name = lock_json_text(package, "name"),
		.version = lock_json_text(package, "version"),
	};
	return lock_ids_add(&metadata->ids, id, index, metadata->err);
}

static int add_packages(struct metadata *metadata)
{
	const struct json_node *list = lock_json_typed(metadata->root, "packages", JSON_LIST);
	int rc = 0;

	if (!list)
		return err_set(metadata->err, ERR_BAD, "packages is no list");
	metadata->entries = calloc(list->span, sizeof *metadata->entries);
	if (!metadata->entries)
		return err_nomem(metadata->err);
	json_for_each (package, list)
		if (!rc)
			rc = add_package(metadata, package);
	if (rc)
		return rc;
	lock_ids_sort(&metadata->ids);
	for (size_t i = 1; i < metadata->ids.n; i++)
		if (text_span_same(metadata->ids.items[i - 1].text, metadata->ids.items[i].text))
			return refuse_id(metadata->err, metadata->ids.items[i].text, "stands in it twice");
	return 0;
}

/* ---- who depends on whom, and how ---- */

/* What one package's manifest demands, by the name of the crate. */
struct demands {
	struct text_span *items; /* owned; requirements, .at NULL: none; `package` of an id indexes it */
	struct lock_ids by_name;
};

static void demands_release(struct demands *demands)
{
	free(demands->items);
	lock_ids_release(&demands->by_name);
}

static int add_demand(struct demands *demands, uint32_t n, struct text_span name, const struct json_node *item,
		      struct err *err)
{
	demands->items[n] = lock_json_text(item, "req");
	if (demands->items[n].len > LOCK_REQUIREMENT_MAX)
		return err_set(err, ERR_LIMIT, "a requirement that is longer than %d bytes", LOCK_REQUIREMENT_MAX);
	return lock_ids_add(&demands->by_name, name, n, err);
}

/* dev-dependencies count where they are resolved: in the workspace. */
static int read_demands(const struct json_node *package, bool is_member, struct demands *ret, struct err *err)
{
	const struct json_node *list = lock_json_typed(package, "dependencies", JSON_LIST);
	uint32_t n = 0;
	int rc = 0;

	if (!list)
		return 0;
	ret->items = calloc(list->span, sizeof *ret->items);
	if (!ret->items)
		return err_nomem(err);
	json_for_each (item, list) {
		struct text_span name = lock_json_text(item, "name");
		if (!name.at || (!is_member && lock_json_is(item, "kind", "dev")))
			continue;
		rc = add_demand(ret, n++, name, item, err);
		if (rc)
			return rc;
	}
	lock_ids_sort(&ret->by_name);
	return 0;
}

/* Does the requirement allow that package? Asked where a package depends on several of one name. */
static bool allows(const char *requirement, struct text_span text)
{
	struct requirement parsed;
	struct semver version;
	struct err err;

	OWNED_MEM char *copy = strndup(text.at, text.len);
	return copy && !semver_parse(copy, &version, &err) && !requirement_parse(requirement, &parsed, &err) &&
	       requirement_matches(&parsed, &version);
}

static int add_edge(struct metadata *metadata, struct text_span text, uint32_t from, uint32_t to, bool *added)
{
	if (metadata->n_tried++ == LOCK_EDGES_MAX)
		return err_set(metadata->err, ERR_LIMIT, "more than %d dependencies", LOCK_EDGES_MAX);
	OWNED_MEM char *requirement = text.at ? strndup(text.at, text.len) : strdup("");
	if (!requirement)
		return err_nomem(metadata->err);
	if (!allows(requirement, metadata->entries[to].version))
		return 0;
	*added = true;
	return lock_builder_edge(metadata->builder, from, to, requirement, metadata->err);
}

/* A patch may stand in for a version that no requirement names; then the edge has none. */
static int link_packages(struct metadata *metadata, const struct demands *demands, uint32_t from, uint32_t to)
{
	bool added = false;
	size_t n;
	int rc = 0;

	const struct lock_id *found = lock_ids_find(&demands->by_name, metadata->entries[to].name, &n);
	for (size_t i = 0; i < n && !rc; i++)
		rc = add_edge(metadata, demands->items[found[i].package], from, to, &added);
	return rc || added ? rc : lock_builder_edge(metadata->builder, from, to, NULL, metadata->err);
}

static int find_package(const struct metadata *metadata, struct text_span id, uint32_t *ret)
{
	size_t n;
	const struct lock_id *found = lock_ids_find(&metadata->ids, id, &n);

	if (!id.at)
		return err_set(metadata->err, ERR_BAD, "resolve has a node or a dependency without an id");
	if (n == 0)
		return refuse_id(metadata->err, id, "stands in resolve, but is none of the packages");
	*ret = found->package;
	return 0;
}

static int link_node(struct metadata *metadata, const struct json_node *node)
{
	const struct json_node *list = lock_json_typed(node, "dependencies", JSON_LIST);
	OWNED(demands_release) struct demands demands = {0};
	struct text_span node_id = lock_json_text(node, "id");
	uint32_t from = 0;
	uint32_t to = 0;

	int rc = find_package(metadata, node_id, &from);
	if (rc)
		return rc;
	if (!list)
		return err_set(metadata->err, ERR_BAD, "resolve has a node without dependencies");
	if (metadata->entries[from].is_linked)
		return refuse_id(metadata->err, node_id, "stands in resolve twice");
	metadata->entries[from].is_linked = true;
	rc = read_demands(metadata->entries[from].table, has(&metadata->members, node_id), &demands, metadata->err);
	if (rc)
		return rc;
	json_for_each (id, list) {
		struct text_span text = id->type == JSON_STRING ? json_text_of(id) : (struct text_span){0};
		rc = find_package(metadata, text, &to);
		if (!rc)
			rc = link_packages(metadata, &demands, from, to);
		if (rc)
			return rc;
	}
	return 0;
}

static int link_all(struct metadata *metadata)
{
	const struct json_node *nodes = lock_json_typed(lock_json_get(metadata->root, "resolve"), "nodes", JSON_LIST);
	int rc = 0;

	if (!lock_json_get(metadata->root, "resolve"))
		return err_set(metadata->err, ERR_BAD,
			       "has no \"resolve\": run `cargo metadata --format-version 1` without --no-deps");
	if (!nodes)
		return err_set(metadata->err, ERR_BAD, "resolve has no list of nodes");
	json_for_each (node, nodes)
		if (!rc)
			rc = link_node(metadata, node);
	return rc;
}

/* ---- all of it ---- */

static int read_all(struct metadata *metadata, struct lock *ret)
{
	int rc = read_members(metadata);
	if (!rc)
		rc = add_packages(metadata);
	if (!rc)
		rc = link_all(metadata);
	return rc ? rc : lock_builder_finish(metadata->builder, ret, metadata->err);
}

int lock_metadata_read(const struct json_node *root, struct lock *ret, struct err *err)
{
	const struct json_node *version = lock_json_get(root, "version");
	OWNED(owned_lock_builder) struct lock_builder *builder = NULL;
	struct metadata metadata = {.root = root, .err = err};

	if (version && (version->type != JSON_NUMBER || json_node_number(version) != 1))
		return err_set(err, ERR_BAD, "is another format of `cargo metadata`, allowed: --format-version 1");
	builder = lock_builder_new(LOCK_METADATA, 0);
	if (!builder)
		return err_nomem(err);
	metadata.builder = builder;
	int rc = read_all(&metadata, ret);
	lock_ids_release(&metadata.members);
	lock_ids_release(&metadata.ids);
	free(metadata.entries);
	return rc;
}
