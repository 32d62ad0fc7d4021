/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_silence.c: silences: what shall not be told for a while, by whom, why and
 * until when.
 */
#include "ask.h"
#include "base/numbers.h"
#include "base/text.h"
#include "commands.h"
#include "moment.h"

#include <stdio.h>
#include <string.h>

const struct option_row silence_add_options[] = {
	{"crate", "NAME", "of this crate; * and ? stand for any"},
	{"version", "V", "of this version"},
	{"registry", "NAME", "of this registry"},
	{"project", "NAME", "of this project; * and ? stand for any"},
	{"event", "K,…", "only these kinds: yanked, version_deleted, …"},
	{"until", "T", "its end: in 2h or 7d, a date, \"2026-11-21 09:30\" in local time, or RFC 3339"},
	{"comment", "TEXT", "why"},
	{"author", "NAME", "who; your user's name if not given"},
	{0},
};

const struct option_row silence_list_options[] = {
	{"state", "S", "only these: active, expired or removed"},
	{0},
};

/* "crate serde, version 1.2.3, yanked": what it holds back. */
static void column_what(struct table *table, const cJSON *silence, const char *key)
{
	static const char *const members[] = {"registry", "crate", "version", "project"};
	OWNED_STRBUF struct strbuf what = {0};
	const cJSON *kind;
	(void)key; /* made of several */

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *value = json_string(silence, members[i]);
		if (value)
			strbuf_addf(&what, "%s%s %s", what.len ? ", " : "", members[i], value);
	}
	cJSON_ArrayForEach (kind, json_member(silence, "events")) {
		if (cJSON_IsString(kind))
			strbuf_addf(&what, "%s%s", what.len ? ", " : "", kind->valuestring);
	}
	table_put(table, COLOUR_NONE, strbuf_str(&what));
}

static const struct column silence_columns[] = {
	{"ID", "id", column_whole},          {"STATE", "state", column_word},
	{"UNTIL", "ends_at", column_time},   {"HELD BACK", "held_back", column_number},
	{"AUTHOR", "author", column_text},   {"WHAT", NULL, column_what},
	{"COMMENT", "comment", column_text}, {0},
};

int cmd_silence_list(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *answer = NULL;

	strbuf_adds(&path, "/v1/silences");
	http_add_query(&path, "state", args_value(args, "state"));
	int rc = http_get(session->http, &path, &answer, err);
	if (rc)
		return rc;
	cJSON *silences = cJSON_GetObjectItemCaseSensitive(answer, "silences");
	if (cJSON_GetArraySize(silences) == 0)
		session_tell_none(session, "silences");
	return session_print_reversed(session, silence_columns, silences, err);
}

static void put_kinds(struct json_writer *w, const char *kinds)
{
	json_open(w, "events", '[');
	while (*kinds) {
		OWNED_STRBUF struct strbuf kind = {0};
		size_t len = strcspn(kinds, ",");
		strbuf_add(&kind, kinds, len);
		json_put_string(w, NULL, strbuf_str(&kind));
		kinds += len + (kinds[len] != '\0');
	}
	json_close(w, ']');
}

/* What the daemon checks is left to it; but an end is a local time here. */
static int write_silence(const struct args *args, struct strbuf *body, struct err *err)
{
	static const char *const as_they_are[] = {"crate", "version", "registry", "project", "comment", "author"};
	struct json_writer w = {.out = body};
	const char *until = args_value(args, "until");
	int64_t ends_ms;

	if (!until)
		return err_set(err, ERR_BAD, "silence add: until when: --until 2h, 7d, a date or a time");
	if (!moment_parse(until, MOMENT_FROM_NOW, &ends_ms))
		return err_set(err, ERR_BAD,
			       "--until: %s: no time: 2h or 7d (from now), a date, \"2026-11-21 09:30\" or RFC 3339",
			       until);
	if (!args_value(args, "comment"))
		return err_set(err, ERR_BAD, "silence add: why: --comment TEXT");
	json_open(&w, NULL, '{');
	for (size_t i = 0; i < ARRAY_LEN(as_they_are); i++)
		if (args_value(args, as_they_are[i]))
			json_put_string(&w, as_they_are[i], args_value(args, as_they_are[i]));
	if (args_value(args, "event"))
		put_kinds(&w, args_value(args, "event"));
	json_put_time(&w, "ends", ends_ms);
	json_close(&w, '}');
	return 0;
}

/* A crate that nobody knows, perhaps a mistyped one: the silence stands, but whoever set it is told. */
static void tell_if_unknown(struct http *http, const char *crate)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *events = NULL;
	char safe[STYLE_TEXT_MAX];
	struct err err;

	if (!crate || strpbrk(crate, "*?"))
		return;
	strbuf_adds(&path, "/v1/events");
	http_add_query(&path, "crate", crate);
	http_add_query(&path, "limit", "1");
	if (http_get(http, &path, &events, &err) != ERR_ABSENT)
		return;
	(void)fflush(stdout);
	(void)fprintf(stderr, "yankwatch: silence add: %s\n", text_safe(err.text, safe, sizeof safe));
}

int cmd_silence_add(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf body = {0};
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *silence = NULL;
	char buf[STYLE_TIME_MAX];

	int rc = write_silence(args, &body, err);
	if (rc == 0)
		rc = ask_post(session->http, (const char *const[]){"/v1/silences"}, 1, &body, false, &silence, err);
	if (rc)
		return rc;
	const char *id = json_string(silence, "id");
	const char *ends_at = json_string(silence, "ends_at");
	strbuf_addf(&line, "%s: silent until %s", id ? id : "added",
		    ends_at ? style_time(&session->style, ends_at, buf) : "its end");
	rc = session_tell(session, silence, &line, err);
	if (rc == 0)
		tell_if_unknown(session->http, args_value(args, "crate"));
	return rc;
}

/* The daemon answers a removal with nothing, so the JSON is ours. */
static int tell_removed(const struct session *session, const char *id, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *object = cJSON_CreateObject();

	if (!cJSON_AddStringToObject(object, "id", id) || !cJSON_AddTrueToObject(object, "removed"))
		return err_nomem(err);
	strbuf_addf(&line, "%s is over", id);
	return session_tell(session, object, &line, err);
}

int cmd_silence_remove(const struct session *session, const struct args *args, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < args->operand_count && rc == 0; i++) {
		OWNED_STRBUF struct strbuf path = {0};
		OWNED_JSON cJSON *answer = NULL;
		strbuf_adds(&path, "/v1/silences");
		http_add_segment(&path, args->operands[i]);
		rc = http_call(session->http, &(struct http_request){.method = "DELETE", .path = &path}, &answer, err);
		if (rc == 0)
			rc = tell_removed(session, args->operands[i], err);
	}
	return rc;
}
