/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c: the section `routes`: which events go to which notifiers. An absent
 * key matches everything; an empty list is a fault, since whoever removed its
 * last item did not mean "everything".
 */
#include "config/build.h"
#include "config/schema.h"
#include "config/value.h"

#include "model/index_path.h"

struct route_keys {
	const struct node *events, *registries, *crates, *notify;
	int64_t min_severity, stop;
};

static const char *event_at(const void *set, size_t i)
{
	(void)set;
	return i < EVENT_KINDS ? event_kind_name((enum event_kind)i) : NULL;
}

static const char *severity_at(const void *set, size_t i)
{
	(void)set;
	return i < SEVERITIES ? severity_name((enum severity)i) : NULL;
}

static const char *check_pattern(const char *text)
{
	return text_is_of(text, TEXT_NAME "*?", CRATE_NAME_MAX)
		       ? NULL
		       : "is not a pattern, allowed: letters, digits, - and _, with * and ? for any";
}

#define FIELD(member) SCHEMA_FIELD(struct route_keys, member)
static const struct schema_row rows[] = {
	{"events", SCHEMA_LIST, FIELD(events), .item = SCHEMA_WORD, .min = 1, .words = event_at},
	{"registries", SCHEMA_LIST, FIELD(registries), .item = SCHEMA_TEXT, .min = 1},
	{"crates", SCHEMA_LIST, FIELD(crates), .item = SCHEMA_TEXT, .min = 1, .check = check_pattern},
	{"min_severity", SCHEMA_WORD, FIELD(min_severity), .words = severity_at, .absent = "info"},
	{"notify", SCHEMA_LIST, FIELD(notify), .item = SCHEMA_TEXT, .min = 1, .required = true},
	{"stop", SCHEMA_BOOLEAN, FIELD(stop), .absent = "false"},
};
static const struct schema schema = SCHEMA_OF(rows);

static uint32_t read_kinds(const struct node *list)
{
	enum event_kind kind;
	uint32_t kinds = 0;

	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (item->text && event_kind_parse(item->text, &kind))
			kinds |= 1u << kind;
	return kinds;
}

static const char *const *copy_texts(struct pool *pool, const struct node *list, size_t *ret_count)
{
	size_t n = 0;
	const char **texts = pool_alloc(pool, list->count, sizeof *texts);

	for (const struct node *item = list->first; item && texts; item = item->next)
		if (item->text)
			texts[n++] = pool_strdup(pool, item->text);
	*ret_count = n;
	return texts;
}

/* The index that an item's text has among `names`; tells an unknown one. */
static bool resolve(const struct node *item, const struct names *names, const char *what, struct faults *faults,
		    size_t *ret)
{
	if (!item->text)
		return false;
	if (names_find(names, item->text, ret))
		return true;
	fault_add_unknown(faults, item, what, names);
	return false;
}

static void check_registries(const struct build *build, const struct node *list)
{
	struct names names = registries_names(build->config);
	size_t ignored;

	for (const struct node *item = list->first; item; item = item->next)
		(void)resolve(item, &names, "one of the registries", build->faults, &ignored);
}

static uint64_t read_notifiers(const struct build *build, const struct node *list)
{
	struct names names = notifiers_names(build->config);
	uint64_t notifiers = 0;
	size_t i;

	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (resolve(item, &names, "one of the notifiers", build->faults, &i))
			notifiers |= UINT64_C(1) << i;
	return notifiers;
}

static void read_route(const struct build *build, const struct node *entry, struct route *route)
{
	struct route_keys keys = {0};

	schema_read(&schema, entry, &keys, build->faults);
	route->kinds = read_kinds(keys.events);
	route->at_least = (enum severity)keys.min_severity;
	route->stop = keys.stop;
	route->notifiers = read_notifiers(build, keys.notify);
	if (keys.crates)
		route->crates = copy_texts(build->pool, keys.crates, &route->n_crates);
	if (keys.registries) {
		check_registries(build, keys.registries);
		route->registries = copy_texts(build->pool, keys.registries, &route->n_registries);
	}
}

void routes_read(const struct build *build, const struct node *list)
{
	struct config *config = build->config;

	if (!list)
		return;
	config->routes = pool_alloc(build->pool, list->count, sizeof *config->routes);
	for (const struct node *entry = list->first; entry && !build->pool->failed; entry = entry->next)
		read_route(build, entry, &config->routes[config->n_routes++]);
}
