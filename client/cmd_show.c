/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_show.c: what the daemon knows of a crate, in each registry where it is
 * watched: its versions and their state; or of one version, with its events.
 */
#include "ask.h"
#include "columns_reason.h"
#include "commands.h"
#include "event_filters.h"
#include "pager.h"
#include "past_reason.h"

#include <stdio.h>
#include <string.h>

const struct option_row show_options[] = {
	{OPTION_REGISTRY},
	{"at", "T", "as it was then: 2h or 7d ago, a date, \"2026-11-21 09:30\" in local time, or RFC 3339"},
	{0},
};

/* What is to be shown of a crate. */
struct shown {
	const char *version; /* NULL: all of them */
	const char *at;      /* RFC 3339; NULL: as it is */
	int64_t at_ms;
	const char *until; /* then: events before this */
};

#define CHECKSUM_SHOWN 12 /* digits in the table; the whole of it stands with one version */

static void column_checksum(struct table *table, const cJSON *version, const char *key)
{
	char digits[CHECKSUM_SHOWN + 1];
	const char *checksum = json_string(version, key);

	if (checksum)
		(void)snprintf(digits, sizeof digits, "%s", checksum);
	table_put(table, COLOUR_NONE, checksum ? digits : NULL);
}

static void column_version_state(struct table *table, const cJSON *version, const char *key)
{
	(void)key; /* made of two */
	const char *state = json_bool(version, "deleted", false)  ? "deleted"
			    : json_bool(version, "yanked", false) ? "yanked"
			    : !json_member(version, "yanked")     ? "unknown"
								  : "ok";
	table_put(table, style_word(state), state);
}

static const struct column crate_lines[] = {
	{"crate", "crate", column_text},
	{"registry", "registry", column_text},
	{"state", "state", column_word},
	{"index", "index", column_whole},
	{"last changed", "last_modified", column_time},
	{"waits since", "waits_since", column_time},
	{"listed by", "listed_by", column_list},
	{"usable versions", "usable_versions", column_number},
	{"lines not understood", "unparsed_lines", column_number},
	{"repeated lines", "doubled_lines", column_number},
	{0},
};

static const struct column past_lines[] = {
	{"crate", "crate", column_text},
	{"registry", "registry", column_text},
	{"at", "at", column_time},
	{"state", "state", column_word},
	{"known since", "since", column_time},
	{"usable versions", "usable_versions", column_number},
	{0},
};

static const struct column version_lines[] = {
	{"crate", "crate", column_text},
	{"version", "version", column_text},
	{"registry", "registry", column_text},
	{"state", NULL, column_version_state},
	{"changed", "changed_at", column_time},
	{"checksum", "checksum", column_whole},
	{0},
};

static const struct column past_version_lines[] = {
	{"at", "at", column_time},
	{0},
};

static const struct column reason_lines[] = {
	{"reason", "reason", column_reason},
	{"given by", "reason", column_reason_by},
	{"given", "reason", column_reason_time},
	{0},
};

static const struct column version_columns[] = {
	{"VERSION", "version", column_text},
	{"STATE", NULL, column_version_state},
	{"CHANGED", "changed_at", column_time},
	{"CHECKSUM", "checksum", column_checksum},
	{0},
};

static int print_version_lines(const struct session *session, const cJSON *version, struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = 2};

	columns_put_lines(&table, version_lines, version);
	if (json_member(version, "at"))
		columns_put_lines(&table, past_version_lines, version);
	if (json_member(version, "reason"))
		columns_put_lines(&table, reason_lines, version);
	return table_print(&table, err);
}

static int print_crate(const struct session *session, const cJSON *crate, struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = columns_count(version_columns)};
	const cJSON *version;

	if (session->json)
		return style_json(crate, err);
	int rc = session_print_lines(session, json_member(crate, "at") ? past_lines : crate_lines, crate, err);
	if (rc)
		return rc;
	(void)putchar('\n');
	columns_put_head(&table, version_columns);
	cJSON_ArrayForEach (version, json_member(crate, "versions"))
		columns_put(&table, version_columns, version);
	return table_print(&table, err);
}

static int collect_events(struct http *http, const char *registry, const char *crate, const struct shown *shown,
			  cJSON **ret_events, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = http, .member = "events", .left = UINT64_MAX};

	strbuf_adds(&pager.path, "/v1/events");
	http_add_query(&pager.path, "registry", registry);
	http_add_query(&pager.path, "crate", crate);
	http_add_query(&pager.path, "version", shown->version);
	http_add_query(&pager.path, "until", shown->until);
	return pager_collect(&pager, ret_events, err);
}

static cJSON *take_version(cJSON *crate, const char *name)
{
	cJSON *versions = cJSON_GetObjectItemCaseSensitive(crate, "versions");
	cJSON *version;

	cJSON_ArrayForEach (version, versions) {
		const char *its_name = json_string(version, "version");
		if (its_name && strcmp(its_name, name) == 0)
			return cJSON_DetachItemViaPointer(versions, version);
	}
	return NULL;
}

static int put_past_reason(struct http *http, const char *registry, const char *crate, const struct shown *shown,
			   cJSON *version, cJSON *events, struct err *err)
{
	OWNED_JSON cJSON *today = NULL;

	int rc = ask_crate(http, registry, crate, NULL, &today, err);
	if (rc)
		return rc;
	OWNED_JSON cJSON *now = take_version(today, shown->version);
	return past_reason_put(now, shown->at_ms, version, events, err);
}

static int print_version_and_events(const struct session *session, const cJSON *version, const cJSON *events,
				    struct err *err)
{
	int rc = print_version_lines(session, version, err);
	if (!rc)
		rc = reason_print_earlier(&session->style, version, err);
	if (!rc && events->child)
		(void)putchar('\n');
	return rc ? rc : session_print(session, event_columns, events, err);
}

/* One document of the version: what stands in its crate's, whose it is, and its events. */
static int print_version(const struct session *session, const char *registry, cJSON *crate, const struct shown *shown,
			 struct err *err)
{
	const char *name = shown->version;
	OWNED_JSON cJSON *version = take_version(crate, name);
	OWNED_JSON cJSON *events = NULL;
	const char *crate_name = json_string(crate, "crate");

	if (!version || !crate_name)
		return err_set(err, ERR_ABSENT, "%s: no such version of this crate in %s%s%s", name, registry,
			       shown->at ? " at " : "", shown->at ? shown->at : "");
	int rc = collect_events(session->http, registry, crate_name, shown, &events, err);
	if (!rc && shown->at)
		rc = put_past_reason(session->http, registry, crate_name, shown, version, events, err);
	if (rc)
		return rc;
	if (!cJSON_AddStringToObject(version, "registry", registry) ||
	    !cJSON_AddStringToObject(version, "crate", crate_name) ||
	    (shown->at && !cJSON_AddStringToObject(version, "at", shown->at)))
		return err_nomem(err);
	if (!session->json)
		return print_version_and_events(session, version, events, err);
	if (!cJSON_AddItemToObject(version, "events", events))
		return err_nomem(err);
	(void)TAKE(events);
	return style_json(version, err);
}

static int show_in(const struct session *session, const char *registry, const char *name, const void *question,
		   struct err *err)
{
	const struct shown *shown = question;
	OWNED_JSON cJSON *crate = NULL;
	int rc = ask_crate(session->http, registry, name, shown->at, &crate, err);

	if (rc)
		return rc;
	return shown->version ? print_version(session, registry, crate, shown, err) : print_crate(session, crate, err);
}

int cmd_show(const struct session *session, const struct args *args, struct err *err)
{
	char *name = args->operands[0];
	char *at = strchr(name, '@');
	const char *registry = args_value(args, "registry");
	struct shown shown = {0};
	char moment[TIME_TEXT_MAX];
	char behind[TIME_TEXT_MAX];

	if (at)
		*at++ = '\0';
	if (!*name || (at && !*at))
		return err_set(err, ERR_BAD, "show: which one: usage: yankwatch show CRATE[@VERSION]");
	int rc = moment_read(args, "at", &shown.at_ms, err);
	if (rc)
		return rc;
	if (shown.at_ms) {
		shown.at = time_format_rfc3339(shown.at_ms, moment);
		shown.until = time_format_rfc3339(shown.at_ms + 1, behind);
	}
	shown.version = at;
	return registry ? show_in(session, registry, name, &shown, err)
			: ask_everywhere(session, name, &shown, show_in, err);
}
