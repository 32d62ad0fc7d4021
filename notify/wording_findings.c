/* SPDX-License-Identifier: Apache-2.0 */
/* wording_findings.c: see wording_findings.h. */
#include "wording_findings.h"

#include "model/words.h"
#include "visible.h"
#include "wording.h"

#include <stdio.h>
#include <string.h>

static void add_named(struct strbuf *out, const char *before, const char *name, const char *after)
{
	if (!name)
		return;
	strbuf_adds(out, before);
	visible_add(out, name, VISIBLE_NAME_MAX);
	strbuf_adds(out, after);
}

static bool is_one_of(const cJSON *event, uint32_t kinds)
{
	const char *name = json_string(event, "event");
	enum event_kind kind;

	return name && event_kind_parse(name, &kind) && kinds & 1u << kind;
}

/* There is something to move away from. */
static bool is_bad(const cJSON *event)
{
	return is_one_of(event, 1u << EVENT_YANKED | 1u << EVENT_VERSION_DELETED | 1u << EVENT_CRATE_DELETED |
					1u << EVENT_CHECKSUM_CHANGED | 1u << EVENT_FINDING_OPENED |
					1u << EVENT_REPLACEMENT_AVAILABLE);
}

/* It is over: whose it was is all there is to say. */
static bool is_over(const cJSON *event)
{
	return is_one_of(event, 1u << EVENT_UNYANKED | 1u << EVENT_FINDING_RESOLVED);
}

/* ---- one project ---- */

/* The items of a list, at most WORDING_REQUIREMENTS_MAX, then how many more there are. */
static void add_list(struct strbuf *out, const cJSON *list, void (*add)(struct strbuf *, const cJSON *item))
{
	int told = 0;
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (told == WORDING_REQUIREMENTS_MAX) {
			strbuf_addf(out, " and %d more", cJSON_GetArraySize(list) - told);
			return;
		}
		if (told++)
			strbuf_adds(out, ", ");
		add(out, item);
	}
}

static void add_requirement(struct strbuf *out, const cJSON *item)
{
	add_named(out, "", cJSON_IsString(item) ? item->valuestring : "?", "");
}

static void add_requirements(struct strbuf *out, const cJSON *finding)
{
	const cJSON *list = json_member(finding, "requirements");

	if (cJSON_GetArraySize(list) == 0)
		return;
	strbuf_adds(out, " (");
	add_list(out, list, add_requirement);
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

/* "payments (team sec; /srv/payments/Cargo.lock)". */
static void add_project(struct strbuf *out, const cJSON *finding)
{
	const char *project = json_string(finding, "project");
	const char *team = json_string(finding, "team");
	const char *lockfile = json_string(finding, "lockfile");

	add_named(out, "", project ? project : "a project", "");
	add_named(out, " (team ", team, lockfile ? "" : ")");
	if (!lockfile)
		return;
	strbuf_adds(out, team ? "; " : " (");
	visible_add(out, lockfile, VISIBLE_COMMAND_MAX);
	strbuf_addc(out, ')');
}

/* Cargo.lock does not hold every requirement. */
static void add_assumed(struct strbuf *out, const cJSON *event, const cJSON *finding)
{
	const char *version = json_string(event, "version");
	bool only = cJSON_GetArraySize(json_member(finding, "requirements")) < 2;

	if (json_bool(finding, "assumed", false) && version)
		add_named(out, only ? "; the requirement is not known, ^" : "; not every requirement is known, ^",
			  version, " is assumed");
}

static void add_pick(struct strbuf *out, const cJSON *pick)
{
	const char *version = json_string(pick, "version");

	add_named(out, "", version ? version : "none", "");
	add_named(out, " for ", json_string(pick, "requirement"), "");
}

/* What cargo does about it. */
static void add_picks(struct strbuf *out, const cJSON *event, const cJSON *finding)
{
	const cJSON *picks = json_member(finding, "picks");
	const char *version = json_string(finding, "would_pick");

	if (!is_bad(event))
		return;
	if (cJSON_GetArraySize(picks) > 0) {
		strbuf_adds(out, "; cargo would pick ");
		add_list(out, picks, add_pick);
	} else if (version) {
		add_named(out, "; cargo would pick ", version, "");
	}
	if (!version && json_int(event, "usable_versions", -1) != 0)
		strbuf_adds(out, "; no usable version is left that every requirement allows");
}

static void add_finding(struct strbuf *out, const cJSON *event, const cJSON *finding)
{
	add_project(out, finding);
	if (is_over(event))
		return;
	if (json_bool(finding, "locked", false)) {
		strbuf_adds(out, " locks it");
	} else {
		strbuf_adds(out, " allows it");
		add_requirements(out, finding);
	}
	add_path(out, finding);
	add_named(out, ": ", json_string(finding, "severity"), "");
	add_assumed(out, event, finding);
	add_picks(out, event, finding);
}

/* ---- all of them ---- */

void findings_say_each(struct facts *facts, const char *label, const cJSON *event)
{
	const cJSON *findings = json_member(event, "findings");
	int64_t left = cJSON_GetArraySize(findings) + json_int(event, "more_findings", 0);
	int told = 0;
	const cJSON *finding;
	OWNED_STRBUF struct strbuf value = {0};

	cJSON_ArrayForEach (finding, findings) {
		if (told++ == WORDING_PROJECTS_MAX)
			break;
		add_finding(&value, event, finding);
		facts_take(facts, label, &value);
		left--;
	}
	if (left <= 0)
		return;
	strbuf_adds(&value, told ? "and " : "");
	wording_add_count(&value, left, told ? "more finding" : "finding", told ? "more findings" : "findings");
	facts_take(facts, label, &value);
}

/* Projects are hit, and cargo can take none of them to another version. */
static bool are_stuck(const cJSON *findings)
{
	const cJSON *finding;

	cJSON_ArrayForEach (finding, findings)
		if (json_string(finding, "would_pick"))
			return false;
	return cJSON_GetArraySize(findings) > 0;
}

void findings_say_instead(struct strbuf *out, const cJSON *event)
{
	const cJSON *replacement = json_member(event, "replacement");
	const cJSON *findings = json_member(event, "findings");
	const char *version = json_string(replacement, "version");

	if (!is_bad(event))
		return;
	if (version && json_bool(replacement, "compatible", false))
		add_named(out, "", version, are_stuck(findings) ? ", but the requirements do not allow it" : "");
	else if (version)
		add_named(out, "no compatible version; ", version, " is usable, but not compatible");
	else if (json_int(event, "usable_versions", -1) == 0)
		strbuf_adds(out, "no usable version left");
	else if (cJSON_GetArraySize(findings) > 0)
		strbuf_adds(out, "no compatible version");
}

static const char *command_in(const cJSON *object)
{
	const char *command = json_string(object, "command");

	return command && strlen(command) <= VISIBLE_COMMAND_MAX && visible_is_plain_command(command) ? command : NULL;
}

/* Of a finding that has none the replacement's, when that is what cargo would pick. */
static const char *command_for(const cJSON *finding, const char *would_pick, const cJSON *replacement)
{
	const char *version = json_string(replacement, "version");
	bool is_same = version && strcmp(version, would_pick) == 0;

	return command_in(is_same && !json_member(finding, "command") ? replacement : finding);
}

/* The one that helps every lockfile that can be helped: each knows which versions of the crate it has, and what fits.
 * NULL: they need different ones. */
static const char *command_of(const cJSON *findings, const cJSON *replacement)
{
	const char *common = NULL;
	const cJSON *finding;

	cJSON_ArrayForEach (finding, findings) {
		const char *would_pick = json_string(finding, "would_pick");
		if (!would_pick)
			continue;
		const char *command = command_for(finding, would_pick, replacement);
		if (!command || (common && strcmp(common, command) != 0))
			return NULL;
		common = command;
	}
	return common;
}

bool findings_to_act_on(const cJSON *event)
{
	return is_bad(event) && cJSON_GetArraySize(json_member(event, "findings")) > 0;
}

void findings_say_run(struct strbuf *out, const cJSON *event)
{
	const cJSON *replacement = json_member(event, "replacement");
	const char *command = findings_to_act_on(event) ? command_of(json_member(event, "findings"), replacement)
							: command_in(replacement);

	if (command && is_bad(event))
		strbuf_adds(out, command);
}
