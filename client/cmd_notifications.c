/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_notifications.c: the outbox: what is on its way, what came of it, every
 * attempt of one, and a dead letter that is sent once more.
 */
#include "ask.h"
#include "base/numbers.h"
#include "commands.h"

#include <stdio.h>

#define LISTED_DEFAULT 100
#define LISTED_MAX 100000 /* the newest are held in memory, to print the last one first */

const struct option_row notifications_options[] = {
	{"state", "S", "only these: gathering, due, in_flight, delivered, dead or silenced"},
	{"notifier", "NAME", "only of this notifier"},
	{"crate", "NAME", "only with an event of this crate"},
	{"limit", "N", "the newest so many; 100 if not given"},
	{0},
};

static const struct column notification_columns[] = {
	{"CREATED", "created_at", column_time}, {"ID", "id", column_whole},
	{"NOTIFIER", "notifier", column_text},  {"STATE", "state", column_word},
	{"ATTEMPTS", "attempt", column_number}, {"EVENTS", "event_count", column_number},
	{"SUBJECT", "subject", column_text},    {0},
};

static const struct column notification_lines[] = {
	{"id", "id", column_whole},
	{"notifier", "notifier", column_text},
	{"about", "kind", column_text},
	{"tells of", "origin", column_text},
	{"state", "state", column_word},
	{"subject", "subject", column_text},
	{"created", "created_at", column_time},
	{"next attempt", "due_at", column_time},
	{0},
};

static const struct column attempt_columns[] = {
	{"ATTEMPT", "number", column_number},
	{"AT", "at", column_time},
	{"TOOK", "duration_ms", column_span},
	{"OUTCOME", "outcome", column_word},
	{"AGAIN AT", "due_at", column_time},
	{"ANSWER", "text", column_text},
	{0},
};

static int set_limit(struct pager *pager, const char *limit, struct err *err)
{
	pager->left = LISTED_DEFAULT;
	if (limit && (!number_parse_u64(limit, LISTED_MAX, &pager->left) || pager->left == 0))
		return err_set(err, ERR_BAD, "--limit: %s: not a number from 1 to %d", limit, LISTED_MAX);
	return 0;
}

int cmd_notifications(const struct session *session, const struct args *args, struct err *err)
{
	static const char *const filters[] = {"state", "notifier", "crate"};
	OWNED_PAGER struct pager pager = {.http = session->http, .member = "notifications"};

	strbuf_adds(&pager.path, "/v1/notifications");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		http_add_query(&pager.path, filters[i], args_value(args, filters[i]));
	int rc = set_limit(&pager, args_value(args, "limit"), err);
	if (rc == 0)
		rc = session_print_newest(session, notification_columns, &pager, err);
	if (rc == 0 && pager.next) {
		(void)fflush(stdout);
		(void)fputs("yankwatch: notifications: there are older ones: --limit shows them\n", stderr);
	}
	return rc;
}

/* Which of its events were held back, and by what. */
static void print_silenced(const struct session *session, const cJSON *silenced)
{
	const cJSON *by;

	cJSON_ArrayForEach (by, silenced) {
		if (by == silenced->child)
			(void)putchar('\n');
		style_text(&session->style, COLOUR_NONE, by->string);
		(void)fputs(" was held back by ", stdout);
		style_text(&session->style, COLOUR_NONE, cJSON_IsString(by) ? by->valuestring : "a silence");
		(void)putchar('\n');
	}
}

int cmd_notifications_show(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *notification = NULL;

	strbuf_adds(&path, "/v1/notifications");
	http_add_segment(&path, args->operands[0]);
	int rc = http_get(session->http, &path, &notification, err);
	if (rc == 0)
		rc = session_print_lines(session, notification_lines, notification, err);
	if (rc || session->json)
		return rc;
	rc = columns_print(&session->style, "attempts", attempt_columns, json_member(notification, "attempts"), err);
	if (rc == 0)
		rc = columns_print(&session->style, "events", event_columns, json_member(notification, "events"), err);
	if (rc == 0)
		print_silenced(session, json_member(notification, "silenced"));
	return rc;
}

int cmd_notifications_retry(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_STRBUF struct strbuf line = {0};
	OWNED_JSON cJSON *answer = NULL;
	const char *id = args->operands[0];

	int rc = ask_post(session->http, (const char *const[]){"/v1/notifications", id, "retry"}, 3, NULL, false,
			  &answer, err);
	if (rc)
		return rc;
	strbuf_addf(&line, "%s is due now: `yankwatch notifications show %s` tells what comes of it", id, id);
	return session_tell(session, answer, &line, err);
}
