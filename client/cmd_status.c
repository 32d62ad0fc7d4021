/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_status.c: how the daemon is doing, at a glance: one line that says it
 * all, a table for each of its parts, and the last error of each that had one.
 */
#include "ask.h"
#include "base/clock.h"
#include "base/numbers.h"
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>

static void column_bytes(struct table *table, const cJSON *object, const char *key)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	char text[32];
	double bytes = (double)json_int(object, key, -1);
	size_t i = 0;

	for (; bytes >= 1024 && i + 1 < ARRAY_LEN(units); i++)
		bytes /= 1024;
	(void)snprintf(text, sizeof text, "%.*f %s", i ? 1 : 0, bytes, units[i]);
	table_put_right(table, bytes < 0 ? NULL : text);
}

static const struct column registry_columns[] = {
	{"REGISTRY", "registry", column_text},
	{"STATE", "state", column_word},
	{"WATCHES", "watches", column_number},
	{"MISSING", "missing", column_number},
	{"WAITING", "waiting", column_number},
	{"IN FLIGHT", "in_flight", column_number},
	{"POLLS", "polls", column_number},
	{"UNCHANGED", "not_modified", column_number},
	{"STALE", "stale", column_number},
	{"UNPARSED", "unparsed", column_number},
	{"FAILURES", "failures", column_number},
	{"LATE", "late_ms", column_span},
	{"LAST SUCCESS", "last_success_at", column_time},
	{"PAUSED UNTIL", "paused_until", column_time},
	{0},
};
_Static_assert(ARRAY_LEN(registry_columns) - 1 <= TABLE_COLUMNS_MAX, "more columns than a table has");

static const struct column notifier_columns[] = {
	{"NOTIFIER", "notifier", column_text},
	{"PLUGIN", "plugin", column_text},
	{"STATE", "state", column_word},
	{"DELIVERED", "delivered", column_number},
	{"RETRIED", "retried", column_number},
	{"REJECTED", "rejected", column_number},
	{"WAITING", "waiting", column_number},
	{"DEAD", "dead", column_number},
	{"RESTARTS", "restarts", column_number},
	{"NOT CONFINED", "unconfined", column_list},
	{0},
};

static const struct column outbox_columns[] = {
	{"DUE", "due", column_number},
	{"IN FLIGHT", "in_flight", column_number},
	{"DELIVERED", "delivered", column_number},
	{"DEAD", "dead", column_number},
	{"GATHERING", "gathering", column_number},
	{"SILENCED", "silenced", column_number},
	{0},
};

static const struct column tracker_columns[] = {
	{"QUEUE", "queue", column_number},
	{"PLACES", "places", column_number},
	{"JOBS", "jobs", column_number},
	{"COMMITS", "commits", column_number},
	{"FAILED COMMITS", "failed_commits", column_number},
	{0},
};

static const struct column database_columns[] = {
	{"EVENTS", "events", column_number},
	{"CRATES", "crates", column_number},
	{"SIZE", "bytes", column_bytes},
	{"WAL", "wal_bytes", column_bytes},
	{0},
};

/* The parts of the answer, each an array of objects or one object. */
static const struct section {
	const char *key;
	const struct column *columns;
} sections[] = {
	{"registries", registry_columns}, {"notifiers", notifier_columns}, {"outbox", outbox_columns},
	{"tracker", tracker_columns},     {"database", database_columns},
};

static void print_first_line(const struct style *style, const cJSON *status)
{
	OWNED_STRBUF struct strbuf line = {0};
	char span[DURATION_TEXT_MAX];
	const char *version = json_string(status, "version");
	const char *started_at = json_string(status, "started_at");
	const char *health = json_bool(status, "healthy", false) ? "healthy" : "unhealthy";
	int64_t started_ms;

	strbuf_addf(&line, "yankwatchd %s", version ? version : "of unknown version");
	if (started_at && time_parse_rfc3339(started_at, &started_ms))
		strbuf_addf(&line, ", up %s", format_span(clock_wall_ms() - started_ms, span));
	strbuf_adds(&line, ": ");
	style_text(style, COLOUR_NONE, strbuf_str(&line));
	style_text(style, style_word(health), health);
	(void)putchar('\n');
}

/* What a person has to do something about, before all tables. */
static void print_dead_letters(const struct style *style, const cJSON *status)
{
	int64_t dead = json_int(json_member(status, "outbox"), "dead", 0);
	OWNED_STRBUF struct strbuf line = {0};

	if (dead == 0)
		return;
	strbuf_addf(&line, "%" PRId64 " dead letter%s: see `yankwatch notifications --state dead`", dead,
		    dead == 1 ? "" : "s");
	style_text(style, COLOUR_RED, strbuf_str(&line));
	(void)putchar('\n');
}

static void print_disabled(const struct style *style, const cJSON *status)
{
	const cJSON *notifier;
	char buf[STYLE_TIME_MAX];

	cJSON_ArrayForEach (notifier, json_member(status, "notifiers")) {
		OWNED_STRBUF struct strbuf line = {0};
		const char *at = json_string(notifier, "disabled_at");
		const char *name = json_string(notifier, "notifier");
		const char *text = json_string(notifier, "disabled_text");
		if (!at || !name)
			continue;
		strbuf_addf(&line, "%s is switched off since %s%s%s: `yankwatch notifier enable %s` takes it back",
			    name, style_time(style, at, buf), text && *text ? ", " : "", text ? text : "", name);
		style_text(style, COLOUR_RED, strbuf_str(&line));
		(void)putchar('\n');
	}
}

/* Its plugin ended or cannot start, so that nothing goes to it. A pause between deliveries has another state. */
static void print_pausing(const struct style *style, const cJSON *status)
{
	const cJSON *notifier;

	cJSON_ArrayForEach (notifier, json_member(status, "notifiers")) {
		OWNED_STRBUF struct strbuf line = {0};
		const char *state = json_string(notifier, "state");
		const char *name = json_string(notifier, "notifier");
		const char *text = json_string(json_member(notifier, "last_error"), "text");
		if (!state || strcmp(state, "pausing") != 0 || !name || !text)
			continue;
		strbuf_addf(&line, "%s does not run: %s", name, text);
		style_text(style, COLOUR_RED, strbuf_str(&line));
		(void)putchar('\n');
	}
}

static void print_dropped(const cJSON *status)
{
	int64_t dropped = json_int(json_member(status, "log"), "dropped", 0);

	if (dropped > 0)
		printf("log: %" PRId64 " line%s dropped\n", dropped, dropped == 1 ? "" : "s");
}

/* `name` is the key of what it is called. */
static void put_error(struct table *table, const cJSON *item, const char *name)
{
	const cJSON *error = json_member(item, "last_error");

	if (!error)
		return;
	column_time(table, error, "at");
	column_text(table, item, name);
	column_text(table, error, "text");
}

/* The last errors of the registries or of the notifiers. */
static void put_errors(struct table *table, const cJSON *part, const char *name)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, part)
		put_error(table, item, name);
}

static int print_errors(const struct style *style, const cJSON *status, struct err *err)
{
	OWNED_TABLE struct table table = {.style = style, .columns = 3, .indent = 2};

	put_error(&table, json_member(status, "config"), "file");
	put_errors(&table, json_member(status, "registries"), "registry");
	put_errors(&table, json_member(status, "notifiers"), "notifier");
	if (table.cells.len > 0)
		style_title(style, "last errors");
	return table_print(&table, err);
}

int cmd_status(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_JSON cJSON *status = NULL;

	(void)args;
	int rc = ask_get(session->http, "/v1/status", &status, err);
	if (rc)
		return rc;
	if (session->json)
		return style_json(status, err);
	print_first_line(&session->style, status);
	print_dead_letters(&session->style, status);
	print_disabled(&session->style, status);
	print_pausing(&session->style, status);
	print_dropped(status);
	for (size_t i = 0; i < ARRAY_LEN(sections) && rc == 0; i++)
		rc = columns_print(&session->style, sections[i].key, sections[i].columns,
				   json_member(status, sections[i].key), err);
	return rc ? rc : print_errors(&session->style, status, err);
}
