/* SPDX-License-Identifier: Apache-2.0 */
/* describe.c: see describe.h. */
#include "describe.h"

#include "base/json.h"
#include "needs.h"
#include "plugin.h"
#include "schema.h"

static void put_default(struct json_writer *w, const struct yw_option *option)
{
	int64_t number;

	if (!option->default_value)
		return;
	if (!schema_number(option->type, option->default_value, &number))
		json_put_string(w, "default", option->default_value);
	else if (option->type == YW_OPTION_BOOLEAN)
		json_put_bool(w, "default", number);
	else
		json_put_int(w, "default", number);
}

static void put_option(struct json_writer *w, const struct yw_option *option)
{
	json_open(w, NULL, '{');
	json_put_string(w, "name", option->name);
	json_put_string(w, "type", schema_type_name(option->type));
	json_put_bool(w, "required", option->flags & YW_OPTION_REQUIRED);
	json_put_bool(w, "secret", option->flags & YW_OPTION_SECRET);
	json_put_bool(w, "or_file", option->flags & YW_OPTION_OR_FILE);
	if (option->type == YW_OPTION_PATH) {
		json_put_bool(w, "program", option->flags & YW_OPTION_PROGRAM);
		json_put_bool(w, "write", option->flags & YW_OPTION_WRITE);
	}
	put_default(w, option);
	json_put_string(w, "help", option->help);
	json_close(w, '}');
}

void describe_plugin(const struct yw_notifier *plugin, struct strbuf *out)
{
	struct json_writer w = {.out = out};

	json_open(&w, NULL, '{');
	json_put_int(&w, "abi", plugin->abi_version);
	json_put_string(&w, "name", plugin->name);
	json_put_string(&w, "version", plugin->version);
	json_put_string(&w, "summary", plugin->summary);
	needs_write(plugin_needs(plugin), &w);
	json_open(&w, "options", '[');
	for (size_t i = 0; i < plugin->n_options; i++)
		put_option(&w, &plugin->options[i]);
	json_close(&w, ']');
	json_close(&w, '}');
}
