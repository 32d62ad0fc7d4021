/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watches.c: the section `watch`: crates by name or from files with one name a
 * line, folded into one list that is sorted and holds each crate of a registry
 * once.
 */
#include "config/build.h"
#include "config/file.h"
#include "config/schema.h"

#include "base/text.h"
#include "model/index_path.h"

#include <string.h>

#define CRATES_FILE_MAX (64u << 20) /* bytes; all of crates.io is 3 MB */
#define LINE_QUOTE_MAX 68           /* bytes quoted of a faulty line, "..." included */

struct watch_keys {
	const char *registry;
	const struct node *crates;
	const char *crates_file;
};

/* Grows in the scratch pool; what is folded goes to the configuration's. */
struct list {
	struct config_watch *items;
	size_t count, cap;
};

static const char *check_crate(const char *name)
{
	return crate_name_valid(name) ? NULL : CRATE_NAME_FAULT;
}

#define FIELD(member) SCHEMA_FIELD(struct watch_keys, member)
static const struct schema_row rows[] = {
	{"registry", SCHEMA_TEXT, FIELD(registry), .required = true, .help = "a registry's name"},
	{"crates", SCHEMA_LIST, FIELD(crates), .item = SCHEMA_TEXT, .min = 1, .check = check_crate,
	 .help = "crate names as the registry spells them"},
	{"crates_file", SCHEMA_PATH, FIELD(crates_file),
	 .help = "a file with one name a line, # begins a comment line, at most 64 MB; its crates' events are of low "
		 "severity, unless the crate is named elsewhere"},
};
const struct schema watch_schema = SCHEMA_OF(rows);

static void push(const struct build *build, struct list *list, struct config_watch watch)
{
	if (list->count == list->cap) {
		size_t cap = list->cap ? 2 * list->cap : 64;
		struct config_watch *items = pool_alloc(build->scratch, cap, sizeof *items);
		if (!items)
			return;
		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
		list->cap = cap;
	}
	list->items[list->count++] = watch;
}

static void add_named(const struct build *build, size_t registry, const struct node *crates, struct list *list)
{
	for (const struct node *item = crates->first; item; item = item->next)
		if (item->text)
			push(build, list,
			     (struct config_watch){
				     .registry = (uint16_t)registry, .crate = item->text, .line = item->line});
}

static void fault_line(const struct build *build, const struct node *where, unsigned line, const char *name)
{
	char safe[LINE_QUOTE_MAX];

	fault_add(build->faults, place_value(where), "line %u: \"%s\" " CRATE_NAME_FAULT, line,
		  text_safe(name, safe, sizeof safe));
}

/* One name a line; blank lines and what begins with # count as nothing. Stops at the first fault. */
static void add_lines(const struct build *build, size_t registry, const struct node *where, char *text,
		      struct list *list)
{
	unsigned line = 0;
	char *name;

	while ((name = strsep(&text, "\n"))) {
		line++;
		name[strcspn(name, "\r")] = '\0';
		if (!*name || *name == '#')
			continue;
		if (!crate_name_valid(name)) {
			fault_line(build, where, line, name);
			return;
		}
		push(build, list,
		     (struct config_watch){
			     .registry = (uint16_t)registry, .crate = name, .line = where->line, .bulk = true});
	}
}

static void add_file(const struct build *build, size_t registry, const struct node *where, struct list *list)
{
	struct file_bytes bytes;
	struct err err;

	if (file_read(where->text, 0, CRATES_FILE_MAX, build->scratch, &bytes, &err))
		fault_add(build->faults, place_value(where), "%s", err.text);
	else
		add_lines(build, registry, where, bytes.text, list);
}

static void read_entry(const struct build *build, const struct node *entry, struct list *list)
{
	struct watch_keys keys = {0};
	struct names registries = registries_names(build->config);
	size_t registry;

	schema_read(&watch_schema, entry, &keys, build->faults);
	if (entry->kind == NODE_MAPPING && !node_get(entry, "crates") && !node_get(entry, "crates_file"))
		fault_add(build->faults, place_node(entry), "lists nothing, allowed: crates or crates_file");
	if (!keys.registry)
		return;
	if (!names_find(&registries, keys.registry, &registry)) {
		fault_add_unknown(build->faults, node_get(entry, "registry"), "one of the registries", &registries);
		return;
	}
	if (keys.crates)
		add_named(build, registry, keys.crates, list);
	if (keys.crates_file)
		add_file(build, registry, node_get(entry, "crates_file"), list);
}

static int compare(const void *a, const void *b)
{
	const struct config_watch *left = a;
	const struct config_watch *right = b;

	if (left->registry != right->registry)
		return left->registry < right->registry ? -1 : 1;
	int order = strcmp(left->crate, right->crate);
	if (order || left->bulk != right->bulk)
		return order ? order : left->bulk - right->bulk;
	return (left->line > right->line) - (left->line < right->line);
}

/* Of a crate that is listed twice the first place counts, and a name before a file. */
static size_t drop_doubles(struct config_watch *watches, size_t n)
{
	size_t kept = 0;

	for (size_t i = 1; i < n; i++)
		if (watches[i].registry != watches[kept].registry || strcmp(watches[i].crate, watches[kept].crate) != 0)
			watches[++kept] = watches[i];
	return kept + 1;
}

/* Two pieces of memory, however many there are: the list, and all names one after the other. */
static void keep(const struct build *build, const struct config_watch *watches, size_t n)
{
	struct config *config = build->config;
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(watches[i].crate) + 1;
	struct config_watch *kept = pool_alloc(build->pool, n, sizeof *kept);
	char *names = pool_alloc(build->pool, bytes, 1);
	if (!kept || !names)
		return;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(watches[i].crate) + 1;
		kept[i] = watches[i];
		kept[i].crate = memcpy(names, watches[i].crate, len);
		names += len;
	}
	config->watches = kept;
	config->n_watches = n;
}

static void fold(const struct build *build, struct list *list)
{
	if (list->count == 0)
		return;
	qsort(list->items, list->count, sizeof *list->items, compare);
	keep(build, list->items, drop_doubles(list->items, list->count));
}

void watches_read(const struct build *build, const struct node *entries)
{
	struct list list = {0};

	for (const struct node *entry = entries ? entries->first : NULL; entry; entry = entry->next)
		read_entry(build, entry, &list);
	if (!build->pool->failed && !build->scratch->failed)
		fold(build, &list);
}
