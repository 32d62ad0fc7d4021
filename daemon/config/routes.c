/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.c: the section `routes`: which events go to which notifiers. An absent
 * key matches everything; an empty list is a fault, since whoever removed its
 * last item did not mean "everything".
 */
#include "config/build.h"
#include "config/schema.h"
#include "config/value.h"

#include "base/numbers.h"
#include "model/index_path.h"

#include <string.h>

struct route_keys {
	const struct node *events, *registries, *crates, *projects, *teams, *notify;
	int64_t min_severity, stop, group_by, group_wait_ms;
	const char *digest;
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

static const char *group_by_at(const void *set, size_t i)
{
	(void)set;
	return i <= GROUP_BY_REGISTRY ? group_by_name((enum group_by)i) : NULL;
}

static const char *check_pattern(const char *text)
{
	return text_is_of(text, TEXT_NAME "*?", CRATE_NAME_MAX)
		       ? NULL
		       : "is not a pattern, allowed: letters, digits, - and _, with * and ? for any";
}

/* "hourly", "daily" or "daily at 08:30". */
static bool parse_digest(const char *text, struct grouping *ret)
{
	uint64_t hour;
	uint64_t minute;
	char digits[2][3] = {"", ""};

	ret->digest = strcmp(text, "hourly") == 0 ? DIGEST_HOURLY : DIGEST_DAILY;
	ret->digest_minute = DIGEST_MINUTE_DEFAULT;
	if (ret->digest == DIGEST_HOURLY || strcmp(text, "daily") == 0)
		return true;
	if (strlen(text) != strlen("daily at HH:MM") || strncmp(text, "daily at ", 9) != 0 || text[11] != ':')
		return false;
	memcpy(digits[0], text + 9, 2);
	memcpy(digits[1], text + 12, 2);
	if (!number_parse_u64(digits[0], 23, &hour) || !number_parse_u64(digits[1], 59, &minute))
		return false;
	ret->digest_minute = (unsigned)(hour * 60 + minute);
	return true;
}

static const char *check_digest(const char *text)
{
	struct grouping ignored;
	return parse_digest(text, &ignored)
		       ? NULL
		       : "is not a digest, allowed: hourly, daily, daily at HH:MM (00:00 to 23:59)";
}

#define FIELD(member) SCHEMA_FIELD(struct route_keys, member)
static const struct schema_row rows[] = {
	{"events", SCHEMA_LIST, FIELD(events), .item = SCHEMA_WORD, .min = 1, .words = event_at,
	 .help = "only these kinds"},
	{"registries", SCHEMA_LIST, FIELD(registries), .item = SCHEMA_TEXT, .min = 1,
	 .help = "only events of these registries"},
	{"crates", SCHEMA_LIST, FIELD(crates), .item = SCHEMA_TEXT, .min = 1, .check = check_pattern,
	 .help = "only of these crates, with * and ? for any"},
	{"projects", SCHEMA_LIST, FIELD(projects), .item = SCHEMA_TEXT, .min = 1, .check = check_pattern,
	 .help = "only events that hit such a project, with * and ? for any"},
	{"teams", SCHEMA_LIST, FIELD(teams), .item = SCHEMA_TEXT, .min = 1, .check = check_pattern,
	 .help = "only events that hit a project of such a team, with * and ? for any"},
	{"min_severity", SCHEMA_WORD, FIELD(min_severity), .words = severity_at, .absent = "info",
	 .help = "only of this severity or a higher one"},
	{"notify", SCHEMA_LIST, FIELD(notify), .item = SCHEMA_TEXT, .min = 1, .required = true,
	 .help = "names of notifiers"},
	{"group_by", SCHEMA_WORD, FIELD(group_by), .words = group_by_at, .absent = "crate",
	 .help = "which events stand in one message, with group_wait or digest; none: each is told by itself"},
	{"group_wait", SCHEMA_DURATION, FIELD(group_wait_ms), .max = HOURS(1), .absent = "0s",
	 .help = "an event waits so long for others, and they are one message"},
	{"digest", SCHEMA_TEXT, FIELD(digest), .check = check_digest,
	 .help = "what came since is one message: hourly, daily or \"daily at HH:MM\" in local time; a plain daily is "
		 "at 08:00"},
	{"stop", SCHEMA_BOOLEAN, FIELD(stop), .absent = "false",
	 .help = "what matches here goes on to no further route"},
};
const struct schema route_schema = SCHEMA_OF(rows);

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

static void check_grouping(const struct build *build, const struct node *entry, const struct grouping *grouping)
{
	bool by_none = node_get(entry, "group_by") && grouping->by == GROUP_BY_NONE;

	if (grouping->digest != DIGEST_NONE && grouping->wait_ms > 0)
		fault_add(build->faults, place_key(entry, "group_wait"),
			  "stands beside digest, allowed: one of the two");
	if (grouping->digest != DIGEST_NONE && by_none)
		fault_add(build->faults, place_key(entry, "group_by"),
			  "none makes no digest, allowed: crate, project, registry");
	else if (grouping->wait_ms > 0 && by_none)
		fault_add(build->remarks, place_key(entry, "group_by"),
			  "none tells each event by itself: group_wait only delays it");
	if (!grouping_waits(grouping) && node_get(entry, "group_by") && !by_none)
		fault_add(build->remarks, place_key(entry, "group_by"),
			  "has no effect without group_wait or digest: each event is told at once");
}

static struct grouping read_grouping(const struct build *build, const struct node *entry, const struct route_keys *keys)
{
	struct grouping grouping = {0};

	if (keys->digest)
		(void)parse_digest(keys->digest, &grouping);
	grouping.by = (enum group_by)keys->group_by;
	grouping.wait_ms = keys->group_wait_ms;
	check_grouping(build, entry, &grouping);
	if (!grouping_waits(&grouping))
		grouping.by = GROUP_BY_NONE;
	return grouping;
}

static void read_route(const struct build *build, const struct node *entry, struct route *route)
{
	struct route_keys keys = {0};

	schema_read(&route_schema, entry, &keys, build->faults);
	route->kinds = read_kinds(keys.events);
	route->at_least = (enum severity)keys.min_severity;
	route->stop = keys.stop;
	route->notifiers = read_notifiers(build, keys.notify);
	route->grouping = read_grouping(build, entry, &keys);
	if (keys.crates)
		route->crates = copy_texts(build->pool, keys.crates, &route->n_crates);
	if (keys.projects)
		route->projects = copy_texts(build->pool, keys.projects, &route->n_projects);
	if (keys.teams)
		route->teams = copy_texts(build->pool, keys.teams, &route->n_teams);
	if (keys.registries) {
		check_registries(build, keys.registries);
		route->registries = copy_texts(build->pool, keys.registries, &route->n_registries);
	}
}

void routes_read(const struct build *build, const struct node *list)
{
	struct config *config = build->config;
	size_t faults = build->faults->errors->count;

	if (!list)
		return;
	config->routes = pool_alloc(build->pool, list->count, sizeof *config->routes);
	config->route_lines = pool_alloc(build->pool, list->count, sizeof *config->route_lines);
	for (const struct node *entry = list->first; entry && !build->pool->failed; entry = entry->next) {
		config->route_lines[config->n_routes] = entry->line;
		read_route(build, entry, &config->routes[config->n_routes++]);
	}
	/* What a faulty route would match is not known. */
	if (!build->pool->failed && build->faults->errors->count == faults)
		routes_check(build, list);
}
