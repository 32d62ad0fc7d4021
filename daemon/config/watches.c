/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watches.c: the section `watch`: lists of crates by name, folded into one list
 * that is sorted and holds each crate of a registry once.
 */
#include "config/build.h"
#include "config/schema.h"

#include "model/index_path.h"

#include <string.h>

struct watch_keys {
	const char *registry;
	const struct node *crates;
};

static const char *check_crate(const char *name)
{
	return crate_name_valid(name) ? NULL : "is not a crate's name, allowed: 1 to 64 letters, digits, - and _";
}

#define FIELD(member) SCHEMA_FIELD(struct watch_keys, member)
static const struct schema_row rows[] = {
	{"registry", SCHEMA_TEXT, FIELD(registry), .required = true},
	{"crates", SCHEMA_LIST, FIELD(crates), .item = SCHEMA_TEXT, .required = true, .min = 1, .check = check_crate},
};
static const struct schema schema = SCHEMA_OF(rows);

static void add_watches(const struct build *build, size_t registry, const struct node *crates)
{
	struct config *config = build->config;

	for (const struct node *item = crates->first; item; item = item->next)
		if (item->text)
			config->watches[config->n_watches++] = (struct config_watch){
				.registry = registry,
				.crate = pool_strdup(build->pool, item->text),
				.line = item->line,
			};
}

static void read_entry(const struct build *build, const struct node *entry)
{
	struct watch_keys keys = {0};
	struct names registries = registries_names(build->config);
	size_t registry;

	schema_read(&schema, entry, &keys, build->faults);
	if (!keys.registry)
		return;
	if (!names_find(&registries, keys.registry, &registry))
		fault_add_unknown(build->faults, node_get(entry, "registry"), "one of the registries", &registries);
	else if (keys.crates)
		add_watches(build, registry, keys.crates);
}

static int compare(const void *a, const void *b)
{
	const struct config_watch *left = a;
	const struct config_watch *right = b;

	if (left->registry != right->registry)
		return left->registry < right->registry ? -1 : 1;
	int order = strcmp(left->crate, right->crate);
	return order ? order : (left->line > right->line) - (left->line < right->line);
}

/* Of a crate that is listed twice the first place counts. */
static void fold(struct config *config)
{
	struct config_watch *watches = config->watches;
	size_t kept = 0;

	if (config->n_watches == 0)
		return;
	qsort(watches, config->n_watches, sizeof *watches, compare);
	for (size_t i = 1; i < config->n_watches; i++)
		if (watches[i].registry != watches[kept].registry || strcmp(watches[i].crate, watches[kept].crate) != 0)
			watches[++kept] = watches[i];
	config->n_watches = kept + 1;
}

static size_t count_crates(const struct node *list)
{
	size_t count = 0;

	for (const struct node *entry = list->first; entry; entry = entry->next) {
		const struct node *crates = node_get(entry, "crates");
		count += crates ? crates->count : 0;
	}
	return count;
}

void watches_read(const struct build *build, const struct node *list)
{
	if (!list)
		return;
	build->config->watches = pool_alloc(build->pool, count_crates(list), sizeof *build->config->watches);
	for (const struct node *entry = list->first; entry && !build->pool->failed; entry = entry->next)
		read_entry(build, entry);
	if (!build->pool->failed)
		fold(build->config);
}
