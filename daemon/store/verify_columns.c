/* SPDX-License-Identifier: Apache-2.0 */
/* verify_columns.c: see verify_columns.h. What a body begins with is written again from the columns. */
#include "store/verify_columns.h"

#include "base/json.h"
#include "store/verify.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum column { TYPES, ID, AT, REGISTRY, CRATE, VERSION, KIND, PROJECT, SOURCE, BODY };
static_assert(BODY + 1 == VERIFY_COLUMNS_COUNT, "the columns of the query");

struct row {
	struct stmt *st;
	int first;
	const char *body;
	size_t len;
};

/* NULL: it is not text, or longer than it looks. */
static const char *text_of(const struct row *row, enum column column)
{
	size_t len;
	const char *text = stmt_bytes(row->st, row->first + (int)column, &len);

	if (!text)
		return "";
	text = stmt_text(row->st, row->first + (int)column);
	return strlen(text) == len ? text : NULL;
}

static const char *or_none(const char *text)
{
	return *text ? text : NULL;
}

/* False: what stands in the columns is no event at all. */
static bool read_event(const struct row *row, int64_t seq, struct event *ret)
{
	const char *id = text_of(row, ID);
	const char *registry = text_of(row, REGISTRY);
	const char *crate = text_of(row, CRATE);
	const char *version = text_of(row, VERSION);
	const char *project = text_of(row, PROJECT);
	int64_t kind = stmt_int(row->st, row->first + KIND);

	if (!stmt_int(row->st, row->first + TYPES) || !id || strlen(id) >= EVENT_ID_MAX || !registry || !crate ||
	    !version || !project || kind < 0 || kind >= EVENT_KINDS)
		return false;
	*ret = (struct event){.seq = seq,
			      .at_ms = stmt_int(row->st, row->first + AT),
			      .registry = registry,
			      .crate = or_none(crate),
			      .version = or_none(version),
			      .kind = (enum event_kind)kind,
			      .project = or_none(project)};
	memcpy(ret->id, id, strlen(id) + 1);
	return true;
}

/* Which member of the body is another one than the columns would give; NULL: none by itself. */
static const char *find_member(const struct row *row, const struct strbuf *begin)
{
	OWNED_JSON cJSON *was = NULL;
	OWNED_JSON cJSON *is = NULL;
	OWNED_STRBUF struct strbuf closed = {0};
	const cJSON *member;
	struct err err;

	strbuf_addf(&closed, "%s}", strbuf_str(begin));
	if (json_parse(strbuf_str(&closed), closed.len, &is, &err) || json_parse(row->body, row->len, &was, &err))
		return NULL;
	cJSON_ArrayForEach (member, is) {
		static const char *const names[] = {"id",    "seq",     "at",    "registry",
						    "crate", "version", "event", "project"};
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (strcmp(names[i], member->string) == 0 &&
			    !cJSON_Compare(member, json_member(was, names[i]), true))
				return names[i];
	}
	if (json_member(was, "project") && !json_member(is, "project"))
		return "project";
	if (json_member(was, "version") && !json_member(is, "version"))
		return "version";
	return json_member(was, "crate") && !json_member(is, "crate") ? "crate" : NULL;
}

/* What the body says of its source stands behind what it begins with. */
static bool source_agrees(const struct row *row, const struct json_scan *scan)
{
	static const struct text_span source = {"source", sizeof "source" - 1};
	bool of_trail = false;

	json_for_each (key, scan->nodes)
		of_trail |= text_span_same(json_text_of(key), source);
	return stmt_int(row->st, row->first + SOURCE) == (of_trail ? EVENT_OF_AUDIT_TRAIL : 0);
}

static void say_which(const struct row *row, const struct strbuf *begin, char *ret_text)
{
	const char *member = find_member(row, begin);

	(void)snprintf(ret_text, VERIFY_TEXT_MAX, "the columns it is found by say another %s than its canonical bytes",
		       member ? member : "thing");
}

bool verify_columns_agree(struct stmt *st, int first, int64_t seq, struct strbuf *room, struct json_scan *scan,
			  char *ret_text)
{
	struct row row = {.st = st, .first = first, .body = stmt_bytes(st, first + BODY, &row.len)};
	struct json_writer w = {.out = room};
	struct event event;
	struct err err;

	if (!row.body || json_scan(scan, row.body, row.len, &err)) {
		(void)snprintf(ret_text, VERIFY_TEXT_MAX, "its canonical bytes are no JSON object");
		return false;
	}
	if (!read_event(&row, seq, &event)) {
		(void)snprintf(ret_text, VERIFY_TEXT_MAX, "a column it is found by holds what is never stored there");
		return false;
	}
	if (!source_agrees(&row, scan)) {
		(void)snprintf(ret_text, VERIFY_TEXT_MAX,
			       "the column source says another thing than its canonical bytes");
		return false;
	}
	strbuf_reset(room);
	event_write_begin(&w, &event);
	if (row.len > room->len && memcmp(row.body, strbuf_str(room), room->len) == 0 && row.body[room->len] == ',')
		return true;
	say_which(&row, room, ret_text);
	return false;
}
