/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h: what every command is given (the daemon, the looks, whether JSON
 * was asked for), and how the lists of all commands are printed with it.
 */
#pragma once

#include "columns.h"
#include "http.h"
#include "pager.h"
#include "style.h"

struct session {
	struct http *http;
	struct style style;
	bool json; /* one JSON object a line instead of columns */
};

/* Prints the items of an array, as rows of `columns` or as JSON. */
MUST_CHECK int session_print(const struct session *session, const struct column *columns, const cJSON *items,
			     struct err *err);

/* "no events", to a person: a program sees that there are none. `what`: the list's key in the daemon's answer. */
void session_tell_none(const struct session *session, const char *what);

/* The same of every page there is, each as it comes. */
MUST_CHECK int session_print_pages(const struct session *session, const struct column *columns, struct pager *pager,
				   struct err *err);

/* The items of an array that the daemon gives newest first; the newest comes last. */
MUST_CHECK int session_print_reversed(const struct session *session, const struct column *columns, cJSON *items,
				      struct err *err);

/* The same of pages. */
MUST_CHECK int session_print_newest(const struct session *session, const struct column *columns, struct pager *pager,
				    struct err *err);

/* One object, a line for each of the columns; or as JSON. */
MUST_CHECK int session_print_lines(const struct session *session, const struct column *columns, const cJSON *object,
				   struct err *err);

/* What a command did: `line` for people, or the daemon's answer as JSON. */
MUST_CHECK int session_tell(const struct session *session, const cJSON *answer, const struct strbuf *line,
			    struct err *err);
