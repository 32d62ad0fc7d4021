/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_status.c: how the daemon is doing, at a glance: one line that says it
 * all, a line for each thing that is wrong (trouble.h), what failed last, and a
 * table for each part.
 */
#include "ask.h"
#include "base/clock.h"
#include "base/numbers.h"
#include "commands.h"
#include "trouble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_MAX 256 /* registries and notifiers are at most 64 each */

/* Twice: what it is like, and what it did. All fit into 100 columns. */
static const struct column registry_columns[] = {
	{"REGISTRY", "registry", column_text},
	{"STATE", "state", column_word},
	{"WATCHES", "watches", column_number},
	{"SWEPT", "swept_at", column_ago},
	{"EVERY", "interval_ms", column_span},
	{"LATE", "late_ms", column_span},
	{"FAILING", "failing", column_count},
	{"MISSING", "missing", column_count},
	{"WAITING", "waiting", column_count},
	{"UNPARSED", "unparsed", column_count},
	{0},
};

static const struct column poll_columns[] = {
	{"REGISTRY", "registry", column_text},        {"POLLS", "polls", column_number},
	{"UNCHANGED", "not_modified", column_number}, {"STALE", "stale", column_count},
	{"FAILURES", "failures", column_count},       {"IN FLIGHT", "in_flight", column_count},
	{"RECEIVED", "received_bytes", column_bytes}, {"LAST SUCCESS", "last_success_at", column_ago},
	{"PAUSED UNTIL", "paused_until", column_ago}, {0},
};

static const struct column outbox_columns[] = {
	{"DUE", "due", column_number},
	{"IN FLIGHT", "in_flight", column_count},
	{"DELIVERED", "delivered", column_number},
	{"DEAD", "dead", column_count},
	{"GATHERING", "gathering", column_count},
	{"SILENCED", "silenced", column_count},
	{0},
};

static const struct column tracker_columns[] = {
	{"QUEUE", "queue", column_count},
	{"PLACES", "places", column_number},
	{"JOBS", "jobs", column_number},
	{"COMMITS", "commits", column_number},
	{"FAILED COMMITS", "failed_commits", column_count},
	{0},
};

static const struct column database_columns[] = {
	{"EVENTS", "events", column_number},
	{"CRATES", "crates", column_number},
	{"SIZE", "bytes", column_bytes},
	{"WAL", "wal_bytes", column_bytes},
	{0},
};

static const struct column findings_columns[] = {
	{"CRITICAL", "critical", column_number}, {"HIGH", "high", column_number}, {"MEDIUM", "medium", column_number},
	{"LOW", "low", column_number},           {"INFO", "info", column_number}, {0},
};

/* The parts of the answer, each an array of objects or one object. */
static const struct section {
	const char *title, *key;
	const struct column *columns;
} sections[] = {
	{"registries", "registries", registry_columns}, {"polls", "registries", poll_columns},
	{"notifiers", "notifiers", notifier_columns},   {"outbox", "outbox", outbox_columns},
	{"findings", "findings", findings_columns},     {"tracker", "tracker", tracker_columns},
	{"database", "database", database_columns},
};

static void print_first_line(const struct style *style, const cJSON *status)
{
	OWNED_STRBUF struct strbuf line = {0};
	char span[DURATION_TEXT_MAX];
	const char *version = json_string(status, "version");
	const char *started_at = json_string(status, "started_at");
	bool is_healthy = json_bool(status, "healthy", false);
	const char *health = is_healthy ? "healthy" : "unhealthy";
	int64_t started_ms;

	strbuf_addf(&line, "yankwatchd %s", version ? version : "of unknown version");
	if (started_at && time_parse_rfc3339(started_at, &started_ms))
		strbuf_addf(&line, ", up %s", format_span(clock_wall_ms() - started_ms, span));
	strbuf_adds(&line, ": ");
	style_text(style, COLOUR_NONE, strbuf_str(&line));
	style_text(style, style_word(health), health);
	/* The registries are well, but what is seen may not reach anybody. */
	if (is_healthy && trouble_is_urgent(style, status, clock_wall_ms()))
		style_text(style, COLOUR_RED, ", but needs attention");
	(void)putchar('\n');
}

/* What went wrong last with one thing. */
struct failure {
	const cJSON *item, *error;
	const char *name, *at; /* the key of what it is called; when */
};

static int newest_first(const void *a, const void *b)
{
	const struct failure *one = a;
	const struct failure *other = b;
	return strcmp(other->at, one->at); /* as they are all UTC */
}

static size_t add_failure(struct failure *failures, size_t n, const cJSON *item, const char *name)
{
	const cJSON *error = json_member(item, "last_error");
	const char *at = json_string(error, "at");

	if (!error || n == FAILURES_MAX)
		return n;
	failures[n] = (struct failure){item, error, name, at ? at : ""};
	return n + 1;
}

static int print_errors(const struct style *style, const cJSON *status, struct err *err)
{
	OWNED_TABLE struct table table = {.style = style, .columns = 3, .indent = 2};
	struct failure failures[FAILURES_MAX];
	const cJSON *item;

	size_t n = add_failure(failures, 0, json_member(status, "config"), "file");
	cJSON_ArrayForEach (item, json_member(status, "registries"))
		n = add_failure(failures, n, item, "registry");
	cJSON_ArrayForEach (item, json_member(status, "notifiers"))
		n = add_failure(failures, n, item, "notifier");
	if (!n)
		return 0;
	qsort(failures, n, sizeof *failures, newest_first);
	for (size_t i = 0; i < n; i++) {
		column_ago(&table, failures[i].error, "at");
		column_text(&table, failures[i].item, failures[i].name);
		column_text(&table, failures[i].error, "text");
	}
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
	trouble_print(&session->style, status, clock_wall_ms());
	rc = print_errors(&session->style, status, err);
	for (size_t i = 0; i < ARRAY_LEN(sections) && rc == 0; i++)
		rc = columns_print(&session->style, sections[i].title, sections[i].columns,
				   json_member(status, sections[i].key), err);
	return rc;
}
