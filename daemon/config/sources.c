/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.c: which registry a lockfile's source is: each registry's own index, and what
 * its key `mirror_of` says. Called after the section `registries`, whose names it uses.
 */
#include "config/build.h"
#include "config/value.h"

#include <stdio.h>
#include <string.h>

#define CRATES_IO "crates.io"
#define SPARSE "sparse+"
#define GIT "registry+"

struct table {
	struct lock_source *items;
	size_t n;
	size_t n_indexes; /* the first of them: what an index is itself */
};

const char *check_mirror_of(const char *text)
{
	static const char *const prefixes[] = {SPARSE, GIT};

	if (strcmp(text, CRATES_IO) == 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i]);
		if (strncmp(text, prefixes[i], len) == 0 && url_host(text + len) && text_is_graphic(text))
			return NULL;
	}
	return "is no source, allowed: " CRATES_IO ", " GIT "https://HOST/ or " SPARSE
	       "https://HOST/, as lockfiles spell it";
}

/* The URL in the pool; NULL: out of memory, which the pool has noted. */
static const char *keep_url(const struct build *build, const char *source)
{
	OWNED_MEM char *url = strcmp(source, CRATES_IO) == 0 ? strdup(LOCK_CRATES_IO) : lock_source_url(source);

	build->pool->failed |= !url;
	return url ? pool_strdup(build->pool, url) : NULL;
}

/* A URL that stands there already keeps its registry: the same index may be configured twice. */
static void add_index(const struct build *build, const struct config_registry *registry, struct table *table)
{
	OWNED_STRBUF struct strbuf source = {0};

	strbuf_adds(&source, SPARSE);
	strbuf_adds(&source, registry->index_url);
	build->pool->failed |= strbuf_failed(&source);
	const char *url = keep_url(build, strbuf_str(&source));
	if (url)
		table->items[table->n++] = (struct lock_source){url, registry->name};
	table->n_indexes = table->n;
}

static const struct lock_source *find(const struct table *table, const char *url)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->items[i].url, url) == 0)
			return &table->items[i];
	return NULL;
}

/* Who is an index goes before who mirrors it; of two mirrors nobody knows which one is meant. */
static void add_mirror(const struct build *build, const char *registry, const struct node *item, struct table *table)
{
	const char *url = keep_url(build, item->text);
	const struct lock_source *known = url ? find(table, url) : NULL;

	if (known && known < table->items + table->n_indexes)
		fault_add(build->remarks, place_value(item), "has no effect: the index of registry %s is that source",
			  known->registry);
	else if (known)
		fault_add(build->faults, place_value(item), "is mirrored by registry %s already, allowed: one of them",
			  known->registry);
	else if (url)
		table->items[table->n++] = (struct lock_source){url, registry};
}

static void add_mirrors(const struct build *build, const char *registry, const struct node *list, struct table *table)
{
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (item->text && !check_mirror_of(item->text))
			add_mirror(build, registry, item, table);
}

static size_t count_mirrors(const struct node *named)
{
	size_t n = 0;

	for (const struct node *entry = named->first; entry; entry = entry->next) {
		const struct node *list = node_get(entry, "mirror_of");
		n += list ? list->count : 0;
	}
	return n;
}

void sources_read(const struct build *build, const struct node *named)
{
	struct config *config = build->config;
	struct table table = {0};
	size_t i = 0;

	if (!named || build->pool->failed)
		return;
	table.items = pool_alloc(build->pool, config->n_registries + count_mirrors(named), sizeof *table.items);
	if (!table.items)
		return;
	for (; i < config->n_registries; i++)
		if (config->registries[i].index_url)
			add_index(build, &config->registries[i], &table);
	i = 0;
	for (const struct node *entry = named->first; entry; entry = entry->next, i++)
		add_mirrors(build, config->registries[i].name, node_get(entry, "mirror_of"), &table);
	config->sources = (struct lock_sources){table.items, table.n};
}
