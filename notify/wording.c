/* SPDX-License-Identifier: Apache-2.0 */
/* wording.c: see wording.h. What is said of findings stands in wording_findings.c. */
#include "wording.h"

#include "base/numbers.h"
#include "model/finding_sentence.h"
#include "model/reason_said.h"
#include "visible.h"
#include "wording_findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- pieces ---- */

void wording_add_time(struct strbuf *out, const char *rfc3339)
{
	char text[TIME_TEXT_MAX];
	int64_t wall_ms;

	if (!time_parse_rfc3339(rfc3339, &wall_ms)) {
		visible_add(out, rfc3339, VISIBLE_NAME_MAX);
		return;
	}
	(void)time_format_rfc3339(wall_ms, text);
	strbuf_add(out, text, strcspn(text, "."));
	strbuf_addc(out, 'Z');
}

static void add_name(struct strbuf *out, const cJSON *event, const char *key)
{
	const char *name = json_string(event, key);

	if (name)
		visible_add(out, name, VISIBLE_NAME_MAX);
}

static void add_any_name(struct strbuf *out, const char *name)
{
	visible_add(out, name, VISIBLE_NAME_MAX);
}

static bool is_kind(const cJSON *event, const char *kind)
{
	const char *own = json_string(event, "event");
	return own && strcmp(own, kind) == 0;
}

/* ---- the headline ---- */

/* A reason_changed by what it was before and is now. */
#define REASON_GIVEN "reason_changed: given"
#define REASON_CLEARED "reason_changed: cleared"

/* BEFORE crate version BETWEEN registry AFTER. */
static const struct headline {
	const char *kind, *before, *between, *after;
} headlines[] = {
	{"published", "", " was published in ", ""},
	{"yanked", "", " was yanked from ", ""},
	{"unyanked", "", " was un-yanked in ", " and can be used again"},
	{"version_deleted", "", " was deleted from ", ""},
	{"crate_deleted", "", " is gone from ", " with all its versions"},
	{"crate_created", "", " is in ", " now and was not before"},
	{"checksum_changed", "", " has another checksum in ", " than before"},
	{"metadata_changed", "", " has other metadata in ", " than before"},
	{"reason_changed", "the reason for yanking ", " from ", " was changed"},
	{REASON_GIVEN, "a reason for yanking ", " from ", " was given"},
	{REASON_CLEARED, "the reason for yanking ", " from ", " was taken away"},
	{"registry_blind", "", "the registry ", " cannot be polled"},
	{"registry_back", "", "the registry ", " is well again"},
	{"registry_incident", "", "the registry ", " has lost many crates or its config.json; deletions are held back"},
};

static const char *kind_of(const cJSON *event)
{
	if (!is_kind(event, "reason_changed") || !json_member(event, "reason"))
		return json_string(event, "event");
	if (!json_string(json_member(event, "reason"), "text"))
		return REASON_CLEARED;
	return json_string(json_member(json_member(event, "previous"), "reason"), "text") ? "reason_changed"
											  : REASON_GIVEN;
}

static const struct headline *headline_of(const cJSON *event)
{
	const char *kind = kind_of(event);

	for (size_t i = 0; kind && i < ARRAY_LEN(headlines); i++)
		if (strcmp(headlines[i].kind, kind) == 0)
			return &headlines[i];
	return NULL;
}

static void add_subject(struct strbuf *out, const cJSON *event)
{
	add_name(out, event, "crate");
	if (json_string(event, "crate") && json_string(event, "version"))
		strbuf_addc(out, ' ');
	add_name(out, event, "version");
}

/* Of a kind that is younger than this program. */
static void add_unknown(struct strbuf *out, const cJSON *event)
{
	if (json_string(event, "event"))
		add_name(out, event, "event");
	else
		strbuf_adds(out, "an event");
	if (json_string(event, "crate"))
		strbuf_adds(out, " of ");
	add_subject(out, event);
	if (json_string(event, "registry"))
		strbuf_adds(out, " in ");
	add_name(out, event, "registry");
}

void wording_headline(struct strbuf *out, const cJSON *event)
{
	const struct headline *headline = headline_of(event);

	if (finding_sentence(out, event, json_string(event, "registry"), add_any_name))
		return;
	if (!headline || !json_string(event, "registry")) {
		add_unknown(out, event);
		return;
	}
	strbuf_adds(out, headline->before);
	add_subject(out, event);
	strbuf_adds(out, headline->between);
	add_name(out, event, "registry");
	strbuf_adds(out, headline->after);
}

void wording_still_open(struct strbuf *out, const cJSON *event)
{
	const char *at = json_string(event, "at");

	strbuf_adds(out, "still open");
	if (at) {
		strbuf_adds(out, " since ");
		wording_add_time(out, at);
	}
	strbuf_adds(out, ": ");
}

/* ---- facts of one line each ---- */

static void say_severity(struct strbuf *out, const cJSON *event)
{
	add_name(out, event, "severity");
}

static void say_time(struct strbuf *out, const cJSON *event, const char *key)
{
	const char *at = json_string(event, key);

	if (at)
		wording_add_time(out, at);
}

static void say_when(struct strbuf *out, const cJSON *event)
{
	say_time(out, event, "at");
}

/* Only where it tells more than "when": another second, or an answer that was no file. */
static void say_seen_at(struct strbuf *out, const cJSON *event)
{
	OWNED_STRBUF struct strbuf when = {0};
	OWNED_STRBUF struct strbuf seen = {0};
	int64_t status = json_int(json_member(event, "evidence"), "status", 0);

	say_when(&when, event);
	say_time(&seen, event, "observed_at");
	if (!seen.len || (!status && strcmp(strbuf_str(&when), strbuf_str(&seen)) == 0))
		return;
	strbuf_adds(out, strbuf_str(&seen));
	if (status)
		strbuf_addf(out, ", the registry answered %" PRId64, status);
}

static void say_since(struct strbuf *out, const cJSON *event)
{
	say_time(out, event, "since");
}

static void say_detail(struct strbuf *out, const cJSON *event)
{
	const char *detail = json_string(event, "detail");
	const cJSON *finding = cJSON_GetArrayItem(json_member(event, "findings"), 0);
	bool is_headline = json_string(event, "project") && json_string(finding, "state");

	if (detail && !is_headline)
		visible_add(out, detail, VISIBLE_TEXT_MAX);
}

static void add_free_text(struct strbuf *out, const char *text)
{
	visible_add(out, text, VISIBLE_TEXT_MAX);
}

static void say_why(struct strbuf *out, const cJSON *event)
{
	reason_sentence(out, json_member(event, "reason"), add_free_text, add_any_name);
}

static void say_why_before(struct strbuf *out, const cJSON *event)
{
	reason_sentence(out, json_member(json_member(event, "previous"), "reason"), add_free_text, add_any_name);
}

static void say_old_checksum(struct strbuf *out, const cJSON *event)
{
	add_name(out, json_member(event, "previous"), "checksum");
}

/* A checksum says something to people only beside the one before. */
static void say_new_checksum(struct strbuf *out, const cJSON *event)
{
	if (json_string(json_member(event, "previous"), "checksum"))
		add_name(out, event, "checksum");
}

static void add_facet(struct strbuf *out, const char *facet)
{
	static const char *const words[][2] = {{"deps", "dependencies"}, {"rust_version", "the Rust version needed"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(facet, words[i][0]) == 0)
			facet = words[i][1];
	visible_add(out, facet, VISIBLE_NAME_MAX);
}

/* The strings of a list, at most `max`, then how many more there are. */
static void add_list(struct strbuf *out, const cJSON *list, int max, void (*add)(struct strbuf *, const char *))
{
	int count = cJSON_GetArraySize(list);
	int told = 0;
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (told == max)
			break;
		if (told++)
			strbuf_adds(out, ", ");
		add(out, cJSON_IsString(item) ? item->valuestring : "?");
	}
	if (count > told)
		strbuf_addf(out, " and %d more", count - told);
}

static void say_changed(struct strbuf *out, const cJSON *event)
{
	add_list(out, json_member(event, "changed"), WORDING_VERSIONS_MAX, add_facet);
}

static void say_versions(struct strbuf *out, const cJSON *event)
{
	add_list(out, json_member(event, "versions"), WORDING_VERSIONS_MAX, add_any_name);
}

/* Crate names and versions are anybody's: what a shell would not take as one word is left out. */
static bool is_word(const char *text)
{
	return text && visible_is_plain_command(text) && !strchr(text, ' ') && text[0] != '-';
}

/* Where each project's own command stands, too. */
static void say_look(struct strbuf *out, const cJSON *event)
{
	const char *crate = json_string(event, "crate");
	const char *version = json_string(event, "version");
	const char *project = json_string(event, "project");
	bool hits = findings_to_act_on(event);

	if (!crate)
		strbuf_adds(out, "yankwatch status");
	else if (project && hits)
		strbuf_addf(out, "yankwatch findings%s%s", is_word(project) ? " --project " : "",
			    is_word(project) ? project : "");
	else if (!is_word(crate))
		strbuf_adds(out, "yankwatch history");
	else if (is_word(version))
		strbuf_addf(out, "yankwatch %s %s@%s", hits ? "impact" : "show", crate, version);
	else
		strbuf_addf(out, "yankwatch show %s", crate);
}

/* ---- all facts ---- */

/* In the order in which they are told; notifier.h lists the labels. */
static const struct {
	const char *label;
	void (*say)(struct strbuf *out, const cJSON *event); /* nothing said: no such fact */
	void (*say_each)(struct facts *facts, const char *label, const cJSON *event);
} rows[] = {
	{"severity", say_severity, NULL},
	{"when", say_when, NULL},
	{"seen at", say_seen_at, NULL},
	{"since", say_since, NULL},
	{"detail", say_detail, NULL},
	{"why", say_why, NULL},
	{"why before", say_why_before, NULL},
	{"changed", say_changed, NULL},
	{"old checksum", say_old_checksum, NULL},
	{"new checksum", say_new_checksum, NULL},
	{"versions", say_versions, NULL},
	{"projects", NULL, findings_say_each},
	{"instead", findings_say_instead, NULL},
	{"run", findings_say_run, NULL},
	{"look", say_look, NULL},
};

void wording_facts(struct facts *facts, const cJSON *event, const char *ended_at)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_STRBUF struct strbuf value = {0};
		if (rows[i].say_each)
			rows[i].say_each(facts, rows[i].label, event);
		else
			rows[i].say(&value, event);
		facts_take(facts, rows[i].label, &value);
	}
	if (!ended_at)
		return;
	OWNED_STRBUF struct strbuf value = {0};
	wording_add_time(&value, ended_at);
	facts_take(facts, "taken back", &value);
}
