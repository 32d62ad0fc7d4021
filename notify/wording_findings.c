/* SPDX-License-Identifier: Apache-2.0 */
/* wording_findings.c: see wording_findings.h. */
#include "wording_findings.h"

#include "visible.h"
#include "wording.h"

#include <string.h>

static void add_named(struct strbuf *out, const char *before, const char *name, const char *after)
{
	if (!name)
		return;
	strbuf_adds(out, before);
	visible_add(out, name, VISIBLE_NAME_MAX);
	strbuf_adds(out, after);
}

static void add_requirements(struct strbuf *out, const cJSON *finding)
{
	const cJSON *list = json_member(finding, "requirements");
	const cJSON *item;
	bool first = true;

	cJSON_ArrayForEach (item, list) {
		add_named(out, first ? " (" : ", ", cJSON_IsString(item) ? item->valuestring : "?", "");
		first = false;
	}
	if (!first)
		strbuf_addc(out, ')');
}

/* The project itself and the crate are the ends of the path; between them is who brought it in. */
static void add_path(struct strbuf *out, const cJSON *finding)
{
	const cJSON *path = json_member(finding, "path");
	const char *through = cJSON_GetStringValue(cJSON_GetArrayItem(path, 1));

	if (cJSON_GetArraySize(path) > 2)
		add_named(out, ", through ", through, "");
}

static void add_finding(struct strbuf *out, const cJSON *finding)
{
	const char *project = json_string(finding, "project");

	add_named(out, "", project ? project : "a project", "");
	add_named(out, " (team ", json_string(finding, "team"), ")");
	if (json_bool(finding, "locked", false)) {
		strbuf_adds(out, " is locked to it");
	} else {
		strbuf_adds(out, " allows it");
		add_requirements(out, finding);
	}
	add_path(out, finding);
	add_named(out, ": ", json_string(finding, "severity"), "");
}

void findings_say_each(struct facts *facts, const char *label, const cJSON *event)
{
	const cJSON *findings = json_member(event, "findings");
	int count = cJSON_GetArraySize(findings);
	int told = 0;
	const cJSON *finding;

	cJSON_ArrayForEach (finding, findings) {
		OWNED_STRBUF struct strbuf value = {0};
		if (told++ == WORDING_PROJECTS_MAX) {
			strbuf_addf(&value, "and %d more", count - WORDING_PROJECTS_MAX);
			facts_take(facts, label, &value);
			return;
		}
		add_finding(&value, finding);
		facts_take(facts, label, &value);
	}
}

/* What was yanked or deleted while projects use it. */
static bool needs_replacement(const cJSON *event)
{
	static const char *const kinds[] = {"yanked", "version_deleted", "crate_deleted"};
	const char *kind = json_string(event, "event");

	for (size_t i = 0; kind && i < ARRAY_LEN(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return cJSON_GetArraySize(json_member(event, "findings")) > 0;
	return false;
}

void findings_say_instead(struct strbuf *out, const cJSON *event)
{
	const cJSON *replacement = json_member(event, "replacement");
	const char *version = json_string(replacement, "version");

	if (version && json_bool(replacement, "compatible", false))
		add_named(out, "", version, "");
	else if (version)
		add_named(out, "no compatible version; ", version, " is usable, but not compatible");
	else if (json_int(event, "usable_versions", -1) == 0)
		strbuf_adds(out, "no usable version left");
	else if (needs_replacement(event))
		strbuf_adds(out, "no compatible version");
}

void findings_say_run(struct strbuf *out, const cJSON *event)
{
	const char *command = json_string(json_member(event, "replacement"), "command");

	if (command && strlen(command) <= VISIBLE_COMMAND_MAX && visible_is_plain_command(command))
		strbuf_adds(out, command);
}
