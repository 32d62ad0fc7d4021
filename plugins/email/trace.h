/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.h: what an SMTP server answered to what, read off the lines of the
 * session. libcurl tells of a transaction only how it ended; which recipient was
 * refused, and whether that is for good, stands in the replies (RFC 5321, 4.2).
 * Pure: bytes in, replies out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define TRACE_TEXT_MAX 200 /* bytes of a reply's text that are kept */

/* The order is the session's. */
enum trace_stage {
	TRACE_CONNECT, /* the server's greeting */
	TRACE_HELLO,
	TRACE_TLS,
	TRACE_LOGIN,
	TRACE_MAIL,
	TRACE_RCPT,
	TRACE_DATA,
	TRACE_END, /* the mail was sent, with its last dot */
};

struct trace_reply {
	int code; /* 0: none came */
	char text[TRACE_TEXT_MAX];
};

struct trace {
	enum trace_stage stage;         /* how far it came: what the next reply belongs to */
	struct trace_reply reading;     /* a reply whose last line is still to come */
	struct trace_reply last;        /* of the stages before the recipients */
	struct trace_reply end;         /* for the mail as a whole: of DATA when it was refused, else after the dot */
	struct trace_reply *recipients; /* the caller's, as many as there are recipients, in their order */
	size_t n_recipients, n_asked;
	bool over; /* QUIT was said: nothing counts any more */
};

/* A line to the server. */
void trace_sent(struct trace *trace, const char *bytes, size_t len);

/* One or more whole lines from it. */
void trace_received(struct trace *trace, const char *bytes, size_t len);

/* "login", "recipient", … */
const char *trace_stage_name(enum trace_stage stage);
