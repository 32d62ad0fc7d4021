/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_checks.c: routes that no event can ever reach are faults, since whoever
 * wrote them waits for alerts that do not come. What only misses a watch or a project is
 * a remark: the socket may add either. Called by routes.c when the routes
 * have no other faults.
 */
#include "config/build.h"
#include "config/names.h"

#include "model/route_reach.h"

#include <fnmatch.h>
#include <string.h>

#define COMPARISONS_MAX 20000000 /* of patterns with watches, in one configuration: a second at most */

static enum severity most_severe(const struct route *route)
{
	enum severity most = SEVERITY_INFO;

	for (unsigned kind = 0; kind < EVENT_KINDS; kind++)
		if ((route->kinds == 0 || route->kinds & 1u << kind) && severity_most((enum event_kind)kind) > most)
			most = severity_most((enum event_kind)kind);
	return most;
}

/* The first earlier route that stops all that this one would match. */
static const struct node *find_stop(const struct config *config, const struct node *list, size_t at)
{
	const struct node *entry = list->first;

	for (size_t i = 0; i < at; i++, entry = entry->next)
		if (config->routes[i].stop && route_is_covered(&config->routes[at], &config->routes[i]))
			return entry;
	return NULL;
}

static void check_reach(const struct build *build, const struct node *list, const struct node *entry)
{
	const struct route *route = &build->config->routes[entry->index];
	const struct node *stop;

	switch (route_look(route)) {
	case ROUTE_SEVERITY_TOO_HIGH:
		fault_add(build->faults, place_value(node_get(entry, "min_severity")),
			  "is above what these events can have, allowed: at most %s",
			  severity_name(most_severe(route)));
		return;
	case ROUTE_NEVER_OF_A_CRATE:
		fault_add(build->faults, place_key(entry, "crates"),
			  "can never match: the events of a registry have no crate, allowed: none or *");
		return;
	case ROUTE_NEVER_OF_A_PROJECT:
		fault_add(build->faults, place_node(entry), "can never match: the events of a registry hit no project");
		return;
	case ROUTE_CAN_MATCH:
		stop = find_stop(build->config, list, entry->index);
		if (stop)
			fault_add(build->faults, place_node(entry),
				  "can never match: routes[%zu] (line %u) takes all of it and says stop", stop->index,
				  stop->line);
		return;
	}
}

/* ---- remarks ---- */

/* Is a crate of a registry that the route takes matched? Watches are sorted, but a pattern looks at each. */
static bool any_watch_is_matched(const struct config *config, const char *pattern, size_t *comparisons)
{
	for (size_t i = 0; i < config->n_watches; i++) {
		if (++*comparisons > COMPARISONS_MAX || fnmatch(pattern, config->watches[i].crate, 0) == 0)
			return true;
	}
	return false;
}

static void remark_crates(const struct build *build, const struct node *crates, size_t *comparisons)
{
	for (const struct node *item = crates ? crates->first : NULL; item; item = item->next)
		if (!any_watch_is_matched(build->config, item->text, comparisons))
			fault_add(build->remarks, place_value(item), "matches no crate that is listed in watch");
}

static void remark_registries(const struct build *build, const struct node *registries)
{
	const struct config *config = build->config;
	struct names names = registries_names(config);

	for (const struct node *item = registries ? registries->first : NULL; item; item = item->next) {
		size_t registry = 0;
		bool any = false;
		(void)names_find(&names, item->text, &registry);
		for (size_t i = 0; i < config->n_watches && !any; i++)
			any = config->watches[i].registry == registry;
		if (!any)
			fault_add(build->remarks, place_value(item), "has no crate that is listed in watch");
	}
}

static bool any_project_is_matched(const struct config *config, const char *pattern, bool team, size_t *comparisons)
{
	for (size_t i = 0; i < config->n_projects; i++) {
		const struct config_project *project = &config->projects[i];
		if (++*comparisons > COMPARISONS_MAX || fnmatch(pattern, team ? project->team : project->name, 0) == 0)
			return true;
	}
	return false;
}

/* Others may be sent by the socket. */
static void remark_projects(const struct build *build, const struct node *patterns, bool team, size_t *comparisons)
{
	for (const struct node *item = patterns ? patterns->first : NULL; item; item = item->next)
		if (!any_project_is_matched(build->config, item->text, team, comparisons))
			fault_add(build->remarks, place_value(item), "matches no %s that is listed in projects",
				  team ? "team" : "project");
}

void routes_check(const struct build *build, const struct node *list)
{
	size_t comparisons = 0;

	for (const struct node *entry = list->first; entry; entry = entry->next) {
		check_reach(build, list, entry);
		remark_projects(build, node_get(entry, "projects"), false, &comparisons);
		remark_projects(build, node_get(entry, "teams"), true, &comparisons);
		if (build->config->n_projects > 0) /* whatever their lockfiles hold is watched, too */
			continue;
		remark_registries(build, node_get(entry, "registries"));
		remark_crates(build, node_get(entry, "crates"), &comparisons);
	}
}
