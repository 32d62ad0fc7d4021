/* SPDX-License-Identifier: Apache-2.0 */
/* plugin_schema.c: a plugin's description becomes rows; see plugin_schema.h. */
#include "config/plugin_schema.h"

#include "base/json.h"
#include "config/plugin_describe.h"
#include "config/value.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGIN_ABI 1               /* YANKWATCH_NOTIFIER_ABI of notifier.h */
#define PLUGIN_TEXT_MAX (64 << 10) /* bytes of one option */
#define PLUGIN_LIST_MAX 1024       /* items of one option */
#define OPTION_NAME_MAX 64         /* bytes */
#define PROGRAM_ABSENT "is not there, allowed: a program that may be run"
#define PROGRAM_BAD "is not one that may be run, allowed: a program's file with the right to execute it"

/* The keys of every notifier: notifiers.c has read them. */
static const struct schema_row own_rows[] = {
	{.key = "plugin", .type = SCHEMA_READ},
	{.key = "timeout", .type = SCHEMA_READ},
	{.key = "messages_per_minute", .type = SCHEMA_READ},
};

static const struct {
	const char *name; /* in the description */
	enum schema_type type;
	int64_t max;
} types[] = {
	{"string", SCHEMA_TEXT, PLUGIN_TEXT_MAX}, {"url", SCHEMA_URL, PLUGIN_TEXT_MAX},
	{"path", SCHEMA_PATH, PLUGIN_TEXT_MAX},   {"list", SCHEMA_LIST, PLUGIN_LIST_MAX},
	{"integer", SCHEMA_INTEGER, 0},           {"boolean", SCHEMA_BOOLEAN, 0},
};

static bool set_type(struct schema_row *row, const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].name, type) != 0)
			continue;
		row->type = types[i].type;
		row->item = SCHEMA_TEXT;
		row->max = types[i].max;
		row->min = row->type == SCHEMA_LIST && row->required;
		return true;
	}
	return false;
}

static const char *add_suffix(struct pool *pool, const char *name)
{
	char name_file[OPTION_NAME_MAX + sizeof "_file"];

	(void)snprintf(name_file, sizeof name_file, "%s_file", name);
	return pool_strdup(pool, name_file);
}

static const char *check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? PROGRAM_ABSENT : PROGRAM_BAD;
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return PROGRAM_BAD;
	return NULL;
}

static int add_option(struct plugin_schema *plugin, const cJSON *option, struct pool *pool, struct err *err)
{
	const char *name = json_string(option, "name");
	const char *type = json_string(option, "type");
	bool secret = json_bool(option, "secret", false);
	bool may_be_file = secret || json_bool(option, "or_file", false);
	bool required = json_bool(option, "required", false);
	struct schema_row row = {.required = required && !may_be_file};

	if (!name || !text_is_of(name, TEXT_LOWER TEXT_DIGITS "_", OPTION_NAME_MAX) || !type || !set_type(&row, type))
		return err_set(err, ERR_BAD, "declares an option without a name or without a known type");
	row.key = pool_strdup(pool, name);
	if (json_bool(option, "program", false))
		row.check = check_program;
	if (secret)
		row.type = SCHEMA_SECRET;
	plugin->rows[plugin->n_rows++] = row;
	if (may_be_file) {
		const char *name_file = add_suffix(pool, name);
		plugin->rows[plugin->n_rows++] = (struct schema_row){.key = name_file, .type = SCHEMA_TEXT};
		plugin->files[plugin->n_files++] = (struct plugin_file_option){row.key, name_file, required, secret};
	}
	return 0;
}

static int add_options(struct plugin_schema *plugin, const cJSON *options, struct pool *pool, struct err *err)
{
	size_t count = (size_t)cJSON_GetArraySize(options);
	const cJSON *option;

	if (!cJSON_IsArray(options) || count > PLUGIN_OPTIONS_MAX)
		return err_set(err, ERR_BAD, "declares no list of options, or more than %d", PLUGIN_OPTIONS_MAX);
	/* An option is at most two rows: NAME and NAME_file. */
	plugin->rows = pool_alloc(pool, ARRAY_LEN(own_rows) + 2 * count, sizeof *plugin->rows);
	plugin->files = pool_alloc(pool, count, sizeof *plugin->files);
	if (!plugin->rows || !plugin->files)
		return err_nomem(err);
	memcpy(plugin->rows, own_rows, sizeof own_rows);
	plugin->n_rows = ARRAY_LEN(own_rows);
	cJSON_ArrayForEach (option, options) {
		int rc = add_option(plugin, option, pool, err);
		if (rc)
			return rc;
	}
	return pool->failed ? err_nomem(err) : 0;
}

static int ask(struct plugin_schema *plugin, const char *notify_program, struct pool *pool, struct err *err)
{
	OWNED_STRBUF struct strbuf text = {0};
	OWNED_JSON cJSON *description = NULL;

	if (access(plugin->path, R_OK) != 0)
		return err_errno(err, "%s", plugin->path);
	int rc = plugin_describe(notify_program, plugin->path, &text, err);
	if (rc)
		return rc;
	rc = json_parse(strbuf_str(&text), text.len, &description, err);
	if (rc)
		return err_prefix(err, "what it declares");
	int64_t abi = json_int(description, "abi", 0);
	if (abi != PLUGIN_ABI)
		return err_set(err, ERR_BAD, "has the plugin ABI %lld, allowed: %d", (long long)abi, PLUGIN_ABI);
	return add_options(plugin, json_member(description, "options"), pool, err);
}

const struct plugin_schema *plugin_schema_get(struct plugin_schema **known, const char *notify_program,
					      const char *path, struct pool *pool)
{
	struct err err;

	for (const struct plugin_schema *plugin = *known; plugin; plugin = plugin->next)
		if (strcmp(plugin->path, path) == 0)
			return plugin;
	struct plugin_schema *plugin = pool_alloc(pool, 1, sizeof *plugin);
	if (!plugin)
		return NULL;
	plugin->path = path;
	if (ask(plugin, notify_program, pool, &err))
		plugin->fault = pool_strdup(pool, err.text);
	plugin->next = *known;
	*known = plugin;
	return pool->failed ? NULL : plugin;
}
