/* SPDX-License-Identifier: Apache-2.0 */
/* finding.c: see finding.h. */
#include "finding.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.+@"

static const struct {
	const char *state;
	const char *before, *after; /* the registry */
} states[] = {
	{"yanked", "is yanked in", ""},
	{"deleted", "is deleted from", ""},
	{"missing", "is not in", ", and never was while it was watched"},
	{"checksum_differs", "has another checksum in", " than in the lockfile"},
	{NULL, "is bad in", ""},
};

static const char *or_unknown(const char *text)
{
	return text ? text : "?";
}

enum severity finding_severity(const cJSON *finding)
{
	const char *word = json_string(finding, "severity");
	enum severity severity;

	return word && severity_parse(word, &severity) ? severity : SEVERITY_CRITICAL;
}

void findings_write_counts(const cJSON *findings, struct strbuf *out)
{
	size_t counts[SEVERITIES] = {0};
	const cJSON *finding;
	bool any = false;

	cJSON_ArrayForEach (finding, findings)
		counts[finding_severity(finding)]++;
	for (size_t i = SEVERITIES; i--;) {
		if (!counts[i])
			continue;
		strbuf_addf(out, "%s%zu %s", any ? ", " : "", counts[i], severity_name((enum severity)i));
		any = true;
	}
}

const char *finding_level(const cJSON *finding)
{
	enum severity severity = finding_severity(finding);

	return severity >= SEVERITY_HIGH ? "error" : severity == SEVERITY_MEDIUM ? "warning" : "note";
}

/* What to type; NULL: there is none, or it holds what a shell might take for more than words. */
static const char *plain_command(const cJSON *finding)
{
	const char *command = json_string(finding, "command");

	return command && command[strspn(command, PLAIN)] == '\0' ? command : NULL;
}

void finding_write_state(const cJSON *finding, struct strbuf *out)
{
	const char *state = json_string(finding, "state");
	size_t i = 0;

	while (states[i].state && !(state && strcmp(states[i].state, state) == 0))
		i++;
	strbuf_addf(out, "%s %s %s %s%s", or_unknown(json_string(finding, "crate")),
		    or_unknown(json_string(finding, "version")), states[i].before,
		    or_unknown(json_string(finding, "registry")), states[i].after);
}

static void write_each_pick(const cJSON *picks, struct strbuf *out)
{
	const cJSON *pick;

	cJSON_ArrayForEach (pick, picks) {
		const char *version = json_string(pick, "version");
		strbuf_addf(out, "%s%s for %s", pick == picks->child ? "" : ", ", version ? version : "nothing",
			    or_unknown(json_string(pick, "requirement")));
	}
}

/* "cargo would pick 1.2.4"; "… cargo finds 1.2.4 for ^1.2, nothing for =1.2.3" */
static void write_picks(const cJSON *finding, struct strbuf *out)
{
	const cJSON *picks = json_member(finding, "picks");
	const char *pick = json_string(finding, "would_pick");

	if (cJSON_GetArraySize(picks) > 0) {
		strbuf_adds(out, pick ? "cargo would pick " : "no version fits all requirements: cargo finds ");
		write_each_pick(picks, out);
	} else if (pick) {
		strbuf_addf(out, "cargo would pick %s", pick);
	} else {
		strbuf_adds(out, "no usable version is left that every requirement allows");
	}
}

/* The project itself and the crate are the ends of the path; between them is who brought it in. */
static void write_through(const cJSON *finding, struct strbuf *out)
{
	const cJSON *path = json_member(finding, "path");
	const char *through = cJSON_GetStringValue(cJSON_GetArrayItem(path, 1));

	if (cJSON_GetArraySize(path) > 2 && through)
		strbuf_addf(out, ", locked through %s", through);
}

void finding_write_message(const cJSON *finding, struct strbuf *out)
{
	const char *command = plain_command(finding);

	finding_write_state(finding, out);
	write_through(finding, out);
	strbuf_adds(out, "; ");
	write_picks(finding, out);
	if (command)
		strbuf_addf(out, ": %s", command);
}

/* ---- a block ---- */

#define TEXT_COLUMN 14 /* behind a line's head */

static void put_line(const struct style *style, const char *head, const char *text)
{
	const struct style_wrap wrap = style_hang(style, TEXT_COLUMN);
	char safe[STYLE_TEXT_MAX];

	if (!text || !*text)
		return;
	printf("    %-9s ", head);
	style_wrapped(style, COLOUR_NONE, text_safe(text, safe, sizeof safe), &wrap);
	(void)putchar('\n');
}

/* A command is copied: the terminal breaks its line, not we. */
static void put_command(const struct style *style, const char *command)
{
	if (!command)
		return;
	printf("    %-9s ", "run");
	style_text(style, COLOUR_BOLD, command);
	(void)putchar('\n');
}

static void put_list(const struct style *style, const char *head, const cJSON *list, const char *between,
		     const char *behind)
{
	OWNED_STRBUF struct strbuf line = {0};
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (cJSON_IsString(item))
			strbuf_addf(&line, "%s%s", line.len ? between : "", item->valuestring);
	}
	if (line.len)
		strbuf_adds(&line, behind);
	put_line(style, head, strbuf_str(&line));
}

/* "payments (team sec)" */
static void write_project(const cJSON *finding, struct strbuf *out)
{
	const char *team = json_string(finding, "team");

	strbuf_adds(out, or_unknown(json_string(finding, "project")));
	if (team && *team)
		strbuf_addf(out, " (team %s)", team);
}

static const char *locked_words(const cJSON *finding)
{
	return json_bool(finding, "locked", true) ? "locks it" : "allows it, but does not lock it";
}

/* Of a version that is asked about the crate is said already: then the project is what it is about. */
static void put_title(const struct style *style, const cJSON *finding)
{
	OWNED_STRBUF struct strbuf line = {0};
	char buf[STYLE_TIME_MAX];
	char safe[STYLE_TEXT_MAX];
	const char *severity = severity_name(finding_severity(finding));
	const char *since = json_string(finding, "since");

	if (json_string(finding, "crate")) {
		finding_write_state(finding, &line);
	} else {
		write_project(finding, &line);
		strbuf_addf(&line, " %s", locked_words(finding));
	}
	if (since)
		strbuf_addf(&line, " (open since %s)", style_time(style, since, buf));
	style_text(style, style_word(severity), severity);
	(void)putchar(' ');
	const struct style_wrap wrap = style_hang(style, strlen(severity) + 1);
	style_wrapped(style, COLOUR_BOLD, text_safe(strbuf_str(&line), safe, sizeof safe), &wrap);
	(void)putchar('\n');
}

static void put_project(const struct style *style, const cJSON *finding)
{
	OWNED_STRBUF struct strbuf line = {0};

	if (!json_string(finding, "crate") || !json_string(finding, "project"))
		return;
	write_project(finding, &line);
	if (!json_bool(finding, "locked", true))
		strbuf_addf(&line, " %s", locked_words(finding));
	put_line(style, "project", strbuf_str(&line));
}

void finding_print(const struct style *style, const cJSON *finding)
{
	OWNED_STRBUF struct strbuf picks = {0};

	put_title(style, finding);
	put_project(style, finding);
	put_line(style, "lockfile", json_string(finding, "lockfile"));
	put_list(style, "path", json_member(finding, "path"), " > ", "");
	put_list(style, "requires", json_member(finding, "requirements"), ", ",
		 json_bool(finding, "assumed", false) ? " (assumed: Cargo.lock does not say, `cargo metadata` does)"
						      : "");
	write_picks(finding, &picks);
	put_line(style, "then", strbuf_str(&picks));
	put_command(style, plain_command(finding));
}
