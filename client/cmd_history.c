/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_history.c: events, newest last. With a place to begin (--since, --after)
 * it goes forward from there to the end; without one it shows the newest few.
 */
#include "base/numbers.h"
#include "base/text.h"
#include "commands.h"
#include "http.h"
#include "moment.h"
#include "pager.h"

#include <stdio.h>
#include <string.h>

#define NEWEST_DEFAULT 100
#define LIMIT_MAX 100000 /* the newest are held in memory, to print the last one first */

const struct option_row history_options[] = {
	{"crate", "NAME", "only of this crate"},
	{OPTION_REGISTRY},
	{"version", "V", "only of this version"},
	{"project", "NAME", "only what hits this project"},
	{"event", "K,…", "only these kinds: yanked, version_deleted, …"},
	{"since", "T", "from then on: 2h or 7d ago, a date, \"2026-11-21 09:30\" in local time, or RFC 3339"},
	{"until", "T", "up to then"},
	{"limit", "N", "at most so many; 100 without --since and --after"},
	{"after", "SEQ", "go on after this event (its `seq`)"},
	{"reverse", NULL, "newest first"},
	{0},
};

static int add_moment(struct strbuf *path, const struct args *args, const char *key, struct err *err)
{
	const char *text = args_value(args, key);
	char rfc3339[TIME_TEXT_MAX];
	int64_t wall_ms;

	if (!text)
		return 0;
	if (!moment_parse(text, MOMENT_AGO, &wall_ms))
		return err_set(err, ERR_BAD,
			       "--%s: %s: no time: 2h or 7d (ago), a date, \"2026-11-21 09:30\" or RFC 3339", key,
			       text);
	http_add_query(path, key, time_format_rfc3339(wall_ms, rfc3339));
	return 0;
}

static int add_filters(struct strbuf *path, const struct args *args, struct err *err)
{
	static const char *const as_they_are[] = {"crate", "registry", "version", "project", "event", "reverse"};

	strbuf_adds(path, "/v1/events");
	for (size_t i = 0; i < ARRAY_LEN(as_they_are); i++)
		http_add_query(path, as_they_are[i], args_value(args, as_they_are[i]));
	int rc = add_moment(path, args, "since", err);
	return rc ? rc : add_moment(path, args, "until", err);
}

/* Where the pager begins and how far it goes. */
static int set_range(struct pager *pager, const struct args *args, struct err *err)
{
	const char *after = args_value(args, "after");
	const char *limit = args_value(args, "limit");
	uint64_t seq;

	pager->left = after || args_value(args, "since") ? UINT64_MAX : NEWEST_DEFAULT;
	if (limit && (!number_parse_u64(limit, LIMIT_MAX, &pager->left) || pager->left == 0))
		return err_set(err, ERR_BAD, "--limit: %s: not a number from 1 to %d", limit, LIMIT_MAX);
	if (!after)
		return 0;
	if (!number_parse_u64(after, INT64_MAX, &seq))
		return err_set(err, ERR_BAD, "--after: %s: not an event's seq", after);
	pager->next = strdup(after);
	return pager->next ? 0 : err_nomem(err);
}

static void tell_of_more(const struct pager *pager, bool older)
{
	char safe[STYLE_TEXT_MAX];

	(void)fflush(stdout);
	if (older)
		(void)fputs("yankwatch: history: there are older events: --limit or --since shows them\n", stderr);
	else
		(void)fprintf(stderr, "yankwatch: history: there are more events: --after %s goes on\n",
			      text_safe(pager->next, safe, sizeof safe));
}

int cmd_history(const struct session *session, const struct args *args, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = session->http, .member = "events"};
	bool reverse = args_value(args, "reverse");
	bool newest = !reverse && !args_value(args, "since") && !args_value(args, "after");

	int rc = add_filters(&pager.path, args, err);
	if (rc == 0)
		rc = set_range(&pager, args, err);
	if (rc == 0 && newest)
		http_add_query(&pager.path, "reverse", "true");
	if (rc == 0)
		rc = newest ? session_print_newest(session, event_columns, &pager, err)
			    : session_print_pages(session, event_columns, &pager, err);
	if (rc == 0 && pager.next)
		tell_of_more(&pager, newest);
	return rc;
}
