/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_tail.c: events as they happen, printed as `history` prints them, until it is told to
 * end. When the daemon goes away it waits for it and goes on behind the last event that it had.
 */
#include "base/numbers.h"
#include "base/text.h"
#include "event_filters.h"
#include "lines.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define LAST_MAX 1000
#define SILENCE_S 60 /* the daemon says something every 15 s */
#define AGAIN_MS 1000

const struct option_row tail_options[] = {
	{"last", "N", "begin with the newest N that are there"},
	EVENT_FILTER_ROWS,
	{"after", "SEQ", "begin behind this event (its `seq`)"},
	{0},
};

struct tail {
	const struct session *session;
	const struct args *args;
	struct table table;
	struct strbuf data; /* of the message that comes */
	int64_t message_id; /* likewise; 0: none */
	int64_t after;      /* where to go on */
	bool has_place;     /* `after` is known: 0 is the start */
	bool has_told;      /* that the daemon is away */
	struct err err;     /* why it cannot go on */
};

static int print(struct tail *tail, const cJSON *event, struct err *err)
{
	int rc;

	if (tail->session->json) {
		rc = style_json(event, err);
	} else {
		columns_put(&tail->table, event_columns, event);
		rc = table_print(&tail->table, err);
	}
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		rc = err_errno(err, "standard output");
	return rc;
}

/* ---- a message of the stream (HTML Living Standard, 9.2.6) ---- */

static void tell_that_it_is_back(struct tail *tail)
{
	if (tail->has_told)
		(void)fprintf(stderr, "yankwatch: tail: connected again: goes on behind event %" PRId64 "\n",
			      tail->after);
	tail->has_told = false;
}

/* false: enough. */
static bool end_message(struct tail *tail)
{
	OWNED_JSON cJSON *event = NULL;
	int rc = 0;

	tell_that_it_is_back(tail);
	if (tail->data.len)
		rc = json_parse(strbuf_str(&tail->data), tail->data.len, &event, &tail->err);
	if (rc)
		tail->err.code = ERR_IO; /* the daemon's mistake, not the user's */
	else if (event)
		rc = print(tail, event, &tail->err);
	if (!rc && tail->message_id) {
		tail->after = tail->message_id;
		tail->has_place = true;
	}
	tail->message_id = 0;
	strbuf_reset(&tail->data);
	return rc == 0;
}

static bool take_line(void *ctx, const char *line, size_t len)
{
	struct tail *tail = ctx;
	uint64_t id;

	if (len == 0)
		return end_message(tail);
	if (strncmp(line, "data: ", 6) == 0)
		strbuf_add(&tail->data, line + 6, len - 6);
	else if (strncmp(line, "id: ", 4) == 0 && number_parse_u64(line + 4, INT64_MAX, &id))
		tail->message_id = (int64_t)id;
	return true;
}

/* Until the stream ends, however it does. ERR_IO: it may be tried again. */
static int follow(struct tail *tail, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_LINES struct lines lines = {.take = take_line, .ctx = tail};
	const struct http_stream stream = {.path = &path,
					   .accept = "text/event-stream",
					   .silence_s = SILENCE_S,
					   .take = lines_take,
					   .ctx = &lines};
	char after[24];

	strbuf_adds(&path, "/v1/stream");
	event_filters_add(&path, tail->args);
	(void)snprintf(after, sizeof after, "%" PRId64, tail->after);
	http_add_query(&path, "after", tail->has_place ? after : NULL);
	tail->message_id = 0;
	strbuf_reset(&tail->data);
	return http_stream(tail->session->http, &stream, err);
}

/* ---- the daemon goes and comes ---- */

static bool may_be_tried_again(const struct http *http, int rc)
{
	return rc == 0 || (rc == ERR_IO &&
			   (http->status == 0 || http->status == 200 || http->status == 429 || http->status >= 500));
}

static void wait_and_tell(struct tail *tail, const struct err *why)
{
	bool is_gone = tail->session->http->status == 200; /* in the midst of it: libcurl's words help nobody */
	char safe[STYLE_TEXT_MAX];

	if (!tail->has_told)
		(void)fprintf(stderr, "yankwatch: tail: %s: tries again until it is back\n",
			      is_gone ? "the daemon has gone" : text_safe(why->text, safe, sizeof safe));
	tail->has_told = true;
	(void)poll(NULL, 0, AGAIN_MS);
}

static int follow_on(struct tail *tail, struct err *err)
{
	for (;;) {
		struct err why = {0};
		int rc = follow(tail, &why);
		if (tail->err.code) {
			*err = tail->err;
			return err->code;
		}
		/* Who never had a word has mistaken the socket, or may not read it. */
		if (!tail->has_place || !may_be_tried_again(tail->session->http, rc)) {
			*err = why;
			return rc;
		}
		wait_and_tell(tail, &why);
	}
}

/* ---- where it begins ---- */

/* The newest event of all: what is shown first ends there, and the stream begins there. */
static int find_place(struct tail *tail, struct err *err)
{
	OWNED_STRBUF struct strbuf path = {0};
	OWNED_JSON cJSON *answer = NULL;

	strbuf_adds(&path, "/v1/events?reverse=true&limit=1");
	int rc = http_get(tail->session->http, &path, &answer, err);
	const cJSON *events = json_member(answer, "events");
	tail->after = events ? json_int(events->child, "seq", 0) : 0;
	tail->has_place = rc == 0;
	return rc;
}

static int print_last(struct tail *tail, uint64_t count, struct err *err)
{
	OWNED_PAGER struct pager pager = {.http = tail->session->http, .member = "events", .left = count};
	OWNED_JSON cJSON *events = NULL;

	int rc = find_place(tail, err);
	if (rc)
		return rc;
	strbuf_adds(&pager.path, "/v1/events");
	event_filters_add(&pager.path, tail->args);
	http_add_query(&pager.path, "reverse", "true");
	if (asprintf(&pager.next, "%" PRId64, tail->after + 1) < 0) {
		pager.next = NULL;
		return err_nomem(err);
	}
	rc = pager_collect(&pager, &events, err);
	for (int i = rc ? 0 : cJSON_GetArraySize(events); i > 0 && !rc; i--)
		rc = print(tail, cJSON_GetArrayItem(events, i - 1), err);
	return rc;
}

static int begin(struct tail *tail, struct err *err)
{
	const char *last = args_value(tail->args, "last");
	uint64_t count;

	tail->has_place = args_value(tail->args, "after") != NULL;
	int rc = event_after_read(tail->args, &tail->after, err);
	if (rc || !last)
		return rc;
	if (tail->has_place)
		return err_set(err, ERR_BAD, "--last, --after: only one of them");
	if (!number_parse_u64(last, LAST_MAX, &count) || count == 0)
		return err_set(err, ERR_BAD, "--last: %s: not a number from 1 to %d", last, LAST_MAX);
	return print_last(tail, count, err);
}

int cmd_tail(const struct session *session, const struct args *args, struct err *err)
{
	struct tail tail = {.session = session,
			    .args = args,
			    .table = {.style = &session->style, .columns = columns_count(event_columns)}};

	event_columns_reserve(&tail.table);
	if (session->style.terminal && !session->json)
		columns_put_head(&tail.table, event_columns);
	int rc = begin(&tail, err);
	if (!rc)
		rc = follow_on(&tail, err);
	table_release(&tail.table);
	strbuf_release(&tail.data);
	return rc;
}
