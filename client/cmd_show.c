/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_show.c: what the daemon knows of a crate, in each registry where it is
 * watched: its versions and their state; or of one version, with its events.
 */
#include "ask.h"
#include "commands.h"
#include "pager.h"
#include "reason.h"

#include <stdio.h>
#include <string.h>

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

static const struct column version_lines[] = {
	{"crate", "crate", column_text},
	{"version", "version", column_text},
	{"registry", "registry", column_text},
	{"state", NULL, column_version_state},
	{"changed", "changed_at", column_time},
	{"checksum", "checksum", column_whole},
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

/* `more` follows where the object has a reason. */
static int print_lines(const struct session *session, const struct column *columns, const struct column *more,
		       const cJSON *object, struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = 2};

	columns_put_lines(&table, columns, object);
	if (more && json_member(object, "reason"))
		columns_put_lines(&table, more, object);
	int rc = table_print(&table, err);
	(void)putchar('\n');
	return rc;
}

static int print_crate(const struct session *session, const cJSON *crate, struct err *err)
{
	OWNED_TABLE struct table table = {.style = &session->style, .columns = columns_count(version_columns)};
	const cJSON *version;

	if (session->json)
		return style_json(crate, err);
	int rc = print_lines(session, crate_lines, NULL, crate, err);
	if (rc)
		return rc;
	columns_put_head(&table, version_columns);
	cJSON_ArrayForEach (version, json_member(crate, "versions"))
		columns_put(&table, version_columns, version);
	return table_print(&table, err);
}

static int collect_events(struct http *http, const char *registry, const char *crate, const char *version,
			  cJSON **ret_events, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = http, .member = "events", .left = UINT64_MAX};

	strbuf_adds(&pager.path, "/v1/events");
	http_add_query(&pager.path, "registry", registry);
	http_add_query(&pager.path, "crate", crate);
	http_add_query(&pager.path, "version", version);
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

/* One document of the version: what stands in its crate's, whose it is, and its events. */
static int print_version(const struct session *session, const char *registry, cJSON *crate, const char *name,
			 struct err *err)
{
	OWNED_JSON cJSON *version = take_version(crate, name);
	OWNED_JSON cJSON *events = NULL;
	const char *crate_name = json_string(crate, "crate");

	if (!version || !crate_name)
		return err_set(err, ERR_ABSENT, "%s: no such version of this crate in %s", name, registry);
	int rc = collect_events(session->http, registry, crate_name, name, &events, err);
	if (rc)
		return rc;
	if (!cJSON_AddStringToObject(version, "registry", registry) ||
	    !cJSON_AddStringToObject(version, "crate", crate_name))
		return err_nomem(err);
	if (!session->json) {
		rc = print_lines(session, version_lines, reason_lines, version, err);
		if (!rc)
			rc = reason_print_earlier(&session->style, version, err);
		return rc ? rc : session_print(session, event_columns, events, err);
	}
	if (!cJSON_AddItemToObject(version, "events", events))
		return err_nomem(err);
	(void)TAKE(events);
	return style_json(version, err);
}

static int show_in(const struct session *session, const char *registry, const char *name, const char *version,
		   struct err *err)
{
	OWNED_JSON cJSON *crate = NULL;
	int rc = ask_crate(session->http, registry, name, &crate, err);

	if (rc)
		return rc;
	return version ? print_version(session, registry, crate, version, err) : print_crate(session, crate, err);
}

int cmd_show(const struct session *session, const struct args *args, struct err *err)
{
	char *name = args->operands[0];
	char *at = strchr(name, '@');
	const char *registry = args_value(args, "registry");

	if (at)
		*at++ = '\0';
	if (!*name || (at && !*at))
		return err_set(err, ERR_BAD, "show: which one: usage: yankwatch show CRATE[@VERSION]");
	return registry ? show_in(session, registry, name, at, err) : ask_everywhere(session, name, at, show_in, err);
}
