/* SPDX-License-Identifier: Apache-2.0 */
/* cargo_config.c: see cargo_config.h: which registries cargo knows, and what they mirror. */
#include "config/cargo_config.h"

#include "config/value.h"
#include "model/lock_sources.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CRATES_IO "crates-io" /* as cargo's configuration calls it */
#define MIRRORED_CRATES_IO "crates.io"
#define SPARSE "sparse+"
#define GIT "registry+"
#define REPLACED_MAX 64 /* sources one after the other */

struct reading {
	const struct build *build;
	struct cargo_config *cargo;
	struct node *named; /* what is made */
};

void cargo_config_release(struct cargo_config *cargo)
{
	toml_free(cargo->doc);
	cargo->doc = NULL;
}

struct toml_doc *cargo_config_parse(const struct build *build, const char *path, unsigned forbidden)
{
	struct place place = {.file = path};
	struct toml_doc *doc = NULL;
	struct file_bytes bytes;
	struct err err;
	int behind = 0;

	int rc = file_read(path, forbidden, CARGO_CONFIG_MAX, build->scratch, &bytes, &err);
	if (!rc)
		rc = toml_parse(bytes.text, bytes.len, &doc, &err);
	if (!rc)
		return doc;
	/* The line stands with the file, as in other faults. */
	if (sscanf(err.text, "line %u: %n", &place.line, &behind) < 1)
		behind = 0;
	fault_add(build->faults, place, "%s", err.text + behind);
	return NULL;
}

/* ---- nodes ---- */

/* NULL: out of memory, which the pool has noted. */
static struct node *add_node(struct reading *reading, struct node *parent, enum node_kind kind, const char *key,
			     const char *text, unsigned line)
{
	struct pool *pool = reading->build->scratch;
	struct node *node = pool_alloc(pool, 1, sizeof *node);

	if (!node)
		return NULL;
	*node = (struct node){.kind = kind, .line = line, .file = reading->cargo->path};
	node->key = key ? pool_strdup(pool, key) : NULL;
	node->text = text ? pool_strdup(pool, text) : NULL;
	if (pool->failed)
		return NULL;
	node_append(parent, node);
	return node;
}

/* The entries are copied, so that the tree stays as it was read; what is in them knows its place by the old ones. */
static struct node *copy_own(const struct reading *reading, const struct node *key)
{
	const struct node *own = reading->cargo->own;
	struct pool *pool = reading->build->scratch;

	struct node *named = pool_alloc(pool, 1, sizeof *named);
	if (!named)
		return NULL;
	*named = (struct node){.kind = NODE_MAPPING, .line = key->line, .key = "registries", .parent = key->parent};
	for (const struct node *entry = own ? own->first : NULL; entry; entry = entry->next) {
		struct node *copy = pool_alloc(pool, 1, sizeof *copy);
		if (!copy)
			return NULL;
		*copy = *entry;
		copy->next = NULL;
		node_append(named, copy);
	}
	return named;
}

/* Where a remark is: "source.NAME.replace-with". */
static struct place place_of(const struct reading *reading, const char *section, const char *name, const char *key,
			     const struct toml_node *value)
{
	OWNED_STRBUF struct strbuf path = {0};

	strbuf_addf(&path, "%s.%s.%s", section, name, key);
	return (struct place){
		.line = toml_line(value),
		.file = reading->cargo->path,
		.key = pool_strdup(reading->build->scratch, strbuf_str(&path)),
		.value = toml_string(value),
	};
}

/* ---- registries ---- */

/* The entry whose index is that one. */
static struct node *find_same(const struct reading *reading, const char *index)
{
	OWNED_MEM char *url = lock_source_url(index);

	for (struct node *entry = reading->named->first; entry && url; entry = entry->next) {
		const struct node *other = node_get(entry, "index");
		OWNED_MEM char *other_url = other && other->text ? lock_source_url(other->text) : NULL;
		if (other_url && strcmp(url, other_url) == 0)
			return entry;
	}
	return NULL;
}

static bool is_crates_io(const char *index)
{
	OWNED_MEM char *url = lock_source_url(index);
	return url && strcmp(url, LOCK_CRATES_IO) == 0;
}

/* Why it can be none, told; an index that is no good is told by the row of `index`. */
static bool is_refused(const struct reading *reading, struct place place, const char *name)
{
	struct faults *remarks = reading->build->remarks;

	if (strncmp(place.value, SPARSE, strlen(SPARSE)) != 0)
		fault_add(remarks, place, "is a git index and is not polled, allowed: " SPARSE "https://HOST/");
	else if (is_crates_io(place.value))
		fault_add(remarks, place, "is not polled for cargo's sake: name it in `registries`, with a contact");
	else if (check_name(name))
		fault_add(remarks, place, "is not polled: its name %s", check_name(name));
	else
		return false;
	return true;
}

/* What has that name or that index in the configuration or was added before; else a new one; NULL: none. `section` and
 * `key` say where its index stands. */
static struct node *add_registry(struct reading *reading, const char *section, const char *name, const char *key,
				 const struct toml_node *index)
{
	struct place place = place_of(reading, section, name, key, index);
	struct node *known = (struct node *)node_get(reading->named, name); /* ours, and so is what is in it */

	if (!known && place.value)
		known = find_same(reading, place.value);
	if (known || !place.value || is_refused(reading, place, name))
		return known;
	if (reading->named->count == REGISTRIES_MAX) {
		fault_add(reading->build->faults, place, "is one too many, allowed: %d registries in all",
			  REGISTRIES_MAX);
		return NULL;
	}
	struct node *entry = add_node(reading, reading->named, NODE_MAPPING, name, NULL, place.line);
	return entry && add_node(reading, entry, NODE_SCALAR, "index", place.value, place.line) ? entry : NULL;
}

static int on_registry(void *ctx, const char *name, const struct toml_node *table)
{
	(void)add_registry(ctx, "registries", name, "index", toml_get(table, "index"));
	return 0;
}

/* ---- mirrors ---- */

/* What stands for it in the end: its name; NULL: they stand for one another. */
static const char *last_of(const struct toml_node *sources, const char *name)
{
	for (unsigned i = 0; i < REPLACED_MAX; i++) {
		const char *next = toml_string(toml_get(toml_get(sources, name), "replace-with"));
		if (!next)
			return name;
		name = next;
	}
	return NULL;
}

/* As lockfiles spell it; NULL: no registry. */
static const char *mirrored(struct pool *pool, const char *name, const struct toml_node *source)
{
	OWNED_STRBUF struct strbuf text = {0};
	const char *url = toml_string(toml_get(source, "registry"));

	if (strcmp(name, CRATES_IO) == 0)
		return MIRRORED_CRATES_IO;
	if (!url)
		return NULL;
	strbuf_addf(&text, "%s%s", lock_origin_of(url) == LOCK_REGISTRY ? "" : GIT, url);
	return pool_strdup(pool, strbuf_str(&text));
}

/* A registry of the configuration says that it mirrors that already. */
static bool is_own_mirror(const struct node *own, const char *text)
{
	for (const struct node *entry = own ? own->first : NULL; entry; entry = entry->next) {
		const struct node *list = node_get(entry, "mirror_of");
		for (const struct node *item = list ? list->first : NULL; item; item = item->next)
			if (item->text && strcmp(item->text, text) == 0)
				return true;
	}
	return false;
}

static void add_mirror(struct reading *reading, struct node *entry, const char *text, unsigned line)
{
	struct node *list = (struct node *)node_get(entry, "mirror_of");

	if (!list)
		list = add_node(reading, entry, NODE_SEQUENCE, "mirror_of", NULL, line);
	if (list)
		(void)add_node(reading, list, NODE_SCALAR, NULL, text, line);
}

/* [source.NAME] with replace-with: what is there in the end mirrors it. */
static int on_source(void *ctx, const char *name, const struct toml_node *source)
{
	struct reading *reading = ctx;
	const struct build *build = reading->build;
	const struct toml_node *sources = toml_get(toml_root(reading->cargo->doc), "source");
	const struct toml_node *replace = toml_get(source, "replace-with");
	const char *text = mirrored(build->scratch, name, source);

	if (!toml_string(replace) || !text || check_mirror_of(text) || is_own_mirror(reading->cargo->own, text))
		return 0;
	struct place place = place_of(reading, "source", name, "replace-with", replace);
	const char *last = last_of(sources, name);
	if (!last) {
		fault_add(build->faults, place, "never ends: these sources stand for one another");
		return 0;
	}
	if (strcmp(last, CRATES_IO) == 0)
		return 0;
	const struct toml_node *registry = toml_get(toml_get(sources, last), "registry");
	struct node *entry = add_registry(reading, "source", last, "registry", registry);
	if (!entry && !toml_string(registry))
		fault_add(build->remarks, place, "is not polled: it is no registry with a sparse index");
	else if (entry && entry->file)
		add_mirror(reading, entry, text, place.line);
	return 0;
}

/* ---- all of it ---- */

const struct node *cargo_config_read(const struct build *build, const struct node *key, struct cargo_config *cargo)
{
	struct reading reading = {.build = build, .cargo = cargo};

	cargo->path = key->text;
	cargo->doc = cargo_config_parse(build, cargo->path, S_IWOTH);
	reading.named = cargo->doc ? copy_own(&reading, key) : NULL;
	if (!reading.named)
		return cargo->own;
	const struct toml_node *root = toml_root(cargo->doc);
	(void)toml_each(toml_get(root, "registries"), on_registry, &reading);
	(void)toml_each(toml_get(root, "source"), on_source, &reading);
	return reading.named;
}
