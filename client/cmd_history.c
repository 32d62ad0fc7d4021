/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_history.c: events, newest last. With a place to begin (--since, --after)
 * it goes forward from there to the end; without one it shows the newest few.
 */
#include "base/numbers.h"
#include "base/text.h"
#include "event_filters.h"
#include "pager.h"

#include <stdio.h>
#include <string.h>

#define NEWEST_DEFAULT 100
#define LIMIT_MAX 100000 /* the newest are held in memory, to print the last one first */

const struct option_row history_options[] = {
	EVENT_FILTER_ROWS,
	EVENT_TIME_ROWS,
	{"limit", "N", "at most so many; 100 without --since and --after"},
	{"after", "SEQ", "go on after this event (its `seq`)"},
	{"reverse", NULL, "newest first"},
	{0},
};

/* Where the pager begins and how far it goes. */
static int set_range(struct pager *pager, const struct args *args, struct err *err)
{
	const char *after = args_value(args, "after");
	const char *limit = args_value(args, "limit");
	int64_t seq;

	pager->left = after || args_value(args, "since") ? UINT64_MAX : NEWEST_DEFAULT;
	if (limit && (!number_parse_u64(limit, LIMIT_MAX, &pager->left) || pager->left == 0))
		return err_set(err, ERR_BAD, "--limit: %s: not a number from 1 to %d", limit, LIMIT_MAX);
	if (!after)
		return 0;
	int rc = event_after_read(args, &seq, err);
	if (rc)
		return rc;
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

	strbuf_adds(&pager.path, "/v1/events");
	event_filters_add(&pager.path, args);
	http_add_query(&pager.path, "reverse", args_value(args, "reverse"));
	int rc = event_times_add(&pager.path, args, err);
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
