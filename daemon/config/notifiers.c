/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notifiers.c: the section `notifiers`: two keys of ours, the others are the
 * plugin's own and are checked by what it declares.
 */
#include "config/build.h"
#include "config/plugin_schema.h"
#include "config/trial.h"
#include "config/value.h"

#include "base/strbuf.h"

#include <string.h>

#define PLUGIN_NAME_MAX 64 /* bytes */
#define PLUGIN_SUFFIX ".so"

struct notifier_keys {
	const char *plugin;
	int64_t timeout_ms, messages_per_minute;
};

static bool ends_in(const char *text, const char *suffix)
{
	size_t len = strlen(text);
	return len > strlen(suffix) && strcmp(text + len - strlen(suffix), suffix) == 0;
}

static const char *check_plugin(const char *text)
{
	if (text_is_of(text, TEXT_LOWER TEXT_DIGITS "_-", PLUGIN_NAME_MAX))
		return NULL;
	if (text[0] == '/' && ends_in(text, PLUGIN_SUFFIX))
		return NULL;
	return "is not a plugin, allowed: a name of lower case letters, digits, _ and -, or an absolute path to a .so";
}

#define FIELD(member) SCHEMA_FIELD(struct notifier_keys, member)
static const struct schema_row rows[] = {
	{"plugin", SCHEMA_TEXT, FIELD(plugin), .required = true, .check = check_plugin,
	 .help = "a plugin's name, or the path of a .so"},
	{"timeout", SCHEMA_DURATION, FIELD(timeout_ms), .min = SECONDS(1), .max = SECONDS(600), .absent = "30s",
	 .help = "the deadline of one delivery"},
	{"messages_per_minute", SCHEMA_INTEGER, FIELD(messages_per_minute), .min = 1, .max = 60000, .absent = "600",
	 .help = "how fast a backlog drains"},
};
const struct schema notifier_schema = {.rows = rows, .n_rows = ARRAY_LEN(rows), .open = true};

static const char *plugin_path(const struct build *build, const char *plugin)
{
	OWNED_STRBUF struct strbuf path = {0};

	if (plugin[0] == '/')
		return pool_strdup(build->pool, plugin);
	strbuf_addf(&path, "%s/%s" PLUGIN_SUFFIX, build->paths->plugin_dir, plugin);
	build->pool->failed |= strbuf_failed(&path);
	return pool_strdup(build->pool, strbuf_str(&path));
}

static void read_notifier(const struct build *build, const struct node *entry, struct plugin_schema **known,
			  struct config_notifier *notifier)
{
	OWNED_STRBUF struct strbuf stamp = {0};
	struct notifier_keys keys = {0};

	schema_read(&notifier_schema, entry, &keys, build->faults);
	notifier->name = pool_strdup(build->pool, entry->key);
	notifier->timeout_ms = keys.timeout_ms;
	notifier->messages_per_minute = keys.messages_per_minute;
	if (!keys.plugin)
		return;
	notifier->plugin_path = plugin_path(build, keys.plugin);
	if (!notifier->plugin_path)
		return;
	const struct plugin_schema *plugin =
		plugin_schema_get(known, build->paths->notify_program, notifier->plugin_path, build->scratch);
	if (plugin && plugin->fault)
		fault_add(build->faults, place_value(node_get(entry, "plugin")), "cannot be used: %s", plugin->fault);
	else if (plugin)
		notifier->options_json =
			plugin_options_read(plugin, entry, build->pool, &stamp, build->hidden, build->faults);
	notifier->files_stamp = pool_copy(build->pool, strbuf_str(&stamp), stamp.len);
	build->pool->failed |= strbuf_failed(&stamp);
}

void notifiers_read(const struct build *build, const struct node *named)
{
	struct config *config = build->config;
	struct plugin_schema *known = NULL;

	if (!named)
		return;
	config->notifiers = pool_alloc(build->pool, named->count, sizeof *config->notifiers);
	for (const struct node *entry = named->first; entry && !build->pool->failed; entry = entry->next)
		read_notifier(build, entry, &known, &config->notifiers[config->n_notifiers++]);
}

/* With too many of them, which is a fault already, none is tried. */
void notifiers_try(const struct build *build, const struct node *named)
{
	const struct config *config = build->config;
	struct err *faults = pool_alloc(build->scratch, ROUTE_NOTIFIERS_MAX, sizeof *faults);

	if (!faults || build->pool->failed || config->n_notifiers > ROUTE_NOTIFIERS_MAX)
		return;
	if (trial_run(build->paths->notify_program, config->notifiers, config->n_notifiers, faults))
		build->scratch->failed = true;
	for (const struct node *entry = named ? named->first : NULL; entry; entry = entry->next)
		if (faults[entry->index].code)
			fault_add(build->faults, place_node(entry), "%s", faults[entry->index].text);
}

static const char *name_at_index(const void *set, size_t i)
{
	const struct config *config = set;
	return i < config->n_notifiers ? config->notifiers[i].name : NULL;
}

void notifiers_check_use(const struct build *build, const struct node *named)
{
	const struct config *config = build->config;
	uint64_t used = 0;

	for (size_t i = 0; i < config->n_routes; i++)
		used |= config->routes[i].notifiers;
	for (const struct node *entry = named ? named->first : NULL; entry; entry = entry->next) {
		const char *const others[] = {config->retry.fallback, config->heartbeat.notifier};
		bool is_used = used & UINT64_C(1) << entry->index;
		for (size_t i = 0; i < ARRAY_LEN(others); i++)
			is_used = is_used || (others[i] && strcmp(others[i], entry->key) == 0);
		if (!is_used)
			fault_add(build->faults, place_node(entry),
				  "is used by no route, no fallback and no heartbeat: nothing is ever sent to it");
	}
}

struct names notifiers_names(const struct config *config)
{
	return (struct names){name_at_index, config};
}
