/* SPDX-License-Identifier: Apache-2.0 */
/* plan.c: see plan.h. */
#include "plan.h"

#include "needs.h"
#include "schema.h"
#include "value_file.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 128

static int add(struct paths *paths, const char *path, struct err *err)
{
	if (paths->count == PLAN_PATHS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d paths", PLAN_PATHS_MAX);
	char **longer = reallocarray(paths->items, paths->count + 1, sizeof *longer);
	if (!longer)
		return err_nomem(err);
	paths->items = longer;
	longer[paths->count] = strdup(path);
	return longer[paths->count++] ? 0 : err_nomem(err);
}

static void release(struct paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->items[i]);
	free(paths->items);
}

static bool holds(const struct paths *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->items[i], path) == 0)
			return true;
	return false;
}

/* The file that NAME_file names. What is wrong with it is told by who reads it. */
static int add_value_file(struct plan *plan, const char *where, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};

	if (value_file_path(where, &path, err))
		return 0;
	return strbuf_failed(&path) ? err_nomem(err) : add(&plan->loads, strbuf_str(&path), err);
}

static int add_option(struct plan *plan, const cJSON *option, const cJSON *values, struct err *err)
{
	char name_file[KEY_MAX];
	const char *name = json_string(option, "name");
	const char *type = json_string(option, "type");
	const char *value;
	int rc = 0;

	if (!name || !type)
		return err_set(err, ERR_BAD, "an option without name or type");
	(void)snprintf(name_file, sizeof name_file, "%s" SCHEMA_FILE_SUFFIX, name);
	value = json_string(values, name_file);
	if (value && (json_bool(option, "secret", false) || json_bool(option, "or_file", false)))
		rc = add_value_file(plan, value, err);
	value = json_string(values, name);
	if (!value)
		value = json_string(option, "default");
	if (!rc && value && value[0] == '/' && strcmp(type, "path") == 0)
		rc = add(json_bool(option, "write", false) ? &plan->writes : &plan->reads, value, err);
	return rc;
}

static int add_hidden(struct plan *plan, const cJSON *hidden, struct err *err)
{
	const cJSON *path;
	int rc = 0;

	plan->knows_hidden = cJSON_IsArray(hidden);
	cJSON_ArrayForEach (path, hidden)
		if (!rc && cJSON_IsString(path) && !holds(&plan->loads, path->valuestring))
			rc = add(&plan->hidden, path->valuestring, err);
	return rc;
}

int plan_of_a_look(const char *plugin_path, struct plan *ret, struct err *err)
{
	*ret = (struct plan){0};
	return add(&ret->loads, plugin_path, err);
}

int plan_make(const char *plugin_path, const cJSON *description, const cJSON *frame, struct plan *ret, struct err *err)
{
	const cJSON *values = json_member(frame, "options");
	const cJSON *option;

	int rc = plan_of_a_look(plugin_path, ret, err);
	ret->needs = needs_read(description);
	ret->trial = json_bool(frame, "trial", false);
	cJSON_ArrayForEach (option, json_member(description, "options"))
		if (!rc)
			rc = add_option(ret, option, values, err);
	return rc ? rc : add_hidden(ret, json_member(frame, "hidden"), err);
}

void plan_release(struct plan *plan)
{
	release(&plan->loads);
	release(&plan->reads);
	release(&plan->writes);
	release(&plan->hidden);
	*plan = (struct plan){0};
}
