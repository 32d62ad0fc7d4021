/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_options.c: one notifier's options: checked by the plugin's rows, their
 * files looked at, then written as the JSON that its runner is opened with. The
 * files' contents stay where they are: only yankwatch-notify reads them.
 */
#include "base/json.h"
#include "config/file.h"
#include "config/plugin_schema.h"
#include "config/value.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static bool check_file(const struct node *where, struct strbuf *stamp, struct json_writer *hidden,
		       struct faults *faults)
{
	char buf[PATH_MAX];
	struct err err;

	const char *path = file_resolve(where->text, buf, &err);
	if (path)
		json_put_string(hidden, NULL, path);
	if (path && file_check(path, S_IRWXO, stamp, &err) == 0)
		return true;
	/* What is no path may be the secret itself: it is not shown. */
	fault_add(faults, path ? place_value(where) : place_node(where), "%s", err.text);
	return false;
}

static bool check_file_option(const struct plugin_file_option *option, const struct node *notifier,
			      struct strbuf *stamp, struct json_writer *hidden, struct faults *faults)
{
	const struct node *value = node_get(notifier, option->name);
	const struct node *file = node_get(notifier, option->name_file);

	if (value && file && !option->secret) {
		fault_add(faults, place_node(file), "stands beside %s, allowed: one of the two", option->name);
		return false;
	}
	if (option->required && !value && !file) {
		fault_add(faults, place_key(notifier, option->secret ? option->name_file : option->name),
			  "is missing, it%s%s is required", option->secret ? "" : " or ",
			  option->secret ? "" : option->name_file);
		return false;
	}
	return !file || !file->text || check_file(file, stamp, hidden, faults);
}

static void put_list(struct json_writer *w, const struct node *list)
{
	json_open(w, list->key, '[');
	for (const struct node *item = list->first; item; item = item->next)
		json_put_string(w, NULL, item->text);
	json_close(w, ']');
}

/* The texts are known to fit their types. */
static void put_option(struct json_writer *w, const struct schema_row *row, const struct node *option)
{
	if (row->type == SCHEMA_LIST)
		put_list(w, option);
	else if (row->type == SCHEMA_INTEGER)
		json_put_int(w, option->key, strtoll(option->text, NULL, 10));
	else if (row->type == SCHEMA_BOOLEAN)
		json_put_bool(w, option->key, strcmp(option->text, "true") == 0);
	else if (row->type != SCHEMA_READ)
		json_put_string(w, option->key, option->text);
}

static const char *write_json(const struct schema *schema, const struct node *notifier, struct pool *pool)
{
	OWNED_STRBUF struct strbuf out = {0};
	struct json_writer w = {.out = &out};

	json_open(&w, NULL, '{');
	for (const struct node *option = notifier->first; option; option = option->next)
		put_option(&w, schema_row(schema, option->key), option);
	json_close(&w, '}');
	if (strbuf_failed(&out)) {
		pool->failed = true;
		return NULL;
	}
	return pool_copy(pool, strbuf_str(&out), out.len);
}

const char *plugin_options_read(const struct plugin_schema *plugin, const struct node *notifier, struct pool *pool,
				struct strbuf *stamp, struct json_writer *hidden, struct faults *faults)
{
	struct schema schema = {.rows = plugin->rows, .n_rows = plugin->n_rows};
	bool good = schema_read(&schema, notifier, NULL, faults);

	for (size_t i = 0; i < plugin->n_files; i++)
		good = check_file_option(&plugin->files[i], notifier, stamp, hidden, faults) && good;
	return good ? write_json(&schema, notifier, pool) : NULL;
}
