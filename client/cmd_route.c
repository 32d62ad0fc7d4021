/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_route.c: where an event would go, and why: every route, in order. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#define HITS_SHOWN 10

const struct option_row route_options[] = {
	{"event", "K", "its kind; yanked if not given"},
	{"registry", "NAME", "its registry; the one where the crate is watched if not given"},
	{"project", "NAME", "a project that it hits; those that have the version now if not given"},
	{"team", "NAME", "that project's team; the configuration's if not given"},
	{"severity", "S", "its severity; what such an event of that crate has if not given"},
	{0},
};

static void column_matches(struct table *table, const cJSON *route, const char *key)
{
	bool matches = json_bool(route, key, false);
	table_put(table, matches ? COLOUR_GREEN : COLOUR_DIM, matches ? "matches" : "no");
}

static const struct column route_columns[] = {
	{"ROUTE", "route", column_number},    {"LINE", "line", column_number}, {"MATCHES", "matches", column_matches},
	{"NOTIFIERS", "notify", column_list}, {"WHY", "why", column_text},     {0},
};

static const struct column target_columns[] = {
	{"NOTIFIER", "notifier", column_text},
	{"ROUTE", "route", column_number},
	{"WHEN", "when", column_text},
	{0},
};

/* The projects: those that have the version now. */
static void print_hits(const struct session *session, const cJSON *hits)
{
	OWNED_STRBUF struct strbuf line = {0};
	const cJSON *project;
	int told = 0;

	cJSON_ArrayForEach (project, hits) {
		if (told == HITS_SHOWN) {
			strbuf_addf(&line, " and %d more", cJSON_GetArraySize(hits) - told);
			break;
		}
		strbuf_addf(&line, "%s%s", told++ ? ", " : "hits ",
			    cJSON_IsString(project) ? project->valuestring : "?");
	}
	if (!line.len)
		return;
	style_line(&session->style, COLOUR_NONE, strbuf_str(&line));
}

static void print_event(const struct session *session, const cJSON *event)
{
	OWNED_STRBUF struct strbuf line = {0};
	const char *version = json_string(event, "version");
	const char *crate = json_string(event, "crate");
	const char *const words[] = {json_string(event, "severity"), json_string(event, "event"),
				     json_string(event, "registry")};

	bool is_unwatched = crate && !json_bool(event, "watched", true);

	strbuf_addf(&line, "[%s] %s%s%s%s%s in %s%s", words[0] ? words[0] : "?", crate ? crate : "", crate ? " " : "",
		    version ? version : "", version ? " " : "", words[1] ? words[1] : "?", words[2] ? words[2] : "?",
		    is_unwatched ? " (where it is not watched)" : "");
	style_line(&session->style, COLOUR_BOLD, strbuf_str(&line));
	print_hits(session, json_member(event, "hits"));
}

/* Of which crate and version: "demo@1.2.3". The kinds of a registry have none: "@". */
static void add_subject(struct strbuf *path, char *subject)
{
	char *at = strchr(subject, '@');

	if (at)
		*at++ = '\0';
	http_add_query(path, "crate", *subject ? subject : NULL);
	http_add_query(path, "version", at && *at ? at : NULL);
}

/* What it takes back or makes better. */
static const char *cause_of(const cJSON *event)
{
	const char *kind = json_string(event, "event");
	return kind && strcmp(kind, "unyanked") == 0 ? "the yank" : "what opened the finding";
}

/* What no table shows. */
static void print_rest(const struct session *session, const cJSON *answer)
{
	const cJSON *notifiers = json_member(answer, "notifiers");
	const cJSON *silence;

	bool has_any = notifiers && notifiers->child;

	if (!has_any)
		puts("\nno route leads it to a notifier");
	if (json_bool(answer, "follows_yank", false))
		printf("\nit goes to every notifier that was told of %s%s\n", cause_of(json_member(answer, "event")),
		       has_any ? ", too" : ", all the same");
	cJSON_ArrayForEach (silence, json_member(answer, "silences")) {
		OWNED_STRBUF struct strbuf line = {0};
		char buf[STYLE_TIME_MAX];
		const char *id = json_string(silence, "id");
		const char *ends_at = json_string(silence, "ends_at");
		const char *comment = json_string(silence, "comment");
		strbuf_addf(&line, "held back by %s until %s: %s", id ? id : "a silence",
			    ends_at ? style_time(&session->style, ends_at, buf) : "its end", comment ? comment : "");
		(void)putchar('\n');
		style_line(&session->style, COLOUR_YELLOW, strbuf_str(&line));
	}
}

int cmd_route_explain(const struct session *session, const struct args *args, struct err *err)
{
	static const char *const members[] = {"event", "registry", "project", "team", "severity"};
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *answer = NULL;

	strbuf_adds(&path, "/v1/routes/explain");
	if (args->operand_count)
		add_subject(&path, args->operands[0]);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		http_add_query(&path, members[i], args_value(args, members[i]));
	int rc = http_get(session->http, &path, &answer, err);
	if (rc)
		return rc;
	if (session->json)
		return style_json(answer, err);
	print_event(session, json_member(answer, "event"));
	rc = columns_print(&session->style, "routes", route_columns, json_member(answer, "routes"), err);
	if (rc == 0)
		rc = columns_print(&session->style, "notifiers", target_columns, json_member(answer, "notifiers"), err);
	if (rc == 0)
		print_rest(session, answer);
	return rc;
}
