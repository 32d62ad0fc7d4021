/* SPDX-License-Identifier: Apache-2.0 */
/*
 * projects.c: the section `projects`: whose lockfiles are read, and for which team.
 * Here nothing is opened: a lockfile may come later, so what is wrong with one is no
 * fault of the configuration (config/lockfiles.h).
 */
#include "config/build.h"
#include "config/schema.h"
#include "config/value.h"

#include <string.h>

struct project_keys {
	const char *name, *team, *lockfile;
};

#define FIELD(member) SCHEMA_FIELD(struct project_keys, member)
static const struct schema_row rows[] = {
	{"name", SCHEMA_TEXT, FIELD(name), .required = true, .check = check_name,
	 .help = "a name; entries of one name are one project"},
	{"team", SCHEMA_TEXT, FIELD(team), .check = check_name,
	 .help = "a name, for routes; the same one in all entries of a project"},
	{"lockfile", SCHEMA_PATH, FIELD(lockfile), .required = true,
	 .help = "a Cargo.lock, the output of cargo metadata or a CycloneDX SBOM in JSON, at most 16 MB, or a pattern "
		 "with *, ? and [...] (glob(7)); read again when it changes"},
};
const struct schema project_schema = SCHEMA_OF(rows);

static const char *keep(const struct build *build, const char *text)
{
	return text ? pool_strdup(build->pool, text) : NULL;
}

/* The same lockfile a second time, or a project that would be of two teams. */
static bool is_at_odds(const struct build *build, const struct node *entry, const struct config_project *project,
		       const struct config_project *before)
{
	if (strcmp(project->name, before->name) != 0)
		return false;
	bool same_file = strcmp(project->lockfile, before->lockfile) == 0;
	bool same_team = strcmp(project->team, before->team) == 0;
	if (same_file)
		fault_add(build->faults, place_key(entry, "lockfile"),
			  "stands in line %u already, for the same project", before->line);
	if (!same_team)
		fault_add(build->faults, place_key(entry, "team"),
			  "is another than in line %u, allowed: one team for all entries of a project", before->line);
	return same_file || !same_team;
}

static void read_project(const struct build *build, const struct node *entry)
{
	struct config *config = build->config;
	struct project_keys keys = {0};

	schema_read(&project_schema, entry, &keys, build->faults);
	if (!keys.name || !keys.lockfile)
		return;
	struct config_project project = {.name = keep(build, keys.name),
					 .team = keep(build, keys.team ? keys.team : ""),
					 .lockfile = keep(build, keys.lockfile),
					 .line = entry->line};
	if (build->pool->failed)
		return;
	for (size_t i = 0; i < config->n_projects; i++)
		if (is_at_odds(build, entry, &project, &config->projects[i]))
			break;
	config->projects[config->n_projects++] = project;
}

void projects_read(const struct build *build, const struct node *list)
{
	if (!list || list->count == 0)
		return;
	build->config->projects = pool_alloc(build->pool, list->count, sizeof *build->config->projects);
	for (const struct node *entry = list->first; entry && !build->pool->failed; entry = entry->next)
		read_project(build, entry);
}
