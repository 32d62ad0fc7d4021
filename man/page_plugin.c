/* SPDX-License-Identifier: Apache-2.0 */
/* page_plugin.c: what a plugin declares, and the interface that it has. See pages.h. */
#include "pages.h"

#include "base/json.h"
#include "mdoc.h"

#include <ctype.h>
#include <string.h>

void write_header(struct strbuf *out, const char *source)
{
	OWNED_STRBUF struct strbuf line = {0};

	strbuf_adds(out, ".Bd -literal\n");
	while (*source) {
		size_t len = strcspn(source, "\n");
		strbuf_reset(&line);
		strbuf_add(&line, source, len);
		mdoc_literal(out, strbuf_str(&line));
		source += len + (source[len] == '\n');
	}
	strbuf_adds(out, ".Ed\n");
}

/* "plugin name" to "Dt": the title is in capitals. */
void write_plugin_name(struct strbuf *out, const char *source)
{
	OWNED_JSON cJSON *plugin = cJSON_Parse(source);
	const char *name = json_string(plugin, "name");
	const char *summary = json_string(plugin, "summary");

	if (!name || !summary)
		return;
	strbuf_adds(out, ".Dt YANKWATCH-");
	for (const char *p = name; *p; p++) {
		char upper = (char)toupper((unsigned char)*p);
		strbuf_add(out, &upper, 1);
	}
	strbuf_addf(out, " 7\n.Os yankwatch\n.Sh NAME\n.Nm yankwatch-%s\n.Nd ", name);
	mdoc_text(out, summary);
	strbuf_addf(out, ".Sh SYNOPSIS\n.Bd -literal\nnotifiers:\n  NAME:\n    plugin: %s\n    OPTION: VALUE\n.Ed\n",
		    name);
}

static void put_needs(struct strbuf *out, const cJSON *needs)
{
	OWNED_STRBUF struct strbuf line = {0};
	const cJSON *need;

	cJSON_ArrayForEach (need, needs)
		strbuf_addf(&line, "%s%s", line.len ? ", " : "of what the sandbox takes away it needs ",
			    cJSON_GetStringValue(need));
	mdoc_sentence(out, line.len ? strbuf_str(&line) : "it needs nothing that the sandbox takes away");
	mdoc_text(out, "Its options:");
}

static void put_default(struct strbuf *line, const cJSON *option)
{
	const cJSON *value = json_member(option, "default");
	OWNED_MEM char *text = NULL;

	if (!value)
		return;
	text = cJSON_IsString(value) ? strdup(value->valuestring) : cJSON_PrintUnformatted(value);
	strbuf_addf(line, "; %s if not given", text ? text : "");
}

static void put_option(struct strbuf *out, const cJSON *option)
{
	OWNED_STRBUF struct strbuf line = {0};
	const char *name = json_string(option, "name");
	const char *type = json_string(option, "type");
	const char *help = json_string(option, "help");
	bool is_secret = json_bool(option, "secret", false);

	if (!name || !type || !help)
		return;
	strbuf_adds(out, ".It Ic ");
	if (!is_secret)
		mdoc_word(out, name);
	if (json_bool(option, "or_file", false))
		strbuf_adds(out, " , Ic ");
	if (is_secret || json_bool(option, "or_file", false))
		strbuf_addf(out, "\\&%s_file", name);
	strbuf_adds(out, "\n");
	mdoc_sentence(out, help);
	strbuf_addf(&line, "type %s", is_secret ? "path, or credential:NAME" : type);
	if (json_bool(option, "required", false))
		strbuf_adds(&line, "; required");
	put_default(&line, option);
	mdoc_sentence(out, strbuf_str(&line));
}

void write_plugin_options(struct strbuf *out, const char *source)
{
	OWNED_JSON cJSON *plugin = cJSON_Parse(source);
	const cJSON *option;

	put_needs(out, json_member(plugin, "needs"));
	strbuf_adds(out, ".Bl -tag -width Ds\n");
	cJSON_ArrayForEach (option, json_member(plugin, "options"))
		put_option(out, option);
	strbuf_adds(out, ".El\n");
}
