/* SPDX-License-Identifier: Apache-2.0 */
/* trace.c: see trace.h. */
#include "trace.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define CODE_DIGITS 3
#define CODE_GO_AHEAD 354

static const struct {
	const char *verb; /* NULL: nothing is sent that begins it */
	const char *name;
} stages[] = {
	[TRACE_CONNECT] = {NULL, "greeting"}, [TRACE_HELLO] = {"EHLO", "EHLO"},  [TRACE_TLS] = {"STARTTLS", "STARTTLS"},
	[TRACE_LOGIN] = {"AUTH", "login"},    [TRACE_MAIL] = {"MAIL", "sender"}, [TRACE_RCPT] = {"RCPT", "recipient"},
	[TRACE_DATA] = {"DATA", "the mail"},  [TRACE_END] = {NULL, "the mail"},
};

const char *trace_stage_name(enum trace_stage stage)
{
	return stages[stage].name;
}

static bool begins_with(const char *bytes, size_t len, const char *verb)
{
	size_t verb_len = strlen(verb);
	return len > verb_len && memcmp(bytes, verb, verb_len) == 0 && isspace((unsigned char)bytes[verb_len]);
}

/* What is no verb goes on with what is under way: a login's lines. */
void trace_sent(struct trace *trace, const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (stages[i].verb && begins_with(bytes, len, stages[i].verb))
			trace->stage = (enum trace_stage)i;
	if (begins_with(bytes, len, "HELO"))
		trace->stage = TRACE_HELLO;
	trace->n_asked += begins_with(bytes, len, stages[TRACE_RCPT].verb);
	trace->over |= begins_with(bytes, len, "QUIT");
}

/* Where a whole reply belongs; NULL: it tells nothing more. */
static struct trace_reply *place_of_reply(struct trace *trace)
{
	switch (trace->stage) {
	case TRACE_CONNECT:
	case TRACE_HELLO:
	case TRACE_TLS:
	case TRACE_LOGIN:
	case TRACE_MAIL:
		return &trace->last;
	case TRACE_RCPT:
		return trace->n_asked <= trace->n_recipients ? &trace->recipients[trace->n_asked - 1] : NULL;
	case TRACE_DATA:
	case TRACE_END:
		return &trace->end;
	}
	return NULL;
}

static void reply_ended(struct trace *trace)
{
	struct trace_reply *place = place_of_reply(trace);

	if (trace->stage == TRACE_DATA && trace->reading.code == CODE_GO_AHEAD)
		trace->stage = TRACE_END;
	else if (place && !trace->over)
		*place = trace->reading;
	trace->reading = (struct trace_reply){0};
}

/* The text of several lines is one, with blanks between. */
static void add_text(struct trace_reply *reply, const char *text, size_t len)
{
	size_t at = strlen(reply->text);

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	(void)snprintf(reply->text + at, sizeof reply->text - at, "%s%.*s", at > 0 && len > 0 ? " " : "", (int)len,
		       text);
}

static void line_received(struct trace *trace, const char *line, size_t len)
{
	int code = 0;

	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (i >= len || !isdigit((unsigned char)line[i]))
			return; /* no reply: libcurl will give up */
		code = code * 10 + (line[i] - '0');
	}
	trace->reading.code = code;
	if (len > CODE_DIGITS)
		add_text(&trace->reading, line + CODE_DIGITS + 1, len - CODE_DIGITS - 1);
	if (len <= CODE_DIGITS || line[CODE_DIGITS] != '-')
		reply_ended(trace);
}

void trace_received(struct trace *trace, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t line = end ? (size_t)(end - bytes) + 1 : len;
		line_received(trace, bytes, line);
		bytes += line;
		len -= line;
	}
}
